//! Decentralized identifiers, the identity of people on the AT Protocol.

use std::{fmt, str::FromStr};

/// The longest identifier that is taken, in bytes. The methods in use stay far below it.
const MAX_LEN: usize = 256;
/// What an identifier of the method `plc` has behind its prefix: 24 characters of base32.
const PLC_LEN: usize = 24;

/// A DID of one of the two methods that the AT Protocol blesses, as its specification writes them:
/// `did:plc:` with 24 characters of lower-case base32, or `did:web:` with a host name and no path.
///
/// Equal identities are equal strings: nothing is normalised, what is not normal is refused.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Did(Box<str>);

/// How the document of an identity is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DidMethod<'a> {
    /// In the directory of the method, under the whole DID.
    Plc,
    /// At this host, in `/.well-known/did.json`.
    Web(&'a str),
}

/// Text that is no DID, or one of a method that the AT Protocol does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDid;

impl Did {
    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How its document is found.
    #[must_use]
    pub fn method(&self) -> DidMethod<'_> {
        self.0
            .strip_prefix("did:web:")
            .map_or(DidMethod::Plc, DidMethod::Web)
    }
}

impl FromStr for Did {
    type Err = InvalidDid;

    fn from_str(text: &str) -> Result<Self, InvalidDid> {
        let good = text.len() <= MAX_LEN
            && if let Some(id) = text.strip_prefix("did:plc:") {
                id.len() == PLC_LEN
                    && id
                        .bytes()
                        .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
            } else if let Some(host) = text.strip_prefix("did:web:") {
                is_web_host(host)
            } else {
                false
            };
        good.then(|| Self(text.into())).ok_or(InvalidDid)
    }
}

/// A host name in lower case. The specification allows a port for `localhost` alone, for
/// development.
fn is_web_host(host: &str) -> bool {
    if let Some(port) = host.strip_prefix("localhost%3A") {
        return !port.starts_with('0')
            && port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse::<u16>().is_ok();
    }
    host == "localhost" || crate::handle::is_host_name(host)
}

impl fmt::Display for Did {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for Did {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Display for InvalidDid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("not a DID of the methods plc or web")
    }
}

impl std::error::Error for InvalidDid {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_methods_are_known() {
        for (text, good) in [
            ("did:plc:ewvi7nxzyoun6zhxrhs64oiz", true),
            ("did:web:example.com", true),
            ("did:web:localhost", true),
            ("did:web:localhost%3A2583", true),
            ("", false),
            ("did:plc:", false),
            ("did:plc:ewvi7nxzyoun6zhxrhs64oi", false),
            ("did:plc:ewvi7nxzyoun6zhxrhs64oizz", false),
            ("did:plc:EWVI7NXZYOUN6ZHXRHS64OIZ", false),
            ("did:plc:ewvi7nxzyoun6zhxrhs64oi1", false),
            ("DID:plc:ewvi7nxzyoun6zhxrhs64oiz", false),
            (
                "did:key:z6Mkf5rGMoatrSj1f4CyvuHBeXJELe9RPdzo2PKGNCKVtZxP",
                false,
            ),
            ("did:web:", false),
            ("did:web:example", false),
            ("did:web:Example.com", false),
            ("did:web:example.com:users:alice", false),
            ("did:web:example.com/path", false),
            ("did:web:example.com%3A8080", false),
            ("did:web:127.0.0.1", false),
            ("did:web:localhost%3A", false),
            ("did:web:localhost%3A0", false),
            ("did:web:localhost%3A99999", false),
            ("did:web:localhost%3a2583", false),
        ] {
            assert_eq!(text.parse::<Did>().is_ok(), good, "{text}");
        }
        let long = format!("did:web:{}.example.com", "a.".repeat(200));
        assert_eq!(long.parse::<Did>(), Err(InvalidDid));
    }

    #[test]
    fn the_method_says_where_the_document_is() {
        let web: Did = "did:web:music.example.com".parse().unwrap();
        assert_eq!(web.method(), DidMethod::Web("music.example.com"));
        let plc: Did = "did:plc:ewvi7nxzyoun6zhxrhs64oiz".parse().unwrap();
        assert_eq!(plc.method(), DidMethod::Plc);
    }
}
