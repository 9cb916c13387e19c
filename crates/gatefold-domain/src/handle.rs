//! Handles, the names by which people are known.

use std::{fmt, str::FromStr};

/// The longest name that DNS can carry, in bytes.
const MAX_LEN: usize = 253;
/// The longest label of a name.
const MAX_LABEL: usize = 63;
/// Endings that name nobody on the network, by the specification. `.test` is not among them: it is
/// there for development, and whether it resolves is the business of the resolver.
const RESERVED: &[&str] = &[
    "alt",
    "arpa",
    "example",
    "internal",
    "invalid",
    "local",
    "localhost",
    "onion",
];

/// A handle: a host name in lower case. It belongs to a DID only as long as both say so.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle(Box<str>);

/// Text that is no handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidHandle;

impl Handle {
    /// The handle as text, in lower case and without `@`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Handle {
    type Err = InvalidHandle;

    /// Upper case is made lower, as the specification has it.
    fn from_str(text: &str) -> Result<Self, InvalidHandle> {
        let text = text.to_ascii_lowercase();
        let ending = text.rsplit('.').next().unwrap_or_default();
        if is_host_name(&text) && !RESERVED.contains(&ending) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidHandle)
        }
    }
}

/// Whether this is a name of at least two labels in lower case, whose last one starts with a
/// letter (so that it is no IPv4 address).
pub(crate) fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= MAX_LABEL
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    text.len() <= MAX_LEN
        && text.split('.').all(label)
        && text
            .rsplit_once('.')
            .is_some_and(|(_, last)| last.starts_with(|first: char| first.is_ascii_lowercase()))
}

impl fmt::Display for Handle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Display for InvalidHandle {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("not a handle: one looks like name.example.com")
    }
}

impl std::error::Error for InvalidHandle {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_a_host_name() {
        for (text, handle) in [
            ("jay.bsky.social", Some("jay.bsky.social")),
            ("Jay.Bsky.Social", Some("jay.bsky.social")),
            ("8.cn", Some("8.cn")),
            ("artist.test", Some("artist.test")),
            ("xn--notarealidn.com", Some("xn--notarealidn.com")),
            ("", None),
            ("jay", None),
            ("@jay.bsky.social", None),
            ("jay.bsky.social.", None),
            (".bsky.social", None),
            ("jay..social", None),
            ("-jay.bsky.social", None),
            ("jay-.bsky.social", None),
            ("jay_.bsky.social", None),
            ("jay.bsky.1social", None),
            ("127.0.0.1", None),
            ("jay.local", None),
            ("jay.localhost", None),
            ("jay.invalid", None),
            ("jay@bsky.social", None),
            ("jäy.bsky.social", None),
            ("jay.bsky.social/path", None),
        ] {
            let parsed = text.parse::<Handle>();
            assert_eq!(parsed.ok().as_ref().map(Handle::as_str), handle, "{text}");
        }
        let label = "a".repeat(64);
        assert_eq!(format!("{label}.com").parse::<Handle>(), Err(InvalidHandle));
        let long = format!("{}com", "a.".repeat(126));
        assert_eq!(long.parse::<Handle>(), Err(InvalidHandle));
    }
}
