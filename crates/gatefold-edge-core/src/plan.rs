//! Second half of a decision: what an admitted request is answered.
//!
//! Preconditions in the order of RFC 9110, 13.2.2, then the range. Only a `GET` has a range.

use std::time::SystemTime;

use http::{HeaderMap, HeaderName, Method, StatusCode, header};

use crate::{
    media_type::MediaType,
    range::{self, ByteRange, Requested},
};

/// What is known of an object once its origin has been asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The size in bytes.
    pub len: u64,
    /// The entity tag as it is sent: strong, in quotes.
    pub etag: String,
    /// When the object last changed, as far as its origin knows.
    pub modified: Option<SystemTime>,
    /// The type.
    pub media_type: MediaType,
}

/// What is sent of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// 200 with all of it.
    Whole,
    /// 206 with a part of it.
    Part(ByteRange),
    /// 304: the client has it.
    NotModified,
    /// 412: the client has something else.
    PreconditionFailed,
    /// 416: the object has no such part.
    Unsatisfiable,
}

impl Plan {
    /// The status code.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::Whole => StatusCode::OK,
            Self::Part(_) => StatusCode::PARTIAL_CONTENT,
            Self::NotModified => StatusCode::NOT_MODIFIED,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::Unsatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
        }
    }

    /// The bytes of an object of `len` bytes that are the answer's body.
    #[must_use]
    pub fn bytes(self, len: u64) -> Option<ByteRange> {
        match self {
            Self::Whole => len.checked_sub(1).map(|last| ByteRange { first: 0, last }),
            Self::Part(range) => Some(range),
            Self::NotModified | Self::PreconditionFailed | Self::Unsatisfiable => None,
        }
    }
}

/// Decides what an admitted request is answered.
#[must_use]
pub fn plan(method: &Method, headers: &HeaderMap, object: &Object) -> Plan {
    if let Some(tags) = list(headers, &header::IF_MATCH) {
        if !names(&tags, &object.etag, Comparison::Strong) {
            return Plan::PreconditionFailed;
        }
    } else if let Some(since) = date(headers, &header::IF_UNMODIFIED_SINCE)
        && object
            .modified
            .is_some_and(|modified| changed_after(modified, since))
    {
        return Plan::PreconditionFailed;
    }
    if let Some(tags) = list(headers, &header::IF_NONE_MATCH) {
        if names(&tags, &object.etag, Comparison::Weak) {
            return Plan::NotModified;
        }
    } else if let Some(since) = date(headers, &header::IF_MODIFIED_SINCE)
        && object
            .modified
            .is_some_and(|modified| !changed_after(modified, since))
    {
        return Plan::NotModified;
    }
    if method != Method::GET || !range_applies(headers, object) {
        return Plan::Whole;
    }
    let mut ranges = headers.get_all(header::RANGE).iter();
    match (
        ranges.next().and_then(|range| range.to_str().ok()),
        ranges.next(),
    ) {
        (Some(range), None) => match range::requested(range, object.len) {
            Requested::Whole => Plan::Whole,
            Requested::Part(range) => Plan::Part(range),
            Requested::Unsatisfiable => Plan::Unsatisfiable,
        },
        _ => Plan::Whole,
    }
}

/// `If-Range`: a part only makes sense of the very version that the client has a part of already.
fn range_applies(headers: &HeaderMap, object: &Object) -> bool {
    let Some(condition) = list(headers, &header::IF_RANGE) else {
        return true;
    };
    // A date is no strong validator (RFC 9110, 8.8.2.2): two versions may share a second. Every
    // answer has had a tag to ask with.
    condition == object.etag
}

#[derive(Clone, Copy, PartialEq)]
enum Comparison {
    Strong,
    Weak,
}

/// Whether a list of entity tags names this one (RFC 9110, 8.8.3.2). `tag` is strong.
fn names(tags: &str, tag: &str, comparison: Comparison) -> bool {
    tags.split(',').map(str::trim).any(|listed| {
        listed == "*"
            || listed == tag
            || comparison == Comparison::Weak && listed.strip_prefix("W/") == Some(tag)
    })
}

