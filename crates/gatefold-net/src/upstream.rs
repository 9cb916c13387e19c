//! Hosts that the operator serves from somewhere else: an nginx on loopback, a container beside.

use std::{collections::HashMap, fmt, str::FromStr};

use http::Uri;

use crate::url::is_dns_name;

/// Where the requests for one host go instead of to its public address: `http://127.0.0.1:9000`,
/// `http://nginx:8080` or `https://10.0.0.5`.
///
/// It says only whom to connect to. The request stays what it was: its path is the URL's, its `Host`
/// is the host that the URL names, and with https the certificate has to be that host's too. So an
/// nginx on loopback answers from the `server` block with that name, as it does for the public.
/// What it redirects to has to be relative or https again (`absolute_redirect off`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    tls: bool,
    host: String,
    port: u16,
}

/// The text is not an upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an upstream is http:// or https:// with a host and perhaps a port, as in \
     http://127.0.0.1:9000: no path, no query, no user"
)]
pub struct InvalidUpstream;

impl FromStr for Upstream {
    type Err = InvalidUpstream;

    fn from_str(text: &str) -> Result<Self, InvalidUpstream> {
        let uri: Uri = text.parse().map_err(|_| InvalidUpstream)?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(InvalidUpstream),
        };
        let authority = uri.authority().ok_or(InvalidUpstream)?;
        let bare = matches!(uri.path(), "" | "/") && uri.query().is_none();
        if !bare || authority.as_str().contains('@') || text.contains('#') {
            return Err(InvalidUpstream);
        }
        let port = match (authority.port(), tls) {
            (Some(port), _) => port.as_u16(),
            (None, true) => 443,
            (None, false) => 80,
        };
        let host = authority.host();
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        if host.is_empty() || port == 0 || authority.as_str().ends_with(':') {
            return Err(InvalidUpstream);
        }
        Ok(Self {
            tls,
            host: host.to_owned(),
            port,
        })
    }
}

impl Upstream {
    /// The name or address to connect to, without brackets.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }
}

/// Upstreams by the host whose requests they take. Only these hosts may have an address that is not
/// public, and only these may be reached without TLS.
#[derive(Clone, Default)]
pub struct Upstreams(HashMap<String, Upstream>);

/// The host of an upstream is not a name in lower case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a host name in lower case")]
pub struct InvalidHost(String);

impl Upstreams {
    /// Sends the requests for `host` to `upstream`.
    ///
    /// # Errors
    /// [`InvalidHost`] when `host` could not be that of a URL.
    pub fn insert(&mut self, host: &str, upstream: Upstream) -> Result<(), InvalidHost> {
        if !is_dns_name(host) {
            return Err(InvalidHost(host.to_owned()));
        }
        self.0.insert(host.to_owned(), upstream);
        Ok(())
    }

    pub(crate) fn get(&self, host: &str) -> Option<&Upstream> {
        self.0.get(host)
    }
}

impl fmt::Debug for Upstreams {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Upstreams({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_is_a_place_and_nothing_more() {
        for (text, scheme, host, port) in [
            ("http://127.0.0.1:9000", "http", "127.0.0.1", 9000),
            ("http://127.0.0.1:9000/", "http", "127.0.0.1", 9000),
            ("http://nginx", "http", "nginx", 80),
            ("https://10.0.0.5", "https", "10.0.0.5", 443),
            ("http://[::1]:9000", "http", "::1", 9000),
        ] {
            let upstream: Upstream = text.parse().unwrap();
            assert_eq!(
                (upstream.scheme(), upstream.host(), upstream.port()),
                (scheme, host, port),
                "{text}"
            );
        }
        for text in [
            "",
            "127.0.0.1:9000",
            "unix:/run/nginx.sock",
            "ftp://127.0.0.1",
            "http://127.0.0.1/music",
            "http://127.0.0.1/?a",
            "http://127.0.0.1/#a",
            "http://me@127.0.0.1",
            "http://127.0.0.1:0",
            "http://127.0.0.1:",
        ] {
            assert_eq!(text.parse::<Upstream>(), Err(InvalidUpstream), "{text}");
        }
    }

    #[test]
    fn a_host_that_no_url_could_have_is_refused() {
        let upstream: Upstream = "http://127.0.0.1".parse().unwrap();
        let mut upstreams = Upstreams::default();
        for host in ["127.0.0.1", "A.example", "a.example:80", "*.a.example", ""] {
            assert!(upstreams.insert(host, upstream.clone()).is_err(), "{host}");
        }
        upstreams.insert("a.example", upstream).unwrap();
        assert!(upstreams.get("a.example").is_some());
    }
}
