//! What a minter may seal: configured at the edge, checked at each opening.

use std::fmt;

use crate::{
    payload::Payload,
    refusal::Refusal,
    source::{Source, is_dns_name},
    window::{DEFAULT_GRACE, LONGEST_LIFETIME},
};

/// What one minter may seal. [`Scope::default`] allows nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The https hosts that it may name.
    pub hosts: Vec<HostPattern>,
    /// The upload folders that it may name.
    pub folders: Vec<String>,
    /// Whether it may name objects of the private bucket.
    pub private: bool,
    /// The clients that it may bind a URL to.
    pub clients: Vec<ClientPattern>,
    /// The longest lifetime that it may choose, in seconds.
    pub longest_lifetime: u64,
    /// How long after its window's end a URL is still good, in seconds; never more than one
    /// lifetime.
    pub grace: u64,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            folders: Vec::new(),
            private: false,
            clients: Vec::new(),
            longest_lifetime: LONGEST_LIFETIME,
            grace: DEFAULT_GRACE,
        }
    }
}

impl Scope {
    /// Whether the minter may have sealed this payload.
    ///
    /// # Errors
    /// [`Refusal::SourceOutOfScope`], [`Refusal::ClientOutOfScope`] or
    /// [`Refusal::LifetimeOutOfScope`], checked in this order.
    pub fn admits(&self, payload: &Payload) -> Result<(), Refusal> {
        let source_allowed = match payload.source() {
            Source::Https(url) => self.hosts.iter().any(|host| host.matches(url.host())),
            Source::Private(_) => self.private,
            Source::File { folder, .. } => self.folders.iter().any(|name| name == folder.as_str()),
        };
        if !source_allowed {
            return Err(Refusal::SourceOutOfScope);
        }
        if !self.covers(payload.client()) {
            return Err(Refusal::ClientOutOfScope);
        }
        // An origin can be claimed by any tool: it never guards what is for some people only.
        if matches!(payload.source(), Source::Private(_)) && !is_did(payload.client()) {
            return Err(Refusal::ClientOutOfScope);
        }
        if payload.window().lifetime() > self.longest_lifetime {
            return Err(Refusal::LifetimeOutOfScope);
        }
        Ok(())
    }

    /// Whether the minter may speak of this client at all.
    pub(crate) fn covers(&self, client: &str) -> bool {
        self.clients.iter().any(|pattern| pattern.matches(client))
    }

    /// Whether the scope names this origin: a pattern for all covers it and names nobody.
    pub(crate) fn names_site(&self, origin: &str) -> bool {
        let named =
            |pattern: &ClientPattern| *pattern != ClientPattern::Any && pattern.matches(origin);
        !is_did(origin) && self.clients.iter().any(named)
    }
}

/// Whether a client is a person's DID; anything else is an origin.
#[must_use]
pub fn is_did(client: &str) -> bool {
    client.starts_with("did:")
}

/// The text is not a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a pattern: names are in lower case, and a star may only stand for {1}")]
pub struct InvalidPattern(String, &'static str);

/// An https host, exact (`cdn.example.com`) or all names below one (`*.example.com`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostPattern {
    /// This host and no other.
    Exact(String),
    /// Every host that ends with this, which begins with a dot.
    Below(String),
}

impl HostPattern {
    /// Whether the pattern covers a host.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == host,
            Self::Below(suffix) => host.len() > suffix.len() && host.ends_with(suffix.as_str()),
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(host) => out.write_str(host),
            Self::Below(suffix) => write!(out, "*{suffix}"),
        }
    }
}

impl std::str::FromStr for HostPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let below = text.strip_prefix('*');
        let rest = below.unwrap_or(text);
        let name = if below.is_some() {
            rest.strip_prefix('.').unwrap_or_default()
        } else {
            rest
        };
        if !is_dns_name(name) {
            return Err(InvalidPattern(
                text.to_owned(),
                "the first labels of a host",
            ));
        }
        Ok(match below {
            Some(suffix) => Self::Below(suffix.to_owned()),
            None => Self::Exact(text.to_owned()),
        })
    }
}

/// Which clients: all (`*`), one (`https://music.example`), all that begin alike (`did:plc:*`), or
/// all origins below a host (`https://*.example.com`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientPattern {
    /// Everybody who can be named.
    Any,
    /// This client and no other.
    Exact(String),
    /// Every client that begins with this.
    Prefix(String),
    /// Every client that begins and ends with these and names hosts' labels between.
    Between {
        /// The scheme, for example `https://`.
        scheme: String,
        /// The rest of the origin, which begins with a dot.
        suffix: String,
    },
}

impl ClientPattern {
    /// Whether the pattern covers a client.
    #[must_use]
    pub fn matches(&self, client: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(exact) => exact == client,
            Self::Prefix(prefix) => client.len() > prefix.len() && client.starts_with(prefix),
            Self::Between { scheme, suffix } => client
                .strip_prefix(scheme.as_str())
                .and_then(|rest| rest.strip_suffix(suffix.as_str()))
                .is_some_and(|labels| {
                    !labels.is_empty()
                        && labels
                            .bytes()
                            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
                }),
        }
    }
}

