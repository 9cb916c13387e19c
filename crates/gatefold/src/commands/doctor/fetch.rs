//! Asks a server as a client would: one request, no redirects, the start of the body.

use std::{net::IpAddr, sync::Arc, time::Duration};

use gatefold_net::Roots;
use http::{HeaderMap, Request, Uri, header};
use http_body_util::{BodyExt, Empty};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

/// How long one answer may take.
const TIME: Duration = Duration::from_secs(20);
/// How much of a body is read. A cache in between may keep only what is read to its end.
const MAX_BODY: usize = 16 << 20;

/// What a server answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A header's text; nothing when it is absent or none.
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// A member of the JSON object that the body is.
    pub(super) fn member(&self, name: &str) -> Option<String> {
        let body: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        Some(body.get(name)?.as_str()?.to_owned())
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FetchError {
    #[error("this system has no certificate authorities to believe")]
    NoTls,
    #[error("{0}")]
    Unreachable(String),
    #[error("it did not answer in {} seconds", TIME.as_secs())]
    TimedOut,
    #[error("it does not speak HTTP")]
    NotHttp,
}

/// Who asks: the one seam between these checks and the network.
pub(super) trait Fetch {
    /// Sends a `GET`, as a page of the origin would when one is given.
    async fn get(&self, url: &str, origin: Option<&str>) -> Result<Answer, FetchError>;
}

/// Over HTTP, in TLS or plain.
pub(super) struct Http;

impl Fetch for Http {
    async fn get(&self, url: &str, origin: Option<&str>) -> Result<Answer, FetchError> {
        tokio::time::timeout(TIME, get(url, origin))
            .await
            .unwrap_or(Err(FetchError::TimedOut))
    }
}

/// A connection, encrypted or not.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Wire for S {}

async fn get(url: &str, origin: Option<&str>) -> Result<Answer, FetchError> {
    let unreachable = |error: std::io::Error| FetchError::Unreachable(error.to_string());
    let not_http = |_| FetchError::NotHttp;
    let uri: Uri = url.parse().map_err(|_| FetchError::NotHttp)?;
    let is_tls = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => false,
        _ => return Err(FetchError::NotHttp),
    };
    let authority = uri.authority().ok_or(FetchError::NotHttp)?;
    let usual_port = if is_tls { 443 } else { 80 };
    let port = authority.port_u16().unwrap_or(usual_port);
    let bare = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']');
    let stream = match bare.parse::<IpAddr>() {
        Ok(address) => TcpStream::connect((address, port)).await,
        Err(_) => TcpStream::connect((bare, port)).await,
    };
    let stream = stream.map_err(unreachable)?;
    let stream: Box<dyn Wire> = if is_tls {
        let config = Roots::System.config().map_err(|_| FetchError::NoTls)?;
        let name = ServerName::try_from(bare.to_owned()).map_err(|_| FetchError::NotHttp)?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream);
        Box::new(stream.await.map_err(unreachable)?)
    } else {
        Box::new(stream)
    };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(not_http)?;
    // Ends with its sender.
    tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::get(path)
        .header(header::HOST, authority.as_str())
        .header(
            header::USER_AGENT,
            concat!("gatefold-doctor/", env!("CARGO_PKG_VERSION")),
        );
    if let Some(origin) = origin {
        request = request.header(header::ORIGIN, origin);
    }
    let request = request
        .body(Empty::<Bytes>::new())
        .map_err(|_| FetchError::NotHttp)?;
    let (head, mut stream) = sender
        .send_request(request)
        .await
        .map_err(not_http)?
        .into_parts();
    let mut body = Vec::new();
    while let Some(frame) = stream.frame().await {
        if let Ok(data) = frame.map_err(not_http)?.into_data() {
            body.extend_from_slice(&data);
        }
        if body.len() >= MAX_BODY {
            break;
        }
    }
    Ok(Answer {
        status: head.status.as_u16(),
        headers: head.headers,
        body,
    })
}
