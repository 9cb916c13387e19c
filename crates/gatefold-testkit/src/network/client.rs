//! A plain HTTP client for this machine: one connection a request.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A whole answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// The body, which is JSON.
    pub(super) fn json(&self) -> io::Result<Value> {
        serde_json::from_slice(&self.body).map_err(|error| self.unexpected(&error.to_string()))
    }

    /// A header, `""` if it is absent.
    pub(super) fn header(&self, name: header::HeaderName) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// An error that says what was answered instead.
    pub(super) fn unexpected(&self, why: &str) -> io::Error {
        let status = self.status;
        let body = String::from_utf8_lossy(&self.body);
        io::Error::other(format!("{why}: {status} {body}"))
    }
}

/// Headers by name.
pub(super) type Headers<'a> = &'a [(&'static str, &'a str)];

/// Asks for a URL.
pub(super) async fn get(url: &str, headers: Headers<'_>) -> io::Result<Answer> {
    send(Method::GET, url, headers, Bytes::new()).await
}

/// Sends JSON to a URL.
pub(super) async fn post(url: &str, headers: Headers<'_>, body: &Value) -> io::Result<Answer> {
    let mut headers = headers.to_vec();
    headers.push(("content-type", "application/json"));
    send(Method::POST, url, &headers, body.to_string().into()).await
}

/// Sends a request.
pub(super) async fn send(
    method: Method,
    url: &str,
    headers: Headers<'_>,
    body: Bytes,
) -> io::Result<Answer> {
    let (authority, path) = split(url)?;
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, authority);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(body)).map_err(io::Error::other)?;
    let stream = TcpStream::connect(address(authority)?).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let answered = async {
        let (head, body) = sender.send_request(request).await?.into_parts();
        Ok::<_, hyper::Error>((head, body.collect().await?.to_bytes()))
    };
    tokio::pin!(answered, connection);
    let answered = tokio::select! {
        answered = &mut answered => answered,
        // It may end with its answer read and not yet taken.
        _ = &mut connection => answered.await,
    };
    let (head, body) = answered.map_err(io::Error::other)?;
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body,
    })
}

/// `host:port`, and the path with the query.
pub(super) fn split(url: &str) -> io::Result<(&str, &str)> {
    let rest = url.strip_prefix("http://");
    let rest = rest.ok_or_else(|| io::Error::other(format!("not http: {url}")))?;
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    Ok((authority, if path.is_empty() { "/" } else { path }))
}

/// Every host of the network is this machine, whatever it is called.
fn address(authority: &str) -> io::Result<SocketAddr> {
    let port = authority.rsplit_once(':').map(|(_, port)| port.parse());
    match port {
        Some(Ok(port)) => Ok((Ipv4Addr::LOCALHOST, port).into()),
        _ => Err(io::Error::other(format!("no port: {authority}"))),
    }
}
