//! The client: one request, its redirects, and the limits of both.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode,
    header::{self, LOCATION},
};
use http_body::{Frame, SizeHint};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy,
    rt::{TokioExecutor, TokioTimer},
};
use tokio::time::timeout;

use crate::{
    body::Body,
    connect::{Bounded, Connector},
    error::NetError,
    resolve::Resolve,
    roots::{Roots, RootsError},
    upstream::Upstreams,
    url::{HTTPS_PORT, Url},
};

/// The headers that a caller may send. None of them is a credential, so that all may be repeated
/// wherever a redirect leads.
const ALLOWED: &[HeaderName] = &[
    header::ACCEPT,
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::IF_UNMODIFIED_SINCE,
    header::RANGE,
];

/// Limits and exceptions.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// For a connection, from the look-up of the name to the end of the TLS handshake.
    pub connect_time: Duration,
    /// For the head of an answer, from when a connection is there.
    pub first_byte_time: Duration,
    /// Between two pieces of a body.
    pub idle_time: Duration,
    /// The longest head of an answer, in bytes; at least 8 KiB.
    pub max_head: usize,
    /// How many redirects are followed.
    pub max_redirects: usize,
    /// The ports that a URL may name.
    pub ports: Vec<u16>,
    /// Hosts that are somewhere else.
    pub upstreams: Upstreams,
    /// How long a connection is kept that nobody uses.
    pub pool_time: Duration,
    /// How many such connections are kept for each host.
    pub pool_size: usize,
    /// Whose certificates are believed.
    pub roots: Roots,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            connect_time: Duration::from_secs(10),
            first_byte_time: Duration::from_secs(20),
            idle_time: Duration::from_secs(20),
            max_head: 64 * 1024,
            max_redirects: 5,
            ports: vec![HTTPS_PORT],
            upstreams: Upstreams::default(),
            pool_time: Duration::from_mins(1),
            pool_size: 32,
            roots: Roots::System,
        }
    }
}

/// The outbound HTTP client. Clones share their connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: legacy::Client<Bounded<HttpsConnector<Connector>>, NoBody>,
    upstreams: Arc<Upstreams>,
    first_byte_time: Duration,
    idle_time: Duration,
    max_redirects: usize,
    ports: Vec<u16>,
}

/// An answer that is not a redirect.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Body,
}

impl Client {
    /// Makes a client; nothing is connected yet.
    ///
    /// # Errors
    /// When there are no certificates to believe, or they cannot be read.
    pub fn new(options: ClientOptions, resolver: Arc<dyn Resolve>) -> Result<Self, RootsError> {
        let upstreams = Arc::new(options.upstreams);
        let time = options.connect_time;
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(options.roots.config()?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(Connector::new(resolver, Arc::clone(&upstreams), time));
        let http = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(options.pool_time)
            .pool_max_idle_per_host(options.pool_size)
            .http1_max_buf_size(options.max_head.max(8192))
            .build(Bounded {
                connector: https,
                time,
            });
        Ok(Self(Arc::new(Inner {
            http,
            upstreams,
            first_byte_time: time.saturating_add(options.first_byte_time),
            idle_time: options.idle_time,
            max_redirects: options.max_redirects,
            ports: options.ports,
        })))
    }

    /// Gets a URL and follows redirects, as long as `allowed` covers every URL on the way, the first
    /// one too. Of `headers` only those are sent that are conditions, a range or `Accept`.
    ///
    /// # Errors
    /// The answers that were none; an answer with any status that is not a redirect is an [`Answer`].
    pub async fn get(
        &self,
        url: &Url,
        headers: &HeaderMap,
        allowed: &(dyn Fn(&Url) -> bool + Sync),
    ) -> Result<Answer, NetError> {
        let mut way = vec![url.clone()];
        loop {
            let Some(url) = way.last() else {
                return Err(NetError::BadRedirect);
            };
            if !self.0.ports.contains(&url.port()) || !allowed(url) {
                return Err(NetError::NotAllowed);
            }
            let answer = self.once(url, headers).await?;
            if !is_redirect(answer.status) {
                return Ok(answer);
            }
            let next = answer
                .headers
                .get(LOCATION)
                .and_then(|location| location.to_str().ok())
                .and_then(|location| url.join(location).ok())
                .ok_or(NetError::BadRedirect)?;
            // `way` holds the first URL too, so its length is one more than the redirects so far.
            if way.len() > self.0.max_redirects || way.contains(&next) {
                return Err(NetError::TooManyRedirects);
            }
            way.push(next);
        }
    }

    async fn once(&self, url: &Url, headers: &HeaderMap) -> Result<Answer, NetError> {
        let upstream = self.0.upstreams.get(url.host());
        let uri = url
            .to_uri(upstream.map_or("https", |upstream| upstream.scheme()))
            .map_err(|_| NetError::NotAllowed)?;
        let mut request = Request::new(NoBody);
        *request.method_mut() = Method::GET;
        *request.uri_mut() = uri;
        for (name, value) in headers {
            if ALLOWED.contains(name) {
                request.headers_mut().append(name, value.clone());
            }
        }
        let ours = [
            (header::ACCEPT_ENCODING, "identity"),
            (header::USER_AGENT, "gatefold"),
        ];
        for (name, value) in ours {
            let value = HeaderValue::from_static(value);
            request.headers_mut().insert(name, value);
        }
        let response = timeout(self.0.first_byte_time, self.0.http.request(request))
            .await
            .map_err(|_| NetError::TimedOut)?
            .map_err(|error| failure(&error))?;
        let (head, incoming) = response.into_parts();
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body: Body::new(incoming, self.0.idle_time),
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Client")
    }
}

/// What connecting failed for is our own error or that of TLS; anything else happened before either.
fn failure(error: &legacy::Error) -> NetError {
    match NetError::below(error) {
        NetError::Protocol if error.is_connect() => NetError::Unreachable,
        cause => cause,
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The body of a request that has none.
struct NoBody;

impl http_body::Body for NoBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        true
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(0)
    }
}

#[cfg(test)]
mod tests;
