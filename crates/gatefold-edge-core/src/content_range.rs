//! What an origin says it sends a part of (RFC 9110, 14.4).

use std::fmt;

/// A `Content-Range` in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentRange {
    /// `bytes 0-9/100`, or `bytes 0-9/*` where the total is unknown. The first byte is never after
    /// the last, and the last is inside of the total.
    Part {
        /// The offset of the first byte.
        first: u64,
        /// The offset of the last byte.
        last: u64,
        /// The length of the whole.
        total: Option<u64>,
    },
    /// `bytes */100`: there is no such part.
    None {
        /// The length of the whole.
        total: u64,
    },
}

impl ContentRange {
    /// Reads the header's value. `None` for what is of another unit, or cannot be.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (unit, rest) = text.split_once(' ')?;
        let (range, total) = rest.trim().split_once('/')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let total = match total {
            "*" => None,
            total => Some(number(total)?),
        };
        if range == "*" {
            return total.map(|total| Self::None { total });
        }
        let (first, last) = range.split_once('-')?;
        let (first, last) = (number(first)?, number(last)?);
        let fits = first <= last && total.is_none_or(|total| last < total);
        fits.then_some(Self::Part { first, last, total })
    }
}

impl fmt::Display for ContentRange {
    /// As it is sent.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Part {
                first,
                last,
                total: Some(total),
            } => write!(out, "bytes {first}-{last}/{total}"),
            Self::Part {
                first,
                last,
                total: None,
            } => write!(out, "bytes {first}-{last}/*"),
            Self::None { total } => write!(out, "bytes */{total}"),
        }
    }
}

fn number(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges_are_read_strictly() {
        let part = |first, last, total| Some(ContentRange::Part { first, last, total });
        for (text, expected) in [
            ("bytes 0-0/1", part(0, 0, Some(1))),
            ("Bytes 5-9/*", part(5, 9, None)),
            ("bytes */0", Some(ContentRange::None { total: 0 })),
            ("bytes */*", None),
            ("bytes 9-5/10", None),
            ("bytes 0-10/10", None),
            ("bytes 0-9", None),
            ("bytes=0-9/10", None),
            ("bytes +0-9/10", None),
            ("bytes 0 -9/10", None),
            ("bytes -9/10", None),
            ("bytes 0-/10", None),
            ("items 0-9/10", None),
            ("bytes 0-99999999999999999999/*", None),
            ("", None),
        ] {
            let read = ContentRange::parse(text);
            assert_eq!(read, expected, "{text}");
            if let Some(read) = read {
                assert_eq!(read.to_string(), text.to_lowercase());
            }
        }
    }
}
