//! Where the bytes behind a sealed URL are: the payload's `originalSource` and `bucketFolder`.
//!
//! The grammar is narrow on purpose. Whoever checks a source against an allow-list and whoever
//! fetches it must never read it differently, so every source has exactly one accepted spelling
//! and nothing is normalised.

use std::borrow::Cow;

use crate::refusal::Refusal;

const HTTPS: &str = "https://";
const PRIVATE: &str = "private:";
const FILES: &str = "files:";

/// The longest source, in bytes.
const MAX_LEN: usize = 2048;

/// A checked source.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// An absolute https URL.
    Https(HttpsUrl),
    /// An object of the edge's private bucket, by key.
    Private(ObjectKey),
    /// A file of an upload folder.
    File {
        /// The folder: one path segment.
        folder: Segment,
        /// The file's name: one path segment.
        name: Segment,
    },
}

impl Source {
    /// Reads `originalSource`, with `bucketFolder` when there is one.
    ///
    /// # Errors
    /// [`Refusal::UnsupportedSource`] for anything but the accepted spelling of a known kind,
    /// [`Refusal::InconsistentPayload`] when a folder is given to a kind that has none, or is
    /// missing for `files:`.
    pub fn parse(original: &str, folder: Option<&str>) -> Result<Self, Refusal> {
        if original.len() > MAX_LEN {
            return Err(Refusal::UnsupportedSource);
        }
        if let Some(name) = original.strip_prefix(FILES) {
            let name = Segment::parse(name)?;
            let folder = folder.ok_or(Refusal::InconsistentPayload)?;
            let folder = Segment::parse(folder)?;
            return Ok(Self::File { folder, name });
        }
        let source = if let Some(key) = original.strip_prefix(PRIVATE) {
            Self::Private(ObjectKey::parse(key)?)
        } else {
            Self::Https(HttpsUrl::parse(original)?)
        };
        match folder {
            None => Ok(source),
            Some(_) => Err(Refusal::InconsistentPayload),
        }
    }

    /// `originalSource` as the payload spells it.
    #[must_use]
    pub fn original(&self) -> String {
        self.spelling().into_owned()
    }

    /// `originalSource` as the payload spells it, borrowed where it is kept that way.
    pub(crate) fn spelling(&self) -> Cow<'_, str> {
        match self {
            Self::Https(url) => url.as_str().into(),
            Self::Private(key) => [PRIVATE, key.as_str()].concat().into(),
            Self::File { name, .. } => [FILES, name.as_str()].concat().into(),
        }
    }

    /// `bucketFolder` as the payload spells it.
    #[must_use]
    pub fn folder(&self) -> Option<&str> {
        match self {
            Self::File { folder, .. } => Some(folder.as_str()),
            Self::Https(_) | Self::Private(_) => None,
        }
    }
}

/// An https URL in its accepted spelling: a lower-case DNS name, perhaps a port, a path, perhaps a
/// query; no user information, no fragment, no IP address, no dot segments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HttpsUrl {
    url: String,
    host_end: usize,
}

impl HttpsUrl {
    fn parse(url: &str) -> Result<Self, Refusal> {
        let accepted = (|| {
            let rest = url.strip_prefix(HTTPS)?;
            let authority_len = rest.find('/')?;
            let (authority, path_and_query) = rest.split_at_checked(authority_len)?;
            let (host, port) = match authority.split_once(':') {
                None => (authority, None),
                Some((host, port)) => (host, Some(port)),
            };
            let path = path_and_query
                .split_once('?')
                .map_or(path_and_query, |(path, _)| path);
            let fine = is_dns_name(host)
                && port.is_none_or(is_port)
                && path_and_query.bytes().all(is_url_byte)
                && has_whole_escapes(path_and_query)
                && !path.split('/').any(is_dot_segment);
            fine.then(|| HTTPS.len().saturating_add(host.len()))
        })();
        let host_end = accepted.ok_or(Refusal::UnsupportedSource)?;
        Ok(Self {
            url: url.to_owned(),
            host_end,
        })
    }

    /// The URL's host, a lower-case DNS name.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.get(HTTPS.len()..self.host_end).unwrap_or_default()
    }

    /// The whole URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }
}

/// The key of an object: segments of file-name characters joined by `/`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectKey(String);

