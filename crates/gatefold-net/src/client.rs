//! The client: one request, its redirects, and the limits of both.

use std::{fmt, pin::pin, sync::Arc, time::Duration};

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode,
    header::{self, LOCATION},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{client::legacy, rt::TokioTimer};
use tokio::{sync::Notify, time::sleep};

use crate::{
    background::Background,
    body::Body,
    connect::{Bounded, Connector},
    error::NetError,
    outgoing::{Outgoing, OutgoingBody, Sent},
    resolve::Resolve,
    roots::{Roots, RootsError},
    upstream::{Upstream, Upstreams},
    url::{HTTPS_PORT, InvalidUrl, Url},
};

/// The headers that a caller of [`Client::get`] may send. None of them is a credential, so that all may be repeated
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

/// The headers that a caller of [`Client::send`] may not: they belong to the connection, follow from
/// the URL and the body, or promise to understand what is never decoded here.
const WITHHELD: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Limits and exceptions.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// For a connection, from the look-up of the name to the end of the TLS handshake.
    pub connect_time: Duration,
    /// For the head of an answer, from when a connection is there; a body that is read while it is
    /// sent has as long for each piece.
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
    /// For development alone: [`Client::send`] reaches URLs with plain http on this machine
    /// (`http://localhost`, `http://127.0.0.1` and `http://[::1]`, on any port). Everything else
    /// stays as it is.
    pub insecure_loopback: bool,
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
            insecure_loopback: false,
        }
    }
}

/// The outbound HTTP client. Clones share their connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: legacy::Client<Bounded<HttpsConnector<Connector>>, Sent>,
    upstreams: Arc<Upstreams>,
    first_byte_time: Duration,
    idle_time: Duration,
    max_redirects: usize,
    ports: Vec<u16>,
    insecure_loopback: bool,
}

/// What came back.
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
    /// Makes a client; nothing is connected yet. Its connections live in the runtime that this is called
    /// in, wherever they are asked for.
    ///
    /// # Errors
    /// When there are no certificates to believe, or they cannot be read.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn new(options: ClientOptions, resolver: Arc<dyn Resolve>) -> Result<Self, RootsError> {
        let upstreams = Arc::new(options.upstreams);
        let time = options.connect_time;
        let background = Background::here();
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(options.roots.config()?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(Connector::new(
                resolver,
                Arc::clone(&upstreams),
                time,
                options.insecure_loopback,
            ));
        let http = legacy::Client::builder(background.clone())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(options.pool_time)
            .pool_max_idle_per_host(options.pool_size)
            .http1_max_buf_size(options.max_head.max(8192))
            .build(Bounded {
                connector: https,
                time,
                background,
            });
        Ok(Self(Arc::new(Inner {
            http,
            upstreams,
            first_byte_time: time.saturating_add(options.first_byte_time),
            idle_time: options.idle_time,
            max_redirects: options.max_redirects,
            ports: options.ports,
            insecure_loopback: options.insecure_loopback,
        })))
    }

    /// Reads a URL that this client could send to: plain http on this machine is one only where the
    /// client was told so.
    ///
    /// # Errors
    /// [`InvalidUrl`] for everything else.
    pub fn url(&self, text: &str) -> Result<Url, InvalidUrl> {
        if self.0.insecure_loopback {
            Url::parse_or_loopback(text)
        } else {
            Url::parse(text)
        }
    }

    /// Sends one request and gives its answer, whatever its status: no redirect is followed.
    ///
    /// # Errors
    /// [`NetError::NotAllowed`] for a port that is not allowed or plain http without the switch;
    /// [`NetError::Unread`] when the body to send cannot be read; the answers that were none.
    pub async fn send(&self, request: Outgoing) -> Result<Answer, NetError> {
        let allowed = if request.url.is_plain() {
            self.0.insecure_loopback
        } else {
            self.0.ports.contains(&request.url.port())
        };
        if !allowed {
            return Err(NetError::NotAllowed);
        }
        let mut headers = request.headers;
        for name in WITHHELD {
            headers.remove(*name);
        }
        self.once(&request.url, request.method, headers, request.body)
            .await
    }

    /// Gets a URL with https and follows redirects, as long as `allowed` covers every URL on the way, the first
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
            if url.is_plain() || !self.0.ports.contains(&url.port()) || !allowed(url) {
                return Err(NetError::NotAllowed);
            }
            let sent = headers.iter().filter(|(name, _)| ALLOWED.contains(name));
            let sent = sent.map(|(name, value)| (name.clone(), value.clone()));
            let answer = self
                .once(url, Method::GET, sent.collect(), OutgoingBody::Empty)
                .await?;
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

    async fn once(
        &self,
        url: &Url,
        method: Method,
        headers: HeaderMap,
        body: OutgoingBody,
    ) -> Result<Answer, NetError> {
        let upstream = self.0.upstreams.get(url.host());
        let uri = url
            .to_uri(upstream.map(Upstream::scheme))
            .map_err(|_| NetError::NotAllowed)?;
        let taken = Arc::new(Notify::new());
        let body = Sent::open(body, &taken).await?;
        let mut request = Request::new(body);
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let headers = request.headers_mut();
        headers.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        );
        let name = HeaderValue::from_static("gatefold");
        headers.entry(header::USER_AGENT).or_insert(name);
        if !matches!(method, Method::GET | Method::HEAD) && request.body().left() == 0 {
            // Some servers do not take the absence of a length for the absence of a body.
            let none = HeaderValue::from_static("0");
            request.headers_mut().insert(header::CONTENT_LENGTH, none);
        }
        *request.method_mut() = method;
        let mut asking = pin!(self.0.http.request(request));
        let response = loop {
            tokio::select! {
                biased;
                response = &mut asking => break response.map_err(|error| failure(&error))?,
                () = taken.notified() => {}
                () = sleep(self.0.first_byte_time) => return Err(NetError::TimedOut),
            }
        };
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

#[cfg(test)]
mod tests;
