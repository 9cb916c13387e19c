//! A plain HTTP client: one connection a request, and nothing in a request that the test did not
//! put there, except `Host`.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use hyper::{body::Body, client::conn::http1};
use hyper_util::rt::TokioIo;
use serde_json::Value;
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
    let connection = tokio::spawn(connection);
    let host = address.to_string().parse()?;
    request.headers_mut().entry(header::HOST).or_insert(host);
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    connection.abort();
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body,
    })
}
