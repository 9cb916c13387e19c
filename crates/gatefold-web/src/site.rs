//! The site's own address, and the names of the cookies that go with it.

use std::net::IpAddr;

use http::Uri;

/// Where this site is: what `Host` and `Origin` of its own requests say.
#[derive(Clone, Debug)]
pub struct Site {
    origin: Box<str>,
    host: Box<str>,
    port: Option<u16>,
    is_https: bool,
    is_loopback: bool,
}

/// No address that a site can have.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidSite {
    /// Not `scheme://host[:port]` alone, in lower case.
    #[error(
        "{0:?} is no address of a site: write it like \"https://music.example.com\", without a path"
    )]
    Spelling(String),
    /// Cookies and passwords of others would travel readable.
    #[error(
        "{0:?} is not https, which only a site on this machine's loopback address may do without"
    )]
    Insecure(String),
}

/// To whom a request believes to speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressed {
    /// To this site by its name.
    Own,
    /// To this site by another of its names on loopback, in development.
    OtherName,
    /// To another site.
    Elsewhere,
}

/// A cookie of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CookieName {
    /// Names a browser's session.
    Session,
    /// Shows, when a sign-in comes back, that this browser began it.
    SignIn,
}

impl Site {
    /// The site at `public_url`: `https://host[:port]`, or `http://…` on loopback.
    ///
    /// # Errors
    /// When it is no such address.
    pub fn new(public_url: &str) -> Result<Self, InvalidSite> {
        let spelling = || InvalidSite::Spelling(public_url.to_owned());
        let bare = public_url.strip_suffix('/').unwrap_or(public_url);
        let uri: Uri = bare.parse().map_err(|_| spelling())?;
        let is_https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(spelling()),
        };
        let authority = uri.authority().ok_or_else(spelling)?;
        let (host, port) = (authority.host(), authority.port_u16());
        let port = port.filter(|port| *port != default_port(is_https));
        let origin = origin(is_https, host, port);
        let is_lower = !host.is_empty() && !host.contains(|c: char| c.is_ascii_uppercase());
        let spelled = [
            origin.clone(),
            format!("{origin}:{}", default_port(is_https)),
        ];
        if !is_lower || !spelled.iter().any(|spelled| spelled == bare) {
            return Err(spelling());
        }
        let is_loopback = is_loopback(host);
        if !is_https && !is_loopback {
            return Err(InvalidSite::Insecure(public_url.to_owned()));
        }
        Ok(Self {
            origin: origin.into(),
            host: host.into(),
            port,
            is_https,
            is_loopback,
        })
    }

    /// The site's origin, which is its address without a slash at the end.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether TLS protects it.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether it is for people at this machine alone.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// Whom a `Host` header names.
    pub(crate) fn addressed(&self, host: &str) -> Addressed {
        let Ok(authority) = host.parse::<http::uri::Authority>() else {
            return Addressed::Elsewhere;
        };
        let Ok(port) = port_after(host, authority.host()) else {
            return Addressed::Elsewhere;
        };
        let port = port.filter(|port| *port != default_port(self.is_https));
        if port != self.port {
            Addressed::Elsewhere
        } else if authority.host().eq_ignore_ascii_case(&self.host) {
            Addressed::Own
        } else if self.is_loopback && is_loopback_name(authority.host()) {
            Addressed::OtherName
        } else {
            Addressed::Elsewhere
        }
    }

    /// Whether an `Origin` is this site, for a request to `host`, which is one of its names.
    pub(crate) fn is_own_origin(&self, value: &str, host: &str) -> bool {
        value == &*self.origin
            || self.addressed(host) == Addressed::OtherName
                && value.strip_prefix("http://") == Some(host)
    }

    /// What a cookie is called here. The prefix, which browsers demand TLS for, keeps names below
    /// and beside this one from setting it.
    pub(crate) fn cookie(&self, name: CookieName) -> &'static str {
        match (name, self.is_https) {
            (CookieName::Session, true) => "__Host-session_id",
            (CookieName::Session, false) => "session_id",
            (CookieName::SignIn, true) => "__Host-signin",
            (CookieName::SignIn, false) => "signin",
        }
    }
}

fn origin(is_https: bool, host: &str, port: Option<u16>) -> String {
    let scheme = if is_https { "https" } else { "http" };
    match port {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    }
}

