//! A server that misbehaves as it is told: one request for each connection.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use gatefold_client::Client;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A request, as far as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// What is done with a request.
pub(crate) enum Said {
    /// This is answered, when all of the request is there.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// These bytes are sent, and the connection is closed.
    Raw(String),
    /// This is answered at once, and nothing more is read.
    Early(u16, String),
    /// The connection is closed after so many bytes of the body.
    Close(usize),
}

impl Said {
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        let kind = ("content-type", "application/json".to_owned());
        Self::Answer(status, vec![kind], body.to_string().into_bytes())
    }

    pub(crate) fn moved(there: &str) -> Self {
        Self::Answer(307, vec![("location", there.to_owned())], Vec::new())
    }
}

/// A server on a port of this machine, until the test ends.
pub(crate) struct StandIn {
    pub(crate) origin: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl StandIn {
    /// Does with each request, by its line without the version, what `says` says.
    pub(crate) async fn start(says: impl Fn(&str) -> Said + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (says, seen) = (Arc::new(says), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (says, seen) = (Arc::clone(&says), Arc::clone(&seen));
                tokio::spawn(async move { connection(stream, &*says, &seen).await });
            }
        });
        Self { origin, asked }
    }

    /// A client of it that shows a token.
    pub(crate) fn client(&self) -> Client {
        let client = Client::new(self.origin.parse().unwrap()).unwrap();
        client.with_token("abc".parse().unwrap())
    }

    /// What it was asked, so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The lines of what it was asked.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

async fn connection(
    mut stream: TcpStream,
    says: &(dyn Fn(&str) -> Said + Send + Sync),
    seen: &Mutex<Vec<Asked>>,
) -> Option<()> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let mut body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let headers: HashMap<_, _> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let said = says(&line);
    let length = headers.get("content-length").map_or("0", String::as_str);
    let mut wanted: usize = length.parse().unwrap();
    match said {
        Said::Early(..) => wanted = 0,
        Said::Close(len) => wanted = wanted.min(len),
        _ => {}
    }
    while body.len() < wanted {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            break;
        }
    }
    seen.lock().unwrap().push(Asked {
        line,
        headers,
        body,
    });
    match said {
        Said::Answer(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} Said\r\nconnection: close\r\n");
            for (name, value) in headers {
                write!(head, "{name}: {value}\r\n").unwrap();
            }
            write!(head, "content-length: {}\r\n\r\n", body.len()).unwrap();
            stream.write_all(head.as_bytes()).await.ok()?;
            stream.write_all(&body).await.ok()
        }
        Said::Early(status, body) => {
            let head = format!(
                "HTTP/1.1 {status} Said\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(head.as_bytes()).await.ok()?;
            stream.shutdown().await.ok()?;
            // As servers do that want to be heard: what still comes is thrown away.
            let mut rest = vec![0; 1 << 16];
            while stream.read(&mut rest).await.ok()? > 0 {}
            Some(())
        }
        Said::Raw(text) => stream.write_all(text.as_bytes()).await.ok(),
        Said::Close(_) => None,
    }
}
