//! Whether an answer is the part that was asked for (RFC 9110, 14.4).

use gatefold_edge_core::ContentRange;
use gatefold_net::Answer;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{
    super::{Facts, OriginError},
    facts::{is_encoded, only, still},
    failed, unhoped,
};

/// A part of an object: from `first` to `last`, to the end of an object of unknown length without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) first: u64,
    pub(super) last: Option<u64>,
    empty: bool,
}

impl Wanted {
    /// What an object of `len` bytes has of a part; asking for what it does not have is an error.
    pub(super) fn new(
        len: Option<u64>,
        first: u64,
        last: Option<u64>,
    ) -> Result<Self, OriginError> {
        let empty = len == Some(0) && first == 0;
        let end = len.and_then(|len| len.checked_sub(1));
        let last = match (last, end) {
            (Some(last), Some(end)) => Some(last.min(end)),
            (last, end) => last.or(end),
        };
        if !empty && (len == Some(0) || last.is_some_and(|last| last < first)) {
            return Err(OriginError::Failed);
        }
        Ok(Self { first, last, empty })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.empty
    }

    /// How many bytes; unknown to the end of what has no known length.
    fn len(&self) -> Option<u64> {
        let last = self.last?;
        last.checked_sub(self.first)?.checked_add(1)
    }

    /// The part as `Range` spells it.
    pub(super) fn header(&self) -> Result<HeaderValue, OriginError> {
        let last = self.last.map(|last| last.to_string()).unwrap_or_default();
        let text = format!("bytes={}-{last}", self.first);
        HeaderValue::try_from(text).map_err(|_| OriginError::Failed)
    }
}

/// How the body of an answer becomes the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Bytes at its start that nobody asked for.
    pub(super) skip: u64,
    /// Bytes to give; all that come without.
    pub(super) take: Option<u64>,
    /// Whether more than these may follow, because more was never asked for.
    pub(super) more: bool,
}

/// What an answer says that it is a part of; none of several.
pub(super) fn content_range(headers: &HeaderMap) -> Option<ContentRange> {
    ContentRange::parse(only(headers, &header::CONTENT_RANGE)?.to_str().ok()?)
}

/// Holds an answer against what was asked for and what is known.
pub(super) fn part(answer: &Answer, facts: &Facts, wanted: &Wanted) -> Result<Part, OriginError> {
    let (status, headers) = (answer.status, &answer.headers);
    let announced = answer.body.announced();
    let (total, part) = match status {
        StatusCode::PARTIAL_CONTENT if facts.ranges => {
            let Some(ContentRange::Part { first, last, total }) = content_range(headers) else {
                return Err(failed(
                    status.as_u16(),
                    "an https origin gave no single part",
                ));
            };
            // Of an object that has become another, the part may end elsewhere.
            changed_unless(total.is_none() || facts.len.is_none() || total == facts.len)?;
            let same_end = wanted.last.is_none_or(|wanted| wanted == last);
            if first != wanted.first || !same_end {
                return Err(failed(status.as_u16(), "an https origin gave another part"));
            }
            let take = last.checked_sub(first).and_then(|len| len.checked_add(1));
            if announced.is_some() && announced != take {
                return Err(failed(
                    status.as_u16(),
                    "an https origin gave another length",
                ));
            }
            let part = Part {
                skip: 0,
                take,
                more: false,
            };
            (total.or(facts.len), part)
        }
        StatusCode::OK => {
            // Parts could be had and no longer can: what was known of the object is not true.
            changed_unless(!facts.ranges || wanted.first == 0)?;
            changed_unless(announced.is_none() || facts.len.is_none() || announced == facts.len)?;
            let to_the_end = match (wanted.last, facts.len) {
                (Some(last), Some(len)) => last.checked_add(1) == Some(len),
                (last, _) => last.is_none(),
            };
            let part = Part {
                skip: wanted.first,
                take: wanted.len(),
                more: !to_the_end,
            };
            (announced.or(facts.len), part)
        }
        status => return Err(unhoped(status)),
    };
    if is_encoded(headers) {
        return Err(failed(
            status.as_u16(),
            "an https origin encodes what it sends",
        ));
    }
    if let Some(version) = &facts.version {
        changed_unless(still(version, headers, total))?;
    }
    Ok(part)
}

fn changed_unless(same: bool) -> Result<(), OriginError> {
    if same {
        Ok(())
    } else {
        Err(OriginError::Changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_object_does_not_have_is_not_asked_for() {
        for (len, first, last, expected) in [
            (Some(10), 0, None, Some("bytes=0-9")),
            (Some(10), 3, Some(5), Some("bytes=3-5")),
            (Some(10), 3, Some(50), Some("bytes=3-9")),
            (None, 3, None, Some("bytes=3-")),
            (None, 3, Some(5), Some("bytes=3-5")),
            (Some(10), 10, None, None),
            (Some(10), 5, Some(4), None),
            (Some(0), 1, None, None),
        ] {
            let wanted = Wanted::new(len, first, last).ok();
            let header = wanted.map(|wanted| wanted.header().unwrap());
            let expected = expected.map(HeaderValue::from_static);
            assert_eq!(header, expected, "{len:?} {first} {last:?}");
        }
        assert!(Wanted::new(Some(0), 0, None).unwrap().is_empty());
    }
}