/// What follows the host in text: nothing, or one port and nothing else.
fn port_after(text: &str, host: &str) -> Result<Option<u16>, NoPort> {
    let rest = text.strip_prefix(host).ok_or(NoPort)?;
    if rest.is_empty() {
        return Ok(None);
    }
    let digits = rest.strip_prefix(':').ok_or(NoPort)?;
    digits.parse().map(Some).map_err(|_| NoPort)
}

/// Something else than a port follows.
struct NoPort;

const fn default_port(is_https: bool) -> u16 {
    if is_https { 443 } else { 80 }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost",
    }
}

/// The names by which a developer's browser reaches its own machine.
fn is_loopback_name(host: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_https_or_on_loopback() {
        for (text, origin) in [
            ("https://music.example", "https://music.example"),
            ("https://music.example/", "https://music.example"),
            ("https://music.example:443", "https://music.example"),
            ("https://music.example:8443", "https://music.example:8443"),
            ("http://127.0.0.1:8400", "http://127.0.0.1:8400"),
            ("http://localhost", "http://localhost"),
            ("http://[::1]:8400", "http://[::1]:8400"),
        ] {
            assert_eq!(Site::new(text).unwrap().origin(), origin, "{text}");
        }
        for text in [
            "",
            "music.example",
            "ftp://music.example",
            "https://",
            "https://Music.example",
            "https://music.example/path",
            "https://music.example//",
            "https://user@music.example",
            "https://music.example?query",
            "https://music.example:port",
        ] {
            let refused = Site::new(text).unwrap_err();
            assert_eq!(refused, InvalidSite::Spelling(text.to_owned()), "{text}");
        }
        for text in ["http://music.example", "http://10.0.0.1:8400"] {
            let refused = Site::new(text).unwrap_err();
            assert_eq!(refused, InvalidSite::Insecure(text.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_host_names_this_site_or_another() {
        use Addressed::{Elsewhere, OtherName, Own};
        for (site, host, addressed) in [
            ("https://music.example", "music.example", Own),
            ("https://music.example", "MUSIC.example", Own),
            ("https://music.example", "music.example:443", Own),
            ("https://music.example", "music.example:80", Elsewhere),
            ("https://music.example", "music.example.evil", Elsewhere),
            ("https://music.example", "evil-music.example", Elsewhere),
            ("https://music.example", "user@music.example", Elsewhere),
            ("https://music.example", "music.example:99999", Elsewhere),
            ("https://music.example", "localhost", Elsewhere),
            ("https://music.example", "", Elsewhere),
            ("https://music.example", "a b", Elsewhere),
            ("http://127.0.0.1:8400", "127.0.0.1:8400", Own),
            ("http://127.0.0.1:8400", "localhost:8400", OtherName),
            ("http://127.0.0.1:8400", "[::1]:8400", OtherName),
            ("http://127.0.0.1:8400", "127.0.0.1:8401", Elsewhere),
            ("http://127.0.0.1:8400", "127.0.0.1", Elsewhere),
            ("http://127.0.0.1:8400", "127.0.0.2:8400", Elsewhere),
            ("http://127.0.0.1:8400", "localhost.evil:8400", Elsewhere),
            ("http://127.0.0.1:8400", "evil.example:8400", Elsewhere),
        ] {
            let site = Site::new(site).unwrap();
            assert_eq!(site.addressed(host), addressed, "{site:?} {host}");
        }
    }

    #[test]
    fn an_origin_of_another_name_counts_for_requests_to_that_name() {
        let site = Site::new("http://127.0.0.1:8400").unwrap();
        for (origin, host, own) in [
            ("http://127.0.0.1:8400", "127.0.0.1:8400", true),
            ("http://localhost:8400", "localhost:8400", true),
            ("http://localhost:8400", "127.0.0.1:8400", false),
            ("https://localhost:8400", "localhost:8400", false),
            ("http://localhost:8401", "localhost:8400", false),
            ("null", "localhost:8400", false),
        ] {
            assert_eq!(site.is_own_origin(origin, host), own, "{origin} {host}");
        }
        let site = Site::new("https://music.example").unwrap();
        assert!(!site.is_own_origin("http://music.example", "music.example"));
    }

    #[test]
    fn cookies_are_bound_to_the_host_where_browsers_can_do_that() {
        let (https, loopback) = ("https://music.example", "http://127.0.0.1:8400");
        for (site, name, called) in [
            (https, CookieName::Session, "__Host-session_id"),
            (https, CookieName::SignIn, "__Host-signin"),
            (loopback, CookieName::Session, "session_id"),
            (loopback, CookieName::SignIn, "signin"),
        ] {
            assert_eq!(Site::new(site).unwrap().cookie(name), called);
        }
    }
}
