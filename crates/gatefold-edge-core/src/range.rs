//! Byte ranges (RFC 9110, 14).

/// What a `Range` header asks of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requested {
    /// All of it: no range, one that is not understood (RFC 9110, 14.2), or several. Several ranges
    /// never become a multipart answer, so a request cannot make the edge send more than the object.
    Whole,
    /// One part.
    Part(ByteRange),
    /// Nothing that the object has.
    Unsatisfiable,
}

/// A part of an object that exists: never empty, never past the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// The offset of the first byte.
    pub first: u64,
    /// The offset of the last byte.
    pub last: u64,
}

impl ByteRange {
    /// All of an object of `len` bytes; `None` of an empty one.
    #[must_use]
    pub fn whole(len: u64) -> Option<Self> {
        len.checked_sub(1).map(|last| Self { first: 0, last })
    }

    /// How many bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a range is never empty")]
    pub fn len(&self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }
}

/// Reads a `Range` header for an object of `len` bytes.
#[must_use]
pub fn requested(header: &str, len: u64) -> Requested {
    let Some(set) = strip_unit(header) else {
        return Requested::Whole;
    };
    let mut satisfiable = None;
    let mut several = false;
    for spec in set.split(',').map(trim).filter(|spec| !spec.is_empty()) {
        match one(spec, len) {
            None => return Requested::Whole,
            Some(Spec::Nothing) => {}
            Some(Spec::Part(part)) => {
                several |= satisfiable.is_some();
                satisfiable = Some(part);
            }
        }
    }
    match satisfiable {
        _ if several => Requested::Whole,
        Some(part) => Requested::Part(part),
        None if set.bytes().any(|b| b.is_ascii_digit()) => Requested::Unsatisfiable,
        None => Requested::Whole,
    }
}

enum Spec {
    Part(ByteRange),
    Nothing,
}

/// One `first-last`, `first-` or `-suffix`; `None` when it is none of these.
fn one(spec: &str, len: u64) -> Option<Spec> {
    let (first, last) = spec.split_once('-')?;
    let end = len.checked_sub(1);
    if first.is_empty() {
        let suffix = number(last)?;
        return Some(match end {
            Some(end) if suffix > 0 => Spec::Part(ByteRange {
                first: len.saturating_sub(suffix),
                last: end,
            }),
            _ => Spec::Nothing,
        });
    }
    let first = number(first)?;
    let last = if last.is_empty() {
        u64::MAX
    } else {
        number(last)?
    };
    if last < first {
        return None;
    }
    Some(match end {
        Some(end) if first <= end => Spec::Part(ByteRange {
            first,
            last: last.min(end),
        }),
        _ => Spec::Nothing,
    })
}

/// Digits only; what does not fit counts as the largest number, which no object reaches.
fn number(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

fn strip_unit(header: &str) -> Option<&str> {
    let (unit, set) = header.split_once('=')?;
    unit.eq_ignore_ascii_case("bytes").then_some(set)
}

fn trim(spec: &str) -> &str {
    spec.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(first: u64, last: u64) -> Requested {
        Requested::Part(ByteRange { first, last })
    }

    #[test]
    fn every_form_of_a_range() {
        let table = [
            ("bytes=0-0", part(0, 0)),
            ("bytes=0-99", part(0, 99)),
            ("bytes=0-100", part(0, 99)),
            ("bytes=50-", part(50, 99)),
            ("bytes=99-", part(99, 99)),
            ("bytes=-1", part(99, 99)),
            ("bytes=-100", part(0, 99)),
            ("bytes=-1000", part(0, 99)),
            ("Bytes= 1-2 ", part(1, 2)),
            ("bytes=,1-2,", part(1, 2)),
            ("bytes=1-99999999999999999999999", part(1, 99)),
            ("bytes=-99999999999999999999999", part(0, 99)),
            ("bytes=1-2,200-", part(1, 2)),
            ("bytes=200-,1-2", part(1, 2)),
            ("bytes=100-", Requested::Unsatisfiable),
            ("bytes=-0", Requested::Unsatisfiable),
            ("bytes=99999999999999999999999-", Requested::Unsatisfiable),
            ("bytes=100-,200-300", Requested::Unsatisfiable),
            ("bytes=0-1,4-5", Requested::Whole),
            ("bytes=0-1,0-1,0-1", Requested::Whole),
            ("bytes=2-1", Requested::Whole),
            ("bytes=0-1,2-1", Requested::Whole),
            ("bytes=-", Requested::Whole),
            ("bytes=", Requested::Whole),
            ("bytes=,", Requested::Whole),
            ("bytes", Requested::Whole),
            ("bytes=a-b", Requested::Whole),
            ("bytes=+1-2", Requested::Whole),
            ("bytes=0x1-2", Requested::Whole),
            ("items=0-1", Requested::Whole),
            ("", Requested::Whole),
        ];
        for (header, expected) in table {
            assert_eq!(requested(header, 100), expected, "{header}");
        }
    }

    #[test]
    fn nothing_of_an_empty_object_can_be_had() {
        for header in ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0"] {
            assert_eq!(requested(header, 0), Requested::Unsatisfiable, "{header}");
        }
    }

    proptest! {
        #[test]
        fn a_part_always_lies_inside(header in "bytes=[-0-9, ]{0,40}", len: u64) {
            if let Requested::Part(range) = requested(&header, len) {
                prop_assert!(range.first <= range.last && range.last < len);
            }
        }

        #[test]
        fn no_header_is_too_strange(header in ".*", len: u64) {
            let _ = requested(&header, len);
        }
    }
}
