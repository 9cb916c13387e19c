//! Where a server is: scheme, host and port.

use std::{fmt, net::IpAddr, str::FromStr};

use http::Uri;

/// An `http` or `https` URL that names a server and nothing on it, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    text: String,
    host: String,
    is_https: bool,
}

/// It names no server, or more than that.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0:?} is no address of a server: write it like \"https://edge.example.com\", without a path"
)]
pub(crate) struct InvalidBaseUrl(String);

impl BaseUrl {
    /// The URL, without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether TLS protects it.
    pub(crate) fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether the host is this machine by its very name.
    pub(crate) fn is_loopback(&self) -> bool {
        let address = self.host.trim_start_matches('[').trim_end_matches(']');
        match address.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }
}

impl FromStr for BaseUrl {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        let invalid = || InvalidBaseUrl(text.to_owned());
        let bare = text.strip_suffix('/').unwrap_or(text);
        let uri: Uri = bare.parse().map_err(|_| invalid())?;
        let is_https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(invalid()),
        };
        let authority = uri.authority().ok_or_else(invalid)?;
        // Spelled as it is meant, and nothing beside it: no user, path or query.
        let scheme = if is_https { "https" } else { "http" };
        let host = authority.host();
        let spelled = match authority.port_u16() {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        let is_lower = !host.contains(|c: char| c.is_ascii_uppercase());
        if spelled != bare || host.is_empty() || !is_lower {
            return Err(invalid());
        }
        Ok(Self {
            text: spelled,
            host: authority.host().to_owned(),
            is_https,
        })
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_and_looked_at() {
        for (text, shown, is_https, is_loopback) in [
            (
                "https://edge.example.com",
                "https://edge.example.com",
                true,
                false,
            ),
            (
                "https://edge.example.com/",
                "https://edge.example.com",
                true,
                false,
            ),
            (
                "http://127.0.0.1:9000",
                "http://127.0.0.1:9000",
                false,
                true,
            ),
            ("http://[::1]:9000", "http://[::1]:9000", false, true),
            (
                "http://[::ffff:127.0.0.1]",
                "http://[::ffff:127.0.0.1]",
                false,
                true,
            ),
            ("http://localhost", "http://localhost", false, true),
            (
                "http://localhost.example",
                "http://localhost.example",
                false,
                false,
            ),
            ("http://10.0.0.1", "http://10.0.0.1", false, false),
        ] {
            let url: BaseUrl = text.parse().unwrap();
            assert_eq!(url.as_str(), shown);
            assert_eq!(
                (url.is_https(), url.is_loopback()),
                (is_https, is_loopback),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_more_or_less_than_a_server_is_refused() {
        for text in [
            "",
            "edge.example.com",
            "ftp://edge.example.com",
            "https://",
            "https://user@edge.example.com",
            "https://edge.example.com/path",
            "https://edge.example.com//",
            "https://edge.example.com?query",
            "https://EDGE.example.com",
            "HTTPS://edge.example.com",
            "https://edge.example.com:port",
        ] {
            let said = text.parse::<BaseUrl>().unwrap_err().to_string();
            assert!(said.contains("like"), "{text}: {said}");
        }
    }
}
