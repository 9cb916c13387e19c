//! One request with a DPoP proof, and the second one that a new nonce may need.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use gatefold_domain::{Clock, Timestamp};
use gatefold_net::{Client as Net, NetError, Outgoing, OutgoingBody, Url};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::{DpopKey, ErrorCode, Secret, StateToken, dpop::Proof, nonces::Nonces, random::Random};

const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// What a server says that wants another nonce (RFC 9449, sections 8 and 9).
const USE_NONCE: &str = "use_dpop_nonce";
/// The longest answer of an authorization server, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// How long an answer may take from the end of its head to its last byte. A server that sends a byte
/// now and then would otherwise be listened to for days.
const READING: Duration = Duration::from_secs(30);

/// The way to servers: the client, and what has to be remembered of them.
pub(crate) struct Wire {
    pub(crate) net: Net,
    pub(crate) random: Random,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) nonces: Nonces,
}

/// A request that can be sent again.
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    pub(crate) url: &'a str,
    pub(crate) headers: HeaderMap,
    /// Makes the body, for each time that it is sent.
    pub(crate) body: &'a (dyn Fn() -> OutgoingBody + Sync),
    /// What proves it.
    pub(crate) key: &'a DpopKey,
    /// What it shows, to a resource server.
    pub(crate) access_token: Option<&'a Secret>,
    /// The longest answer that is read, in bytes.
    pub(crate) limit: usize,
}

/// An answer, read to its end. It has no `Debug`.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// There is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// The server cannot be reached, or does not speak as it has to.
    Silent,
    /// The request is none.
    Unsendable,
}

impl Wire {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    pub(crate) fn state(&self) -> StateToken {
        StateToken::new(self.random.token().to_string())
    }

    /// Sends a request, and once more when the server answers that it wants another nonce.
    pub(crate) async fn call(&self, call: &Call<'_>) -> Result<Reply, Unanswered> {
        let url = self.net.url(call.url).map_err(|_| Unanswered::Unsendable)?;
        let origin = url.origin();
        let nonce = self.nonces.get(&origin);
        let reply = self.once(call, &url, &origin, nonce.as_deref()).await?;
        match reply.wanted_nonce() {
            None => Ok(reply),
            Some(nonce) => self.once(call, &url, &origin, Some(nonce)).await,
        }
    }

    /// Posts a form to an authorization server. It is made anew for each time that it is sent: what
    /// proves the client is good once, too.
    pub(crate) async fn form(
        &self,
        url: &str,
        form: &(dyn Fn() -> Zeroizing<String> + Sync),
        key: &DpopKey,
    ) -> Result<Reply, Unanswered> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::ACCEPT, json);
        let body = || OutgoingBody::Bytes(Bytes::copy_from_slice(form().as_bytes()));
        self.call(&Call {
            method: Method::POST,
            url,
            headers,
            body: &body,
            key,
            access_token: None,
            limit: MAX_ANSWER,
        })
        .await
    }

    async fn once(
        &self,
        call: &Call<'_>,
        url: &Url,
        origin: &str,
        nonce: Option<&str>,
    ) -> Result<Reply, Unanswered> {
        let id = self.random.token();
        let proof = call.key.prove(&Proof {
            method: call.method.as_str(),
            url: &url.expose(),
            nonce,
            access_token: call.access_token.map(Secret::expose),
            id: &id,
            now: self.now(),
        });
        let mut headers = call.headers.clone();
        headers.insert(DPOP, sensitive(&proof)?);
        if let Some(token) = call.access_token {
            let shown = Secret::new(format!("DPoP {}", token.expose()));
            headers.insert(header::AUTHORIZATION, sensitive(shown.expose())?);
        }
        let mut request = Outgoing::new(call.method.clone(), url.clone());
        request.headers = headers;
        request.body = (call.body)();
        let answer = self.net.send(request).await.map_err(unanswered)?;
        if let Some(nonce) = text(&answer.headers, &DPOP_NONCE) {
            self.nonces.put(origin, nonce);
        }
        let reading = timeout(READING, answer.body.collect(call.limit)).await;
        let body = reading.unwrap_or(Err(NetError::TimedOut));
        Ok(Reply {
            status: answer.status,
            headers: answer.headers,
            body: body.map_err(unanswered)?,
        })
    }
}

impl Reply {
    /// The `error` of an answer: a resource server's challenge (RFC 9449, section 7.1), or the body.
    pub(crate) fn error(&self) -> Option<ErrorCode> {
        ErrorCode::of(&self.body)
    }

    /// Whether a challenge names an error.
    pub(crate) fn challenges_with(&self, error: &str) -> bool {
        let wanted = format!("error=\"{error}\"");
        self.headers
            .get_all(header::WWW_AUTHENTICATE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.contains(&wanted))
    }

    /// The nonce that the request is to be sent again with.
    fn wanted_nonce(&self) -> Option<&str> {
        let wanted = matches!(self.status.as_u16(), 400 | 401)
            && (self.challenges_with(USE_NONCE)
                || self
                    .error()
                    .is_some_and(|error| error.as_str() == USE_NONCE));
        text(&self.headers, &DPOP_NONCE).filter(|_| wanted)
    }
}

/// A header's text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn sensitive(text: &str) -> Result<HeaderValue, Unanswered> {
    let mut value = HeaderValue::from_str(text).map_err(|_| Unanswered::Unsendable)?;
    value.set_sensitive(true);
    Ok(value)
}

fn unanswered(error: NetError) -> Unanswered {
    tracing::debug!(%error, "a server of the network was not heard");
    match error {
        NetError::Unread => Unanswered::Unsendable,
        _ => Unanswered::Silent,
    }
}
