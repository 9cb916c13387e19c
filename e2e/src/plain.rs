//! A plain web server, for comparison: one file at one address that never changes, with everything
//! that lets a browser keep it; and a page that plays it.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpListener,
    task::{AbortHandle, JoinSet},
};

use crate::Result;

const PAGE: &str = "<!doctype html><title>plain</title><link rel=icon href=data:,>\
                    <audio id=audio src=/piece.wav preload=metadata></audio>";
const ETAG: &str = "\"the-one\"";

/// A running server; it stops when this is dropped.
pub struct Plain {
    /// Where it listens.
    pub address: SocketAddr,
    task: AbortHandle,
}

impl Plain {
    /// Serves a page at `/`, and at `/piece.wav` this file, which it plays.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(file: Bytes) -> Result<Self> {
        Self::serve(move |request| answer(&file, request)).await
    }

    /// Refuses everything.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn refusing() -> Result<Self> {
        Self::serve(|_| reply(StatusCode::FORBIDDEN, Bytes::from_static(b"{}"))).await
    }

    async fn serve(
        answer: impl Fn(&Request<Incoming>) -> Response<Full<Bytes>> + Clone + Send + 'static,
    ) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answer.clone();
                connections.spawn(async move {
                    let service = service_fn(move |request| {
                        let answer = answer(&request);
                        async { Ok::<_, Infallible>(answer) }
                    });
                    // A browser that leaves is no error.
                    let _ = http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self {
            address,
            task: task.abort_handle(),
        })
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn reply(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response
}

fn answer(file: &Bytes, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let asked = |name| request.headers().get(name).and_then(|it| it.to_str().ok());
    let mut response = match request.uri().path() {
        "/" => reply(StatusCode::OK, Bytes::from_static(PAGE.as_bytes())),
        "/piece.wav" if asked(header::IF_NONE_MATCH) == Some(ETAG) => {
            reply(StatusCode::NOT_MODIFIED, Bytes::new())
        }
        "/piece.wav" => match asked(header::RANGE).and_then(|range| part(file, range)) {
            Some((body, range)) => {
                let mut response = reply(StatusCode::PARTIAL_CONTENT, body);
                if let Ok(range) = range.parse() {
                    response.headers_mut().insert(header::CONTENT_RANGE, range);
                }
                response
            }
            None => reply(StatusCode::OK, file.clone()),
        },
        _ => return reply(StatusCode::NOT_FOUND, Bytes::new()),
    };
    let kind = match request.uri().path() {
        "/" => "text/html",
        _ => "audio/wav",
    };
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::ETAG, ETAG),
        (header::ACCEPT_RANGES, "bytes"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::LAST_MODIFIED, "Thu, 01 Jan 2026 00:00:00 GMT"),
    ] {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The bytes that a browser's `Range` asks for, and where they are.
fn part(file: &Bytes, range: &str) -> Option<(Bytes, String)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let first: usize = first.parse().ok()?;
    let end = file.len().checked_sub(1)?;
    let last = last.parse().unwrap_or(end).min(end);
    if first > last {
        return None;
    }
    let body = file.slice(first..=last);
    Some((body, format!("bytes {first}-{last}/{}", file.len())))
}
