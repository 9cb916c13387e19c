//! A plain HTTP client: one connection a request, and nothing in a request that the test did not
//! put there, except `Host`.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header, response};
use http_body_util::{BodyExt, Empty};
use hyper::{
    body::{Body, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;

use crate::{Error, Result};

/// A request without a body.
pub type Ask = Request<Empty<Bytes>>;

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The SHA-256 of the body, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        sha256(&self.body)
    }

    /// The body, which is JSON.
    ///
    /// # Errors
    /// When it is not.
    pub fn json(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// A header as text; a repeated one as a list; `""` for an absent one.
    #[must_use]
    pub fn header(&self, name: &str) -> String {
        let lines = self.headers.get_all(name).iter();
        let lines: Vec<_> = lines.map(|line| line.to_str().unwrap_or("?")).collect();
        lines.join(", ")
    }
}

/// A SHA-256 in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes);
    digits
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A request for a path.
#[must_use]
pub fn ask(method: Method, path: &str) -> Ask {
    let mut request = Request::new(Empty::new());
    *request.method_mut() = method;
    if let Ok(uri) = path.parse() {
        *request.uri_mut() = uri;
    }
    request
}

/// A `GET` of a path.
#[must_use]
pub fn get(path: &str) -> Ask {
    ask(Method::GET, path)
}

/// Adds a header to a request; a second one of the same name does not replace the first.
#[must_use]
pub fn with(mut request: Ask, name: &'static str, value: &str) -> Ask {
    if let Ok(value) = value.parse() {
        request.headers_mut().append(name, value);
    }
    request
}

/// Sends a request on a connection of its own.
///
/// # Errors
/// When there is no whole answer.
pub async fn send<B>(address: SocketAddr, mut request: Request<B>) -> Result<Answer>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Error>,
{
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = AbortOnDrop(tokio::spawn(connection));
    let host = address.to_string().parse()?;
    request.headers_mut().entry(header::HOST).or_insert(host);
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    drop(connection);
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body,
    })
}

/// How an answer came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As it was announced.
    Whole,
    /// The transfer broke off.
    Broken,
    /// The client had enough.
    Left,
}

/// As much of an answer as came.
#[derive(Debug)]
pub struct Taken {
    /// The head, and the bytes of the body that came.
    pub answer: Answer,
    /// How it ended.
    pub end: End,
}

/// Sends a request on a connection of its own and takes at most `most` bytes of the answer's body;
/// then it goes without a word.
///
/// # Errors
/// When there is not even a head.
pub async fn take(address: SocketAddr, request: Ask, most: usize) -> Result<Taken> {
    Ok(begin(address, request).await?.take(most).await)
}

/// An answer that has begun.
pub struct Begun {
    /// Its head.
    pub head: response::Parts,
    body: Incoming,
    _connection: AbortOnDrop<hyper::Result<()>>,
}

/// Sends a request on a connection of its own and takes the head of the answer.
///
/// # Errors
/// When there is none.
pub async fn begin(address: SocketAddr, mut request: Ask) -> Result<Begun> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection = AbortOnDrop(tokio::spawn(connection));
    let host = address.to_string().parse()?;
    request.headers_mut().entry(header::HOST).or_insert(host);
    let (head, body) = sender.send_request(request).await?.into_parts();
    Ok(Begun {
        head,
        body,
        _connection: connection,
    })
}

impl Begun {
    /// Takes at most `most` bytes of the body, and goes.
    pub async fn take(mut self, most: usize) -> Taken {
        let mut bytes = Vec::new();
        let end = loop {
            if bytes.len() > most {
                break End::Left;
            }
            match self.body.frame().await {
                None => break End::Whole,
                Some(Err(_)) => break End::Broken,
                Some(Ok(frame)) => {
                    bytes.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new()));
                }
            }
        };
        Taken {
            answer: Answer {
                status: self.head.status,
                headers: self.head.headers,
                body: bytes.into(),
            },
            end,
        }
    }
}

/// Whatever ends a request ends its connection, too.
struct AbortOnDrop<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
