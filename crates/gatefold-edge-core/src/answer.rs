//! The head of every answer that an edge gives: to sealed URLs, and to those of public objects.

use std::time::Duration;

use gatefold_seal::{Stage, TicketRefusal, UnixSeconds};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{
    admit::{Admission, Cors, Denial, Preflight},
    binder::Bound,
    plan::{Object, Plan},
};

/// What CDNs are told beside browsers (RFC 9213).
const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");
/// What scripts may read of an answer.
const EXPOSED: HeaderValue =
    HeaderValue::from_static("Accept-Ranges, Content-Length, Content-Range, ETag");
/// When to ask again what cannot be asked now, in seconds.
const RETRY_SECONDS: u32 = 5;

/// A status and headers, and for an error a JSON body.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The status code.
    pub status: StatusCode,
    /// The headers, without `Date` and connection headers.
    pub headers: HeaderMap,
}

/// Something went wrong behind the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The origin has no such object.
    #[error("there is nothing behind this URL")]
    NotFound,
    /// The origin failed.
    #[error("the media cannot be read at the moment")]
    Origin,
}

/// A request that is turned away before anything of it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Limited {
    /// The URL is longer than any that could be answered.
    #[error("this URL is too long")]
    UrlTooLong,
    /// As many requests of this address are being answered as may be at one time.
    #[error("too many requests at one time")]
    TooManyAtOnce,
    /// The address has sent too many URLs that could not be opened.
    #[error("too many URLs that cannot be opened")]
    TooManyFailures,
    /// The server cannot keep count of one more address.
    #[error("too many clients at one time")]
    NoRoom,
}

impl Limited {
    /// The limit's stable name on the wire and in metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::UrlTooLong => "url_too_long",
            Self::TooManyAtOnce => "too_many_at_once",
            Self::TooManyFailures => "too_many_failures",
            Self::NoRoom => "too_many_clients",
        }
    }
}

/// The head of the answer to an admitted request.
#[must_use]
pub fn opened(admission: &Admission<'_>, object: &Object, plan: Plan, now: UnixSeconds) -> Head {
    let left = now.until(admission.opened.payload.window().valid_until());
    let mut head = granted(object, plan, left);
    cors(&mut head.headers, admission.cors);
    head
}

/// The head of the answer to a request that was admitted by other means than a seal: browsers may keep it
/// for as long as its URL is good.
#[must_use]
pub fn granted(object: &Object, plan: Plan, left: Duration) -> Head {
    let mut headers = HeaderMap::with_capacity(16);
    put(
        &mut headers,
        header::CACHE_CONTROL,
        &format!("private, max-age={}, immutable", left.as_secs()),
    );
    if matches!(plan, Plan::PreconditionFailed | Plan::Unsatisfiable) {
        // An error is of this request, not of the URL.
        let never = HeaderValue::from_static("private, no-store");
        headers.insert(header::CACHE_CONTROL, never);
    }
    headers.insert(CDN_CACHE_CONTROL, HeaderValue::from_static("no-store"));
    describe(&mut headers, object, plan);
    harden(&mut headers);
    Head {
        status: plan.status(),
        headers,
    }
}

/// The head of the answer to a request for a public object.
#[must_use]
pub fn public(object: &Object, plan: Plan) -> Head {
    let mut headers = HeaderMap::with_capacity(16);
    if matches!(plan, Plan::PreconditionFailed | Plan::Unsatisfiable) {
        // An error is of this request, not of the object.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    } else {
        let hour = HeaderValue::from_static("public, max-age=3600");
        headers.insert(header::CACHE_CONTROL, hour);
        // It is purged when it is withdrawn.
        let year = HeaderValue::from_static("public, max-age=31536000");
        headers.insert(CDN_CACHE_CONTROL, year);
    }
    describe(&mut headers, object, plan);
    harden(&mut headers);
    for_everybody(&mut headers);
    Head {
        status: plan.status(),
        headers,
    }
}

/// The head of the answer to a preflight for a public object: any page may ask.
#[must_use]
pub fn public_preflight() -> Head {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    harden(&mut headers);
    for_everybody(&mut headers);
    may_ask(&mut headers);
    Head {
        status: StatusCode::NO_CONTENT,
        headers,
    }
}

/// The answer to a request for a public object by a method that there is not.
#[must_use]
pub fn public_method() -> (Head, String) {
    let (mut head, _) = failed_public(Failure::NotFound);
    head.status = StatusCode::METHOD_NOT_ALLOWED;
    let allowed = HeaderValue::from_static("GET, HEAD, OPTIONS");
    head.headers.insert(header::ALLOW, allowed);
    let detail = "public media answer GET and HEAD only";
    (head, error_body(detail, "method_not_allowed", None))
}

/// The answer to a request for a public object that cannot be had.
#[must_use]
pub fn failed_public(failure: Failure) -> (Head, String) {
    let (mut head, body) = failed(failure);
    // Nothing of it depends on who asks.
    head.headers.remove(header::VARY);
    head.headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for_everybody(&mut head.headers);
    (head, body)
}

