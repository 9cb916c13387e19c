//! A web for tests: one server on loopback that answers as a function says.

use std::{
    io,
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

use gatefold_net::{Addresses, Client, ClientOptions, Resolve, Roots, Upstreams};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What is answered.
pub(crate) enum Page {
    /// A status, a content type and a body.
    Is(u16, &'static str, String),
    /// A redirect to there.
    Elsewhere(&'static str),
    /// Nothing, ever.
    Silence,
    /// The connection ends.
    End,
}

impl Page {
    /// A document that is there.
    pub(crate) fn json(body: &(impl ToString + ?Sized)) -> Self {
        Self::Is(200, "application/json; charset=utf-8", body.to_string())
    }

    /// A text that is there.
    pub(crate) fn text(body: &str) -> Self {
        Self::Is(200, "text/plain", body.to_owned())
    }

    /// A document that is not there.
    pub(crate) fn missing() -> Self {
        Self::Is(404, "text/html", "<!doctype html>".to_owned())
    }
}

/// A server; it ends with the test's runtime.
pub(crate) struct Web {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Web {
    /// Starts one. `answer` gets the host that is asked for and the path with the query.
    pub(crate) async fn start(answer: impl Fn(&str, &str) -> Page + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (log, answer) = (Arc::clone(&asked), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, answer) = (Arc::clone(&log), Arc::clone(&answer));
                // A client that goes away is not this server's concern.
                tokio::spawn(async move {
                    let _ = serve(stream, &*answer, &log).await;
                });
            }
        });
        Self { port, asked }
    }

    /// Its origin under the switch for development.
    pub(crate) fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Hosts and paths that it was asked for since this was called last.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// A client for which the hosts are here, and others nowhere.
    pub(crate) fn client(&self, hosts: &[&str], insecure_loopback: bool) -> Client {
        let mut upstreams = Upstreams::default();
        for host in hosts {
            let place = format!("http://127.0.0.1:{}", self.port);
            upstreams.insert(host, place.parse().unwrap()).unwrap();
        }
        let options = ClientOptions {
            upstreams,
            roots: Roots::These(Vec::new()),
            insecure_loopback,
            ..ClientOptions::default()
        };
        Client::new(options, Arc::new(Inside)).unwrap()
    }
}

/// A resolver to whom every name is this machine.
struct Inside;

impl Resolve for Inside {
    fn resolve<'a>(&'a self, _: &'a str) -> Addresses<'a> {
        Box::pin(async { Ok(vec![Ipv4Addr::LOCALHOST.into()]) })
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: &(dyn Fn(&str, &str) -> Page + Send + Sync),
    log: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    let path = head.split(' ').nth(1).unwrap_or_default();
    let host = head.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.unwrap_or_default();
    log.lock().unwrap().push(format!("{host}{path}"));
    let text = match answer(host, path) {
        Page::Is(status, kind, body) => format!(
            "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        ),
        Page::Elsewhere(to) => format!(
            "HTTP/1.1 302 X\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ),
        Page::Silence => return std::future::pending().await,
        Page::End => return Ok(()),
    };
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await
}
