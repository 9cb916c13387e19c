//! What the head of an answer says about an object.

use std::time::{Duration, SystemTime};

use gatefold_edge_core::{ContentRange, MediaType};
use gatefold_net::Answer;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::{super::Version, Facts, OriginError, failed, part::content_range, unhoped};

/// By how much a time of modification has to precede the answer's `Date`, so that no second change
/// within the same second hides behind it (RFC 9110, 8.8.2.2).
const SETTLED: Duration = Duration::from_mins(1);

/// The kinds of versions, as their first byte.
const TAG: u8 = b'e';
const TIME: u8 = b't';

/// Reads the answer to a request for the first byte of an object at `path`.
pub(super) fn facts(answer: &Answer, path: &str) -> Result<Facts, OriginError> {
    let status = answer.status;
    let headers = &answer.headers;
    let (len, ranges) = match status {
        StatusCode::PARTIAL_CONTENT => match content_range(headers) {
            Some(ContentRange::Part {
                first: 0,
                last: 0,
                total,
            }) => (total, true),
            _ => return Err(failed(status.as_u16(), "an https origin gave another part")),
        },
        StatusCode::OK => (answer.body.announced(), false),
        // An empty object has no first byte.
        StatusCode::RANGE_NOT_SATISFIABLE => match content_range(headers) {
            Some(ContentRange::None { total: 0 }) => (Some(0), false),
            _ => return Err(failed(status.as_u16(), "an https origin has no first byte")),
        },
        StatusCode::PRECONDITION_FAILED => {
            return Err(failed(
                status.as_u16(),
                "an https origin knows no condition",
            ));
        }
        status => return Err(unhoped(status)),
    };
    if is_encoded(headers) {
        return Err(failed(
            status.as_u16(),
            "an https origin encodes what it sends",
        ));
    }
    let modified = date(headers, &header::LAST_MODIFIED);
    Ok(Facts {
        len,
        version: tag_version(headers).or_else(|| time_version(headers, len, true)),
        modified,
        media_type: media_type(headers, path),
        ranges,
    })
}

/// Whether an answer is of this version. What shows none is not: it may be any.
pub(super) fn still(version: &Version, headers: &HeaderMap, len: Option<u64>) -> bool {
    let shown = match version.as_bytes().first() {
        Some(&TAG) => tag_version(headers),
        // That it had settled was seen when it was looked at, and does not become untrue.
        _ => time_version(headers, len, false),
    };
    shown.as_ref() == Some(version)
}

/// The value of the condition that holds for this version alone, and whether it is an entity tag and
/// not a time.
pub(super) fn condition(version: &Version) -> Option<(HeaderValue, bool)> {
    let (kind, rest) = version.as_bytes().split_first()?;
    let is_tag = *kind == TAG;
    let value = if is_tag {
        rest
    } else {
        rest.split(|byte| *byte == b'\n').next()?
    };
    Some((HeaderValue::from_bytes(value).ok()?, is_tag))
}

/// Whether bytes are not sent as they are.
pub(super) fn is_encoded(headers: &HeaderMap) -> bool {
    let all_are = |name: HeaderName, plain: &str| {
        let mut values = headers.get_all(name).iter();
        values.all(|value| value.as_bytes().eq_ignore_ascii_case(plain.as_bytes()))
    };
    !all_are(header::CONTENT_ENCODING, "identity") || !all_are(header::TRANSFER_ENCODING, "chunked")
}

/// The one value of a header; none when there are several.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// A strong entity tag. A weak one may stay when bytes change (RFC 9110, 8.8.1).
fn tag_version(headers: &HeaderMap) -> Option<Version> {
    let tag = only(headers, &header::ETAG)?.as_bytes();
    let inner = tag.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let plain = inner
        .iter()
        .all(|byte| *byte > b' ' && *byte != b'"' && *byte != 0x7f);
    plain.then(|| Version::new(&[&[TAG], tag].concat()))
}

/// A time of modification together with the length.
fn time_version(headers: &HeaderMap, len: Option<u64>, must_settle: bool) -> Option<Version> {
    let text = only(headers, &header::LAST_MODIFIED)?.as_bytes();
    let modified = date(headers, &header::LAST_MODIFIED)?;
    if must_settle {
        let settled = modified.checked_add(SETTLED)?;
        if date(headers, &header::DATE)? < settled {
            return None;
        }
    }
    let len = len?.to_string();
    Some(Version::new(
        &[&[TIME], text, b"\n", len.as_bytes()].concat(),
    ))
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    let text = only(headers, name)?.to_str().ok()?;
    httpdate::parse_http_date(text).ok()
}

/// What the origin states, or, where it states that it does not know, what the name's ending says. A
/// page is a page, even at a name that ends like a song: often it tells of an error, with a 200.
fn media_type(headers: &HeaderMap, path: &str) -> MediaType {
    let stated = headers.get(header::CONTENT_TYPE);
    let stated = stated.map_or("", |value| value.to_str().unwrap_or("unreadable"));
    MediaType::of_content_type(stated).unwrap_or_else(|| MediaType::of_name(path))
}