impl ObjectKey {
    fn parse(key: &str) -> Result<Self, Refusal> {
        if key.split('/').all(is_segment) {
            Ok(Self(key.to_owned()))
        } else {
            Err(Refusal::UnsupportedSource)
        }
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One segment of a path: a name that can never leave its folder.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Segment(String);

impl Segment {
    /// Whether a name is a segment.
    #[must_use]
    pub fn is_valid(name: &str) -> bool {
        is_segment(name)
    }

    fn parse(name: &str) -> Result<Self, Refusal> {
        if is_segment(name) {
            Ok(Self(name.to_owned()))
        } else {
            Err(Refusal::UnsupportedSource)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A name of 1 to 255 bytes without separators, control characters or a leading dot (which covers
/// `.`, `..` and hidden files).
fn is_segment(name: &str) -> bool {
    (1..=255).contains(&name.len())
        && !name.starts_with('.')
        && !name
            .chars()
            .any(|c| matches!(c, '/' | '\\') || c.is_control())
}

/// A lower-case host name of letters, digits and hyphens whose last label is not a number, so that
/// no spelling of an IP address passes (RFC 1123, 2.1).
pub(crate) fn is_dns_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let last_is_a_name = host
        .rsplit('.')
        .next()
        .is_some_and(|label| label.starts_with(|c: char| c.is_ascii_lowercase()));
    host.len() <= 253 && host.split('.').all(is_label) && last_is_a_name
}

/// A port other than 443 (whose accepted spelling is its absence) without leading zeros.
fn is_port(port: &str) -> bool {
    !port.starts_with('0')
        && port.bytes().all(|b| b.is_ascii_digit())
        && port.parse::<u16>().is_ok_and(|port| port != 443)
}

/// The characters of RFC 3986 that may stand in a path or a query.
fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte)
}

/// Whether each `%` is followed by two hexadecimal digits.
fn has_whole_escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        after
            .as_bytes()
            .get(..2)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Whether a path segment is `.` or `..`, also with its dots escaped.
fn is_dot_segment(segment: &str) -> bool {
    let plain = segment.replace("%2e", ".").replace("%2E", ".");
    plain == "." || plain == ".."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_come_back_as_they_were_spelled() {
        let table = [
            ("https://cdn.example.com/a/b.mp3?x=1&y=%2F", None),
            ("https://cdn.example.com:8443/", None),
            ("https://a/b", None),
            ("private:tracks/5f2c/original.flac", None),
            ("files:Größe 5.ogg", Some("imaginefun")),
        ];
        for (original, folder) in table {
            let source = Source::parse(original, folder).unwrap();
            assert_eq!(source.original(), original);
            assert_eq!(source.folder(), folder);
        }
    }

    #[test]
    fn only_one_spelling_of_a_url_is_accepted() {
        for original in [
            "",
            "https://",
            "https://example.com",
            "HTTPS://example.com/",
            "http://example.com/",
            "https://Example.com/",
            "https://user@example.com/",
            "https://example.com:443/",
            "https://example.com:0443/",
            "https://example.com:65536/",
            "https://example.com:/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::1]/",
            "https://example.com./",
            "https://-a.example/",
            "https://example.com/#part",
            "https://example.com/a b",
            "https://example.com/a%2",
            "https://example.com/a/../b",
            "https://example.com/%2e%2E/b",
            "https://example.com/a\\b",
            "https://exämple.com/",
            "https://example.com?/",
            "ftp://example.com/",
            "example.com/a.mp3",
            "data:audio/mpeg,",
        ] {
            assert_eq!(
                Source::parse(original, None),
                Err(Refusal::UnsupportedSource),
                "{original}"
            );
        }
    }

    #[test]
    fn names_cannot_leave_their_folder() {
        for name in ["", ".", "..", ".hidden", "a/b", "a\\b", "a\0", "a\n"] {
            let original = format!("files:{name}");
            assert!(Source::parse(&original, Some("f")).is_err(), "{name:?}");
            assert!(Source::parse("files:a", Some(name)).is_err(), "{name:?}");
        }
        for key in ["", "/a", "a/", "a//b", "a/../b", "./a"] {
            let original = format!("private:{key}");
            assert!(Source::parse(&original, None).is_err(), "{key:?}");
        }
    }

    #[test]
    fn a_folder_belongs_to_files_and_to_nothing_else() {
        for (original, folder) in [
            ("files:a.mp3", None),
            ("private:a", Some("f")),
            ("https://example.com/", Some("f")),
        ] {
            assert_eq!(
                Source::parse(original, folder),
                Err(Refusal::InconsistentPayload)
            );
        }
    }
}
