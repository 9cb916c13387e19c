//! Origins that may speak to this site from elsewhere, as their operator writes them down.

use std::{fmt, net::IpAddr, str::FromStr};

use http::Uri;

/// One origin, or every origin that differs from a pattern in its first label alone.
///
/// `https://app.example.com` is that origin. `https://*.example.com` is any origin whose host has
/// exactly one label before `.example.com`: neither `https://example.com` nor
/// `https://a.b.example.com`. There is no other place for a star, and no other pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern {
    /// `https://` or `http://`.
    scheme: &'static str,
    /// Whether one label stands before the rest.
    has_star: bool,
    /// Host and port; with a star, what follows it, from the dot on.
    rest: Box<str>,
}

/// Text that is neither an origin nor a pattern of origins.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "{0:?} names no origins: write \"https://app.example.com\", or \"https://*.example.com\" for \
     every name directly below"
)]
pub struct InvalidPattern(String);

impl OriginPattern {
    /// Whether a browser's `Origin` is meant.
    #[must_use]
    pub fn matches(&self, origin: &str) -> bool {
        let Some(host) = origin.strip_prefix(self.scheme) else {
            return false;
        };
        if !self.has_star {
            return host == &*self.rest;
        }
        host.strip_suffix(&*self.rest).is_some_and(is_label)
    }
}

/// Whether text is one label of a host's name, as browsers write it.
fn is_label(text: &str) -> bool {
    let letter = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    !text.is_empty() && text.len() <= 63 && text.bytes().all(letter)
}

/// Whether text is the name of a host: labels, or an address.
fn is_host(text: &str) -> bool {
    text.split('.').all(is_label) || text.starts_with('[') && text.ends_with(']')
}

impl FromStr for OriginPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let invalid = || InvalidPattern(text.to_owned());
        let (scheme, default_port, rest) = if let Some(rest) = text.strip_prefix("https://") {
            ("https://", 443, rest)
        } else if let Some(rest) = text.strip_prefix("http://") {
            ("http://", 80, rest)
        } else {
            return Err(invalid());
        };
        let (has_star, host_and_port) = match rest.strip_prefix("*.") {
            Some(below) => (true, below),
            None => (false, rest),
        };
        let uri: Uri = format!("{scheme}{host_and_port}")
            .parse()
            .map_err(|_| invalid())?;
        let authority = uri.authority().ok_or_else(invalid)?;
        let (host, port) = (authority.host(), authority.port_u16());
        // Browsers leave the usual port out, so that an origin with it would never be met.
        let spelled = match port {
            Some(port) if port == default_port => return Err(invalid()),
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let below_star = !has_star || host.contains('.') && host.parse::<IpAddr>().is_err();
        if spelled != host_and_port || !is_host(host) || !below_star {
            return Err(invalid());
        }
        let rest = if has_star {
            format!(".{spelled}").into()
        } else {
            spelled.into()
        };
        Ok(Self {
            scheme,
            has_star,
            rest,
        })
    }
}

impl fmt::Display for OriginPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.has_star { "*" } else { "" };
        write!(out, "{}{star}{}", self.scheme, self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_what_it_says_and_nothing_near_it() {
        for (pattern, origin, meant) in [
            ("https://app.example.com", "https://app.example.com", true),
            ("https://app.example.com", "http://app.example.com", false),
            (
                "https://app.example.com",
                "https://app.example.com:8443",
                false,
            ),
            ("https://app.example.com", "https://appxexample.com", false),
            (
                "https://app.example.com",
                "https://app.example.com.evil",
                false,
            ),
            (
                "https://app.example.com",
                "https://evil.app.example.com",
                false,
            ),
            ("https://app.example.com", "null", false),
            ("https://app.example.com", "", false),
            ("http://localhost:5173", "http://localhost:5173", true),
            ("http://localhost:5173", "http://localhost:5174", false),
            ("https://*.example.com", "https://app.example.com", true),
            ("https://*.example.com", "https://a-1.example.com", true),
            ("https://*.example.com", "https://example.com", false),
            ("https://*.example.com", "https://.example.com", false),
            ("https://*.example.com", "https://a.b.example.com", false),
            ("https://*.example.com", "https://evilexample.com", false),
            ("https://*.example.com", "https://a.examplexcom", false),
            (
                "https://*.example.com",
                "https://app.example.com.evil",
                false,
            ),
            (
                "https://*.example.com",
                "https://evil.com/.example.com",
                false,
            ),
            ("https://*.example.com", "https://a@b.example.com", false),
            ("https://*.example.com", "https://*.example.com", false),
            ("https://*.example.com", "http://app.example.com", false),
            (
                "https://*.example.com",
                "https://app.example.com:8443",
                false,
            ),
            (
                "https://*.example.com:8443",
                "https://app.example.com:8443",
                true,
            ),
        ] {
            let read: OriginPattern = pattern.parse().unwrap();
            assert_eq!(read.matches(origin), meant, "{pattern} {origin}");
            assert_eq!(read.to_string(), pattern);
        }
    }

    #[test]
    fn what_could_mean_more_than_it_says_is_refused() {
        for text in [
            "",
            "*",
            "null",
            "app.example.com",
            "ftp://app.example.com",
            "https://",
            "https://*",
            "https://*.com",
            "https://*.127.0.0.1",
            "https://*.*.example.com",
            "https://app-*.example.com",
            "https://app.*.com",
            "https://.*\\.example\\.com",
            "https://App.example.com",
            "https://app.example.com/",
            "https://app.example.com/path",
            "https://app.example.com:443",
            "http://app.example.com:80",
            "https://user@app.example.com",
            "https://app..example.com",
        ] {
            let refused = text.parse::<OriginPattern>().unwrap_err();
            assert_eq!(refused, InvalidPattern(text.to_owned()), "{text}");
        }
    }
}
