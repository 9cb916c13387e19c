//! Requests in the name of a person: XRPC at their own server.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use gatefold_domain::Timestamp;
use gatefold_net::OutgoingBody;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    ErrorCode, Grant, GrantId, PersonError, form,
    oauth::Inner,
    refresh,
    wire::{self, Call, Reply, Unanswered},
};

/// The longest name of a call, in bytes.
const MAX_NSID: usize = 317;

/// Somebody whose grant is in the store, at their own server. Whether it is still there shows with
/// the first request.
#[derive(Clone)]
pub struct Person {
    inner: Arc<Inner>,
    grant: GrantId,
}

/// A blob on a person's server, as their records refer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The hash by which it is known.
    pub cid: String,
    /// What it is, as the server sees it.
    pub mime_type: String,
    /// Its length in bytes.
    pub size: u64,
}

impl Person {
    pub(crate) fn new(inner: Arc<Inner>, grant: GrantId) -> Self {
        Self { inner, grant }
    }

    /// Asks: a query of XRPC, with its parameters in order.
    ///
    /// # Errors
    /// When there is no answer, or none of the kind that is expected ([`PersonError`]).
    pub async fn get<T: DeserializeOwned>(
        &self,
        nsid: &str,
        params: &[(&str, &str)],
    ) -> Result<T, PersonError> {
        let query = form::encode(params.iter().copied());
        let request = Request::new(Method::GET, nsid, &query, OutgoingBody::Empty)?;
        read(&self.ask(request).await?)
    }

    /// Does: a procedure of XRPC, with a JSON body.
    ///
    /// # Errors
    /// When it was not done, or it is not known whether ([`PersonError::Unavailable`]).
    pub async fn post<T: DeserializeOwned>(
        &self,
        nsid: &str,
        body: &impl Serialize,
    ) -> Result<T, PersonError> {
        let body = serde_json::to_vec(body).map_err(|_| PersonError::Request)?;
        if body.len() > self.inner.limits.request {
            return Err(PersonError::Request);
        }
        let body = OutgoingBody::Bytes(Bytes::from(body));
        let mut request = Request::new(Method::POST, nsid, "", body)?;
        let json = HeaderValue::from_static("application/json");
        request.headers.insert(header::CONTENT_TYPE, json);
        read(&self.ask(request).await?)
    }

    /// Uploads a blob. It belongs to nobody, and soon goes away, until a record refers to it. A body
    /// that is [`OutgoingBody::Replayable`] is read anew for each time that it is sent: a server that
    /// wants another nonce may want it twice.
    ///
    /// # Errors
    /// When it is not there afterwards, or it is not known whether ([`PersonError::Unavailable`]).
    pub async fn upload_blob(
        &self,
        body: OutgoingBody,
        mime_type: &str,
    ) -> Result<Blob, PersonError> {
        let length = match &body {
            OutgoingBody::Empty => 0,
            OutgoingBody::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            OutgoingBody::Replayable(replay) => replay.length(),
        };
        if length > self.inner.limits.blob {
            return Err(PersonError::Request);
        }
        let mut request = Request::new(Method::POST, "com.atproto.repo.uploadBlob", "", body)?;
        let kind = HeaderValue::from_str(mime_type).map_err(|_| PersonError::Request)?;
        request.headers.insert(header::CONTENT_TYPE, kind);
        let Uploaded { blob } = read(&self.ask(request).await?)?;
        Ok(Blob {
            cid: blob.reference.link,
            mime_type: blob.mime_type,
            size: blob.size,
        })
    }

    async fn ask(&self, request: Request) -> Result<Reply, PersonError> {
        let inner = &self.inner;
        let grant = refresh::fresh(inner, self.grant).await?;
        let mut reply = self.send(&request, &grant).await?;
        if is_expired(&reply) {
            // Most often somebody else has refreshed meanwhile, which ends the old token at once.
            let grant = refresh::renewed(inner, self.grant, &grant.access_token).await?;
            reply = self.send(&request, &grant).await?;
        }
        if reply.status.is_success() {
            return Ok(reply);
        }
        Err(refusal(&reply, inner.now()))
    }

