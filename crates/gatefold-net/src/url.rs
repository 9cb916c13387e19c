//! The URLs that the client fetches: https, a name for a host, and nothing to be read two ways. For
//! development there is one more kind: plain http on this machine.

use std::fmt;

use http::{Uri, uri::PathAndQuery};

/// The longest URL, in bytes.
const MAX_LEN: usize = 4096;

/// The port that an https URL has without naming one.
pub(crate) const HTTPS_PORT: u16 = 443;
/// The port that an http URL has without naming one.
pub(crate) const HTTP_PORT: u16 = 80;

/// The hosts of this machine, as a URL spells them, and no other spelling.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// An https URL whose host is a DNS name in lower case: no user information, no fragment, no
/// spelling of an IP address. Or, where development asks for it, an http URL on this machine, of
/// which a [`Client`](crate::Client) wants nothing to do unless it has been told to.
///
/// It does not print: where bytes are kept is nothing for a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Url {
    /// Without TLS; then the host is one of [`LOOPBACK`].
    plain: bool,
    host: String,
    port: u16,
    path_and_query: PathAndQuery,
}

/// The text is not a URL that may be fetched. What the text was is left out on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an https URL with a host name")]
pub struct InvalidUrl;

impl Url {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`InvalidUrl`] for everything else.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        Self::parse_or_loopback(text)
            .ok()
            .filter(|url| !url.plain)
            .ok_or(InvalidUrl)
    }

    /// Reads a URL; one with http too, on any port, when its host is `localhost`, `127.0.0.1` or
    /// `[::1]`.
    ///
    /// # Errors
    /// [`InvalidUrl`] for everything else.
    pub fn parse_or_loopback(text: &str) -> Result<Self, InvalidUrl> {
        if text.len() > MAX_LEN || text.contains('#') {
            return Err(InvalidUrl);
        }
        let uri: Uri = text.parse().map_err(|_| InvalidUrl)?;
        let authority = uri.authority().ok_or(InvalidUrl)?.as_str();
        let plain = match uri.scheme_str() {
            Some("https") => false,
            Some("http") => true,
            _ => return Err(InvalidUrl),
        };
        // An address in brackets has colons of its own.
        let host_len = authority.rfind(']').map_or_else(
            || authority.find(':').unwrap_or(authority.len()),
            |bracket| bracket.saturating_add(1),
        );
        let (host, port) = authority.split_at_checked(host_len).ok_or(InvalidUrl)?;
        let port = match port.strip_prefix(':') {
            Some(digits) => port_number(digits).ok_or(InvalidUrl)?,
            None if !port.is_empty() => return Err(InvalidUrl),
            None if plain => HTTP_PORT,
            None => HTTPS_PORT,
        };
        // DNS knows no case. User information, brackets and zones are no names.
        let host = host.to_ascii_lowercase();
        let is_host = if plain { is_loopback } else { is_dns_name };
        if !is_host(&host) {
            return Err(InvalidUrl);
        }
        let path_and_query = uri.path_and_query().cloned().ok_or(InvalidUrl)?;
        Ok(Self {
            plain,
            host,
            port,
            path_and_query,
        })
    }

    /// Where a `Location` leads from here (RFC 3986, 5.2; RFC 9110, 10.2.2). Nothing but a path
    /// leads to plain http, and only from there.
    ///
    /// # Errors
    /// [`InvalidUrl`] when that is not a URL that may be fetched.
    pub fn join(&self, location: &str) -> Result<Self, InvalidUrl> {
        let location = location.split('#').next().unwrap_or_default();
        if let Some(after) = location.strip_prefix("//") {
            return Self::parse(&format!("https://{after}"));
        }
        // A scheme ends at the first colon, if that comes before any slash or question mark.
        let before = location.split(['/', '?']).next().unwrap_or_default();
        if before.contains(':') {
            let rest = location
                .split_at_checked(8)
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("https://"));
            let (_, rest) = rest.ok_or(InvalidUrl)?;
            return Self::parse(&format!("https://{rest}"));
        }
        let (path, query) = match location.split_once('?') {
            None => (location, None),
            Some((path, query)) => (path, Some(query)),
        };
        let here = self.path_and_query.path();
        let joined = if path.is_empty() {
            let query = query.or(self.path_and_query.query());
            with_query(here.to_owned(), query)
        } else if path.starts_with('/') {
            with_query(without_dots(path), query)
        } else {
            let folder = here.rsplit_once('/').map_or("", |(folder, _)| folder);
            with_query(without_dots(&format!("{folder}/{path}")), query)
        };
        if joined.len() > MAX_LEN {
            return Err(InvalidUrl);
        }
        Ok(Self {
            plain: self.plain,
            host: self.host.clone(),
            port: self.port,
            path_and_query: joined.parse().map_err(|_| InvalidUrl)?,
        })
    }

    /// The host, a DNS name in lower case; for a URL with http one of `localhost`, `127.0.0.1` and
    /// `[::1]`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; where the URL names none, 443, with http 80.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path_and_query.path()
    }

    /// The query, without its question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.path_and_query.query()
    }

    /// Whether this is http on this machine.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.plain
    }

    /// Scheme, host and port, as a browser writes an origin: `https://a.example`,
    /// `http://localhost:2583`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme(), self.authority())
    }

    /// The whole URL, for whoever needs it as text. Its path is `/` at least, and a port that the
    /// scheme has anyway is left out.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{}{}", self.origin(), self.path_and_query)
    }

    fn scheme(&self) -> &'static str {
        if self.plain { "http" } else { "https" }
    }

    fn authority(&self) -> String {
        let usual = if self.plain { HTTP_PORT } else { HTTPS_PORT };
        if self.port == usual {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// The URL as the HTTP library takes it, with the scheme by which its host is reached when that
    /// is another one. Its authority becomes the `Host` header.
    pub(crate) fn to_uri(&self, scheme: Option<&str>) -> Result<Uri, http::Error> {
        Uri::builder()
            .scheme(scheme.unwrap_or_else(|| self.scheme()))
            .authority(self.authority())
            .path_and_query(self.path_and_query.clone())
            .build()
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Url")
    }
}

fn with_query(mut path: String, query: Option<&str>) -> String {
    if let Some(query) = query {
        path.push('?');
        path.push_str(query);
    }
    path
}

/// A path without its dot segments (RFC 3986, 5.2.4), written with per cent signs or not: whoever is
/// asked may read them either way.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut ends_open = false;
    for segment in path.split('/').skip(1) {
        let plain = segment.replace("%2e", ".").replace("%2E", ".");
        ends_open = matches!(plain.as_str(), "." | "..");
        match plain.as_str() {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    let mut joined: String = kept.iter().flat_map(|segment| ["/", segment]).collect();
    if ends_open || joined.is_empty() {
        joined.push('/');
    }
    joined
}

fn port_number(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0)
}

/// Whether a host is this machine, by one of its three plain spellings.
pub(crate) fn is_loopback(host: &str) -> bool {
    LOOPBACK.contains(&host)
}

/// Letters, digits and hyphens, with a last label that begins with a letter: no spelling of an IP
/// address does, whether decimal, octal, hexadecimal or shortened.
pub(crate) fn is_dns_name(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= 253
        && host.split('.').all(is_label)
        && last.starts_with(|first: char| first.is_ascii_lowercase())
}

#[cfg(test)]
mod tests;
