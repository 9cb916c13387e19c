//! Small documents from servers that nobody vouches for.

use std::time::Duration;

use bytes::Bytes;
use gatefold_net::{Client, NetError, Outgoing, Url};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tokio::time::timeout;

/// The longest document, in bytes. Those in use stay far below it.
pub(crate) const MOST: usize = 64 * 1024;
/// How long one is waited for, from the look-up of the host to its last byte.
pub(crate) const TIME: Duration = Duration::from_secs(10);

/// What a server answered.
pub(crate) struct Fetched {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The document; nothing unless the status is 200.
    pub(crate) bytes: Bytes,
}

/// Gets a document. No redirect is followed.
pub(crate) async fn document(client: &Client, url: Url) -> Result<Fetched, NetError> {
    let mut request = Outgoing::new(Method::GET, url);
    let json = HeaderValue::from_static("application/json");
    request.headers.insert(header::ACCEPT, json);
    let fetching = async {
        let answer = client.send(request).await?;
        let bytes = if answer.status == StatusCode::OK {
            answer.body.collect(MOST).await?
        } else {
            Bytes::new()
        };
        Ok(Fetched {
            status: answer.status,
            headers: answer.headers,
            bytes,
        })
    };
    timeout(TIME, fetching)
        .await
        .unwrap_or(Err(NetError::TimedOut))
}

/// Whether a status says that it may be another one later.
pub(crate) fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

impl Fetched {
    /// Whether the document says that it is JSON.
    pub(crate) fn is_json(&self) -> bool {
        let stated = self.headers.get(header::CONTENT_TYPE);
        let stated = stated.and_then(|value| value.to_str().ok());
        let kind = stated.and_then(|value| value.split(';').next());
        kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    }
}