/// A header's lines as one list; `None` when there is none. What is not text matches nothing.
fn list(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<&str> = headers
        .get_all(name)
        .iter()
        .map(|line| line.to_str().unwrap_or_default())
        .collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    let text = headers.get(name)?.to_str().ok()?;
    httpdate::parse_http_date(text).ok()
}

fn changed_after(modified: SystemTime, since: SystemTime) -> bool {
    whole_seconds(modified) > whole_seconds(since)
}

/// HTTP dates have whole seconds; files have finer ones.
fn whole_seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderValue;

    use super::*;

    const TAG: &str = "\"v1\"";
    const BEFORE: &str = "Fri, 15 May 2026 12:59:59 GMT";
    const THEN: &str = "Fri, 15 May 2026 13:00:00 GMT";
    const AFTER: &str = "Fri, 15 May 2026 13:00:01 GMT";

    fn object() -> Object {
        Object {
            len: 100,
            etag: TAG.into(),
            // Finer than an HTTP date can say.
            modified: SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(1_778_850_000_250)),
            media_type: MediaType::of_name("a.wav"),
        }
    }

    fn planned(method: &Method, pairs: &[(&'static str, &'static str)]) -> Plan {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        plan(method, &headers, &object())
    }

    #[test]
    fn every_precondition() {
        let part = Plan::Part(ByteRange { first: 0, last: 9 });
        let range = ("range", "bytes=0-9");
        let table: &[(&[(&str, &str)], Plan)] = &[
            (&[], Plan::Whole),
            (&[range], part),
            (&[("range", "bytes=100-")], Plan::Unsatisfiable),
            (&[range, range], Plan::Whole),
            (&[("if-match", TAG)], Plan::Whole),
            (&[("if-match", "*")], Plan::Whole),
            (&[("if-match", "\"v0\", \"v1\"")], Plan::Whole),
            (&[("if-match", "\"v0\""), ("if-match", TAG)], Plan::Whole),
            (&[("if-match", "W/\"v1\"")], Plan::PreconditionFailed),
            (&[("if-match", "\"v2\""), range], Plan::PreconditionFailed),
            (&[("if-unmodified-since", THEN)], Plan::Whole),
            (&[("if-unmodified-since", BEFORE)], Plan::PreconditionFailed),
            (&[("if-unmodified-since", "yesterday")], Plan::Whole),
            (
                &[("if-match", TAG), ("if-unmodified-since", BEFORE)],
                Plan::Whole,
            ),
            (&[("if-none-match", TAG)], Plan::NotModified),
            (&[("if-none-match", "W/\"v1\"")], Plan::NotModified),
            (&[("if-none-match", "*"), range], Plan::NotModified),
            (&[("if-none-match", "\"v2\"")], Plan::Whole),
            (
                &[("if-none-match", "\"v2\""), ("if-modified-since", AFTER)],
                Plan::Whole,
            ),
            (&[("if-modified-since", THEN)], Plan::NotModified),
            (&[("if-modified-since", BEFORE)], Plan::Whole),
            (&[("if-range", TAG), range], part),
            (&[("if-range", "\"v2\""), range], Plan::Whole),
            (&[("if-range", "W/\"v1\""), range], Plan::Whole),
            (&[("if-range", THEN), range], Plan::Whole),
            (&[("if-range", AFTER), range], Plan::Whole),
            (
                &[("if-range", "\"v2\""), ("range", "bytes=100-")],
                Plan::Whole,
            ),
        ];
        for (pairs, expected) in table {
            assert_eq!(planned(&Method::GET, pairs), *expected, "{pairs:?}");
        }
    }

    #[test]
    fn a_head_has_no_range() {
        assert_eq!(
            planned(&Method::HEAD, &[("range", "bytes=0-9")]),
            Plan::Whole
        );
        assert_eq!(
            planned(&Method::HEAD, &[("range", "bytes=100-")]),
            Plan::Whole
        );
        assert_eq!(
            planned(&Method::HEAD, &[("if-none-match", TAG)]),
            Plan::NotModified
        );
    }

    #[test]
    fn an_empty_object_is_answered_whole() {
        assert_eq!(Plan::Whole.bytes(0), None);
        assert_eq!(
            Plan::Whole.bytes(100),
            Some(ByteRange { first: 0, last: 99 })
        );
    }
}