/// What an answer says of its object.
fn describe(headers: &mut HeaderMap, object: &Object, plan: Plan) {
    if let Some(etag) = object.etag() {
        headers.insert(header::ETAG, etag.clone());
    }
    if let Some(date) = object.last_modified() {
        headers.insert(header::LAST_MODIFIED, date.clone());
    }
    let ranges = if object.len.is_some() {
        "bytes"
    } else {
        "none"
    };
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static(ranges));
    match (plan, object.len) {
        (Plan::Part(range), Some(len)) => {
            let text = format!("bytes {}-{}/{len}", range.first, range.last);
            put(headers, header::CONTENT_RANGE, &text);
        }
        (Plan::Unsatisfiable, Some(len)) => {
            put(headers, header::CONTENT_RANGE, &format!("bytes */{len}"));
        }
        _ => {}
    }
    if matches!(plan, Plan::Whole | Plan::Part(_)) {
        let media_type = object.media_type;
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(media_type.as_str()),
        );
        if !media_type.is_playable() {
            headers.insert(
                header::CONTENT_DISPOSITION,
                HeaderValue::from_static("attachment"),
            );
        }
        if let Some(len) = object.len {
            let len = plan.bytes(len).map_or(0, |bytes| bytes.len());
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(len));
        }
    }
}

/// The head of the answer to an admitted preflight (Fetch, 3.3.6).
#[must_use]
pub fn preflight(preflight: &Preflight<'_>) -> Head {
    let mut headers = no_store();
    headers.remove(header::CONTENT_TYPE);
    cors(&mut headers, preflight.cors);
    if preflight.cors.is_some() {
        may_ask(&mut headers);
    }
    Head {
        status: StatusCode::NO_CONTENT,
        headers,
    }
}

/// The head of the answer to a ticket that binds a browser.
#[must_use]
pub fn bound(bound: &Bound<'_>) -> Head {
    let mut headers = no_store();
    headers.remove(header::CONTENT_TYPE);
    headers.insert(header::SET_COOKIE, bound.cookie().clone());
    cors(&mut headers, bound.cors());
    Head {
        status: StatusCode::NO_CONTENT,
        headers,
    }
}

/// The answer to a request that was not admitted: head, and a body that names the stage.
#[must_use]
pub fn denied(denial: Denial) -> (Head, String) {
    let mut headers = no_store();
    let client = Stage::Client.as_str();
    let (status, code, stage) = match denial {
        Denial::Method => {
            headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", None)
        }
        Denial::BindMethod => {
            headers.insert(header::ALLOW, HeaderValue::from_static("GET"));
            (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", None)
        }
        Denial::Refused(refusal) => (
            StatusCode::FORBIDDEN,
            refusal.code(),
            Some(refusal.stage().as_str()),
        ),
        Denial::Ticket(refusal) => (
            StatusCode::FORBIDDEN,
            refusal.code(),
            Some(TicketRefusal::STAGE),
        ),
        Denial::Ended => (StatusCode::FORBIDDEN, "access_ended", Some(client)),
        Denial::Unknown => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "unknown_for_now",
                Some(client),
            )
        }
    };
    let body = error_body(&denial.to_string(), code, stage);
    (Head { status, headers }, body)
}

/// The answer to an admitted request whose object cannot be had.
#[must_use]
pub fn failed(failure: Failure) -> (Head, String) {
    let (status, code) = match failure {
        Failure::NotFound => (StatusCode::NOT_FOUND, "not_found"),
        Failure::Origin => (StatusCode::BAD_GATEWAY, "origin_failed"),
    };
    let body = error_body(&failure.to_string(), code, None);
    (
        Head {
            status,
            headers: no_store(),
        },
        body,
    )
}

/// The answer to a request that a limit keeps from being looked at. `wait`, in whole seconds, is
/// when to come again, where that is of use.
#[must_use]
pub fn limited(limited: Limited, wait: u64) -> (Head, String) {
    let mut headers = no_store();
    let status = match limited {
        Limited::UrlTooLong => StatusCode::URI_TOO_LONG,
        Limited::TooManyAtOnce | Limited::TooManyFailures | Limited::NoRoom => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
            StatusCode::TOO_MANY_REQUESTS
        }
    };
    let body = error_body(&limited.to_string(), limited.code(), None);
    (Head { status, headers }, body)
}

/// All of these texts are our own and need no escaping.
fn error_body(detail: &str, code: &str, stage: Option<&str>) -> String {
    let stage = stage.map_or_else(String::new, |stage| format!(r#","stage":"{stage}""#));
    format!(r#"{{"detail":"{detail}","code":"{code}"{stage}}}"#)
}

fn no_store() -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    headers.insert(
        header::VARY,
        HeaderValue::from_static("Cookie, Authorization"),
    );
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    harden(&mut headers);
    headers
}

/// Whatever the bytes are, they are never a page, a script or a style of the edge's origin.
fn harden(headers: &mut HeaderMap) {
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox; default-src 'none'"),
    );
}

fn cors(headers: &mut HeaderMap, cors: Option<Cors<'_>>) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(Cors {
        origin,
        credentials,
    }) = cors
    else {
        return;
    };
    put(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    if credentials {
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
    }
}

/// What a page may ask with.
fn may_ask(headers: &mut HeaderMap) {
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Range, If-Range, If-None-Match"),
    );
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("600"),
    );
}

/// Any page may show and read it.
fn for_everybody(headers: &mut HeaderMap) {
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
}

/// Inserts a value that was made from visible ASCII; anything else is left out.
fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests;
