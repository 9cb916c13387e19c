//! As much of an HTTP server as a stand-in needs: one request for each connection.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// A request, read to its end.
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// What is answered.
#[derive(Clone)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// How a server misbehaves.
#[derive(Clone)]
pub(crate) enum Fault {
    /// Ends the connection without an answer.
    Close,
    /// Does what was asked, and ends the connection without an answer.
    Lose,
    /// Does nothing before it is told to.
    Hold { began: Arc<Notify>, go: Arc<Notify> },
    /// Answers something else.
    Say(Answered),
    /// Answers, a byte every ten seconds.
    Drip,
}

/// What answers requests.
pub(crate) trait Handler: Send + Sync + 'static {
    fn fault(&self, asked: &Asked) -> Option<Fault>;
    fn answer(&self, asked: &Asked) -> Answered;
}

impl Answered {
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string(),
        }
    }

    pub(crate) fn html(status: u16) -> Self {
        Self {
            status,
            headers: vec![("content-type", "text/html".to_owned())],
            body: "<html><p>Something went wrong.</html>".to_owned(),
        }
    }
}

/// Answers on a port of this machine until the test ends; gives the port.
pub(crate) async fn serve(make: impl FnOnce(u16) -> Arc<dyn Handler>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let handler = make(port);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream, Arc::clone(&handler)));
        }
    });
    port
}

async fn connection(mut stream: TcpStream, handler: Arc<dyn Handler>) -> Option<()> {
    let asked = read(&mut stream).await?;
    match handler.fault(&asked) {
        Some(Fault::Close) => return None,
        Some(Fault::Lose) => {
            handler.answer(&asked);
            return None;
        }
        Some(Fault::Say(answered)) => return write(&mut stream, &answered).await,
        Some(Fault::Hold { began, go }) => {
            began.notify_one();
            go.notified().await;
        }
        Some(Fault::Drip) => return drip(&mut stream).await,
        None => {}
    }
    let answered = handler.answer(&asked);
    write(&mut stream, &answered).await
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: HashMap<_, _> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").map_or("0", String::as_str);
    let length: usize = length.parse().unwrap();
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Asked {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body,
    })
}

async fn drip(stream: &mut TcpStream) -> Option<()> {
    let body = format!("{{\"a\":1{}}}", " ".repeat(50));
    let head = format!(
        "HTTP/1.1 200 Said\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    for byte in body.bytes() {
        tokio::time::sleep(Duration::from_secs(10)).await;
        stream.write_all(&[byte]).await.ok()?;
    }
    Some(())
}

async fn write(stream: &mut TcpStream, answered: &Answered) -> Option<()> {
    let Answered {
        status,
        headers,
        body,
    } = answered;
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let head = format!(
        "HTTP/1.1 {status} Said\r\nconnection: close\r\n{}content-length: {}\r\n\r\n{body}",
        headers.concat(),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.ok()
}
