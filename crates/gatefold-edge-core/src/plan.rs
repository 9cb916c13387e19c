//! Second half of a decision: what an admitted request is answered.
//!
//! Preconditions in the order of RFC 9110, 13.2.2, then the range. Only a `GET` has a range.

use std::time::SystemTime;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::{
    media_type::MediaType,
    range::{self, ByteRange, Requested},
};

/// What is known of an object once its origin has been asked. Its header values are made once and
/// serve every answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The size in bytes; `None` when the origin does not say, and then no part can be asked for.
    pub len: Option<u64>,
    /// The type.
    pub media_type: MediaType,
    modified: Option<SystemTime>,
    etag: Option<HeaderValue>,
    last_modified: Option<HeaderValue>,
}

impl Object {
    /// An object with an entity tag as it is sent (strong, in quotes), when two versions of it can
    /// be told apart, and the moment of its last change as far as its origin knows.
    #[must_use]
    pub fn new(
        len: Option<u64>,
        media_type: MediaType,
        etag: Option<&str>,
        modified: Option<SystemTime>,
    ) -> Self {
        // A tag is made from visible ASCII; anything else is none.
        let etag = etag.and_then(|etag| HeaderValue::from_str(etag).ok());
        let last_modified = modified.map(httpdate::fmt_http_date);
        let last_modified = last_modified.and_then(|date| HeaderValue::try_from(date).ok());
        Self {
            len,
            media_type,
            modified,
            etag,
            last_modified,
        }
    }

    /// The entity tag as it is sent.
    #[must_use]
    pub fn etag(&self) -> Option<&HeaderValue> {
        self.etag.as_ref()
    }

    /// `Last-Modified` as it is sent.
    #[must_use]
    pub fn last_modified(&self) -> Option<&HeaderValue> {
        self.last_modified.as_ref()
    }

    fn tag(&self) -> &str {
        let tag = self.etag.as_ref().and_then(|tag| tag.to_str().ok());
        tag.unwrap_or_default()
    }
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

    /// Whether the answer to a `GET` has a body.
    #[must_use]
    pub fn has_body(self) -> bool {
        matches!(self, Self::Whole | Self::Part(_))
    }

    /// The bytes of an object of `len` bytes that are the answer's body.
    #[must_use]
    pub fn bytes(self, len: u64) -> Option<ByteRange> {
        match self {
            Self::Whole => ByteRange::whole(len),
            Self::Part(range) => Some(range),
            Self::NotModified | Self::PreconditionFailed | Self::Unsatisfiable => None,
        }
    }
}

/// Decides what an admitted request is answered.
#[must_use]
pub fn plan(method: &Method, headers: &HeaderMap, object: &Object) -> Plan {
    if let Some(tags) = list(headers, &header::IF_MATCH) {
        if !names(&tags, object.tag(), Comparison::Strong) {
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
        if names(&tags, object.tag(), Comparison::Weak) {
            return Plan::NotModified;
        }
    } else if let Some(since) = date(headers, &header::IF_MODIFIED_SINCE)
        && object
            .modified
            .is_some_and(|modified| !changed_after(modified, since))
    {
        return Plan::NotModified;
    }
    let Some(len) = object.len else {
        return Plan::Whole;
    };
    if method != Method::GET || !range_applies(headers, object) {
        return Plan::Whole;
    }
    let mut ranges = headers.get_all(header::RANGE).iter();
    match (
        ranges.next().and_then(|range| range.to_str().ok()),
        ranges.next(),
    ) {
        (Some(range), None) => match range::requested(range, len) {
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
    !condition.is_empty() && condition == object.tag()
}

#[derive(Clone, Copy, PartialEq)]
enum Comparison {
    Strong,
    Weak,
}

/// Whether a list of entity tags names this one (RFC 9110, 8.8.3.2). `tag` is strong, or empty for
/// an object without one, which only `*` names.
fn names(tags: &str, tag: &str, comparison: Comparison) -> bool {
    tags.split(',').map(str::trim).any(|listed| {
        listed == "*"
            || !tag.is_empty()
                && (listed == tag
                    || comparison == Comparison::Weak && listed.strip_prefix("W/") == Some(tag))
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
        // Finer than an HTTP date can say.
        let modified = SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(1_778_850_000_250));
        Object::new(Some(100), MediaType::of_name("a.wav"), Some(TAG), modified)
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
    fn without_a_length_or_a_tag_there_is_the_whole_and_nothing_to_compare() {
        let whole = |pairs: &[(&'static str, &'static str)], object: &Object| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            plan(&Method::GET, &headers, object)
        };
        let unknown = Object::new(None, MediaType::OTHER, Some(TAG), None);
        assert_eq!(whole(&[("range", "bytes=0-9")], &unknown), Plan::Whole);
        assert_eq!(whole(&[("range", "bytes=900-")], &unknown), Plan::Whole);

        let untagged = Object::new(Some(100), MediaType::OTHER, None, None);
        let part = Plan::Part(ByteRange { first: 0, last: 9 });
        let range = ("range", "bytes=0-9");
        for (pairs, expected) in [
            (&[range] as &[_], part),
            (&[range, ("if-range", TAG)], Plan::Whole),
            (&[range, ("if-range", "")], Plan::Whole),
            (&[("if-none-match", TAG)], Plan::Whole),
            (&[("if-none-match", "")], Plan::Whole),
            (&[("if-none-match", "W/")], Plan::Whole),
            (&[("if-none-match", "*")], Plan::NotModified),
            (&[("if-match", TAG)], Plan::PreconditionFailed),
            (&[("if-match", ",")], Plan::PreconditionFailed),
            (&[("if-match", "*")], Plan::Whole),
            (&[("if-modified-since", AFTER)], Plan::Whole),
            (&[("if-unmodified-since", BEFORE)], Plan::Whole),
        ] {
            assert_eq!(whole(pairs, &untagged), expected, "{pairs:?}");
        }
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