    async fn send(&self, request: &Request, grant: &Grant) -> Result<Reply, PersonError> {
        let call = Call {
            method: request.method.clone(),
            url: &format!("{}{}", grant.pds, request.target),
            headers: request.headers.clone(),
            body: &|| request.body.clone(),
            key: &grant.dpop_key,
            access_token: Some(&grant.access_token),
            limit: self.inner.limits.answer,
        };
        let reply = self.inner.wire.call(&call).await;
        reply.map_err(|error| match error {
            Unanswered::Silent => PersonError::Unavailable,
            Unanswered::Unsendable => PersonError::Request,
        })
    }
}

impl Blob {
    /// The blob as a record holds it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "$type": "blob",
            "ref": {"$link": self.cid},
            "mimeType": self.mime_type,
            "size": self.size,
        })
    }
}

/// A request to whichever server the person has.
struct Request {
    method: Method,
    /// Path and query.
    target: String,
    headers: HeaderMap,
    body: OutgoingBody,
}

impl Request {
    fn new(
        method: Method,
        nsid: &str,
        query: &str,
        body: OutgoingBody,
    ) -> Result<Self, PersonError> {
        if !is_nsid(nsid) {
            return Err(PersonError::Request);
        }
        let joint = if query.is_empty() { "" } else { "?" };
        let mut headers = HeaderMap::new();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::ACCEPT, json);
        Ok(Self {
            method,
            target: format!("/xrpc/{nsid}{joint}{query}"),
            headers,
            body,
        })
    }
}

#[derive(Deserialize)]
struct Uploaded {
    blob: BlobJson,
}

#[derive(Deserialize)]
struct BlobJson {
    #[serde(rename = "ref")]
    reference: LinkJson,
    #[serde(rename = "mimeType")]
    mime_type: String,
    size: u64,
}

#[derive(Deserialize)]
struct LinkJson {
    #[serde(rename = "$link")]
    link: String,
}

fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, PersonError> {
    // A procedure without an answer answers nothing.
    let body = if reply.body.is_empty() {
        b"null"
    } else {
        &reply.body[..]
    };
    serde_json::from_slice(body).map_err(|_| PersonError::Unavailable)
}

/// At least three parts of letters, digits and hyphens.
fn is_nsid(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= MAX_NSID && text.split('.').count() >= 3 && text.split('.').all(part)
}

/// Whether the access token is no longer good (RFC 6750, section 3.1).
fn is_expired(reply: &Reply) -> bool {
    reply.status == StatusCode::UNAUTHORIZED
        && (reply.challenges_with("invalid_token")
            || reply
                .error()
                .is_some_and(|error| matches!(error.as_str(), "invalid_token" | "ExpiredToken")))
}

fn refusal(reply: &Reply, now: Timestamp) -> PersonError {
    let code = reply.error();
    let is_scope =
        |code: &ErrorCode| matches!(code.as_str(), "ScopeMissingError" | "insufficient_scope");
    match reply.status.as_u16() {
        403 if code.as_ref().is_some_and(is_scope)
            || reply.challenges_with("insufficient_scope") =>
        {
            PersonError::ScopeMissing
        }
        429 => PersonError::RateLimited {
            retry_after: retry_after(&reply.headers, now),
        },
        // After a refresh: the server does not know its own token. Or a proxy in between.
        401 if is_expired(reply) || code.as_ref().is_some_and(is_nonce) => PersonError::Unavailable,
        status @ 400..=499 => PersonError::Invalid {
            status,
            code: code.unwrap_or_else(|| ErrorCode::new("")),
        },
        _ => PersonError::Unavailable,
    }
}

fn is_nonce(code: &ErrorCode) -> bool {
    code.as_str() == "use_dpop_nonce"
}

/// `Retry-After` in seconds, or what `RateLimit-Reset` leaves until its moment.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let number = |name: &HeaderName| wire::text(headers, name)?.parse::<u32>().ok();
    if let Some(seconds) = number(&header::RETRY_AFTER) {
        return Some(Duration::from_secs(seconds.into()));
    }
    let reset = i64::from(number(&HeaderName::from_static("ratelimit-reset"))?);
    let reset = Timestamp::from_millis(reset.saturating_mul(1000));
    Some(reset.since(now))
}

#[cfg(test)]
mod tests;