impl fmt::Display for ClientPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => out.write_str("*"),
            Self::Exact(client) => out.write_str(client),
            Self::Prefix(prefix) => write!(out, "{prefix}*"),
            Self::Between { scheme, suffix } => write!(out, "{scheme}*{suffix}"),
        }
    }
}

impl std::str::FromStr for ClientPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let invalid = || {
            InvalidPattern(
                text.to_owned(),
                "everybody, the end of a DID or the first labels of an origin's host",
            )
        };
        match text.split_once('*') {
            None if text.is_empty() => Err(invalid()),
            None => Ok(Self::Exact(text.to_owned())),
            Some(("", "")) => Ok(Self::Any),
            // A pattern such as `https://music.*` would cover `https://music.evil.example`.
            Some((prefix, "")) if prefix.starts_with("did:") => Ok(Self::Prefix(prefix.to_owned())),
            Some((scheme, suffix))
                if matches!(scheme, "https://" | "http://") && is_below(suffix) =>
            {
                Ok(Self::Between {
                    scheme: scheme.to_owned(),
                    suffix: suffix.to_owned(),
                })
            }
            Some(_) => Err(invalid()),
        }
    }
}

/// The end of an origin after its first labels: a dot, a name, perhaps a port.
fn is_below(suffix: &str) -> bool {
    let (name, port) = suffix
        .split_once(':')
        .map_or((suffix, None), |(name, port)| (name, Some(port)));
    name.strip_prefix('.').is_some_and(is_dns_name)
        && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::Window;

    fn payload(source: &str, folder: Option<&str>, client: &str, lifetime: u64) -> Payload {
        Payload::new(
            Source::parse(source, folder).unwrap(),
            client,
            Window::numbered(1, lifetime, 0).unwrap(),
        )
        .unwrap()
    }

    #[test]
    fn the_default_allows_nothing() {
        for (source, folder) in [
            ("https://a.example/b", None),
            ("private:a", None),
            ("files:a", Some("f")),
        ] {
            let payload = payload(source, folder, "x", 60);
            assert_eq!(
                Scope::default().admits(&payload),
                Err(Refusal::SourceOutOfScope)
            );
        }
    }

    #[test]
    fn every_part_of_a_scope_is_checked() {
        let scope = Scope {
            hosts: vec!["*.example.com".parse().unwrap()],
            folders: vec!["demo".into()],
            private: true,
            clients: vec![
                "https://music.example".parse().unwrap(),
                "did:plc:*".parse().unwrap(),
            ],
            longest_lifetime: 3600,
            grace: 30,
        };
        let (client, source) = ("https://music.example", "https://cdn.example.com/a");
        let table = [
            (payload(source, None, client, 3600), Ok(())),
            (payload("private:a", None, "did:plc:a", 60), Ok(())),
            (
                payload("private:a", None, client, 60),
                Err(Refusal::ClientOutOfScope),
            ),
            (payload("files:a", Some("demo"), client, 60), Ok(())),
            (
                payload("files:a", Some("other"), client, 60),
                Err(Refusal::SourceOutOfScope),
            ),
            (
                payload("https://example.com/a", None, client, 60),
                Err(Refusal::SourceOutOfScope),
            ),
            (
                payload(source, None, "https://other.example", 60),
                Err(Refusal::ClientOutOfScope),
            ),
            (
                payload(source, None, client, 3601),
                Err(Refusal::LifetimeOutOfScope),
            ),
        ];
        for (payload, verdict) in table {
            assert_eq!(scope.admits(&payload), verdict, "{payload:?}");
        }
    }

    #[test]
    fn host_patterns_cover_whole_labels() {
        let below: HostPattern = "*.example.com".parse().unwrap();
        assert!(below.matches("a.example.com") && below.matches("a.b.example.com"));
        assert!(!below.matches("example.com") && !below.matches("badexample.com"));
        for bad in [
            "",
            "*",
            "*.",
            "*example.com",
            "a.*.com",
            "*.*.com",
            "A.example",
            "10.0.0.1",
            "a.example:443",
        ] {
            assert!(bad.parse::<HostPattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn client_patterns_cover_what_they_say() {
        let table = [
            ("*", "anybody", true),
            ("did:plc:*", "did:plc:abc", true),
            ("did:plc:*", "did:plc:", false),
            ("did:plc:*", "did:web:abc", false),
            ("https://*.example.com", "https://a.example.com", true),
            ("https://*.example.com", "https://example.com", false),
            ("https://*.example.com", "https://evil/.example.com", false),
            ("https://*.example.com", "https://a@b.example.com", false),
            ("https://*.example.com", "http://a.example.com", false),
            ("https://music.example", "https://music.example", true),
            ("https://music.example", "https://music.example:8443", false),
        ];
        for (pattern, client, covered) in table {
            let pattern: ClientPattern = pattern.parse().unwrap();
            assert_eq!(pattern.matches(client), covered, "{pattern:?} {client}");
        }
        for bad in [
            "",
            "https://*",
            "https://music.*",
            "did:*:x",
            "**",
            "://*.x",
            "ftp://*.x",
            "https://*.X",
            "https://*.x:",
        ] {
            assert!(bad.parse::<ClientPattern>().is_err(), "{bad}");
        }
    }
}
