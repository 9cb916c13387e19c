//! The URLs that the client fetches: https, a name for a host, and nothing to be read two ways.

use std::fmt;

use http::{Uri, uri::PathAndQuery};

/// The longest URL, in bytes.
const MAX_LEN: usize = 4096;

/// The port that an https URL has without naming one.
pub(crate) const HTTPS_PORT: u16 = 443;

/// An https URL whose host is a DNS name in lower case: no user information, no fragment, no
/// spelling of an IP address.
///
/// It has no `Debug`: where bytes are kept is nothing for a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Url {
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
        if text.len() > MAX_LEN || text.contains('#') {
            return Err(InvalidUrl);
        }
        let uri: Uri = text.parse().map_err(|_| InvalidUrl)?;
        let authority = uri.authority().ok_or(InvalidUrl)?.as_str();
        if uri.scheme_str() != Some("https") {
            return Err(InvalidUrl);
        }
        let (host, port) = match authority.split_once(':') {
            None => (authority, HTTPS_PORT),
            Some((host, port)) => (host, port_number(port).ok_or(InvalidUrl)?),
        };
        // DNS knows no case. User information, brackets and zones are no names.
        let host = host.to_ascii_lowercase();
        if !is_dns_name(&host) {
            return Err(InvalidUrl);
        }
        let path_and_query = uri.path_and_query().cloned().ok_or(InvalidUrl)?;
        Ok(Self {
            host,
            port,
            path_and_query,
        })
    }

    /// Where a `Location` leads from here (RFC 3986, 5.2; RFC 9110, 10.2.2).
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
            host: self.host.clone(),
            port: self.port,
            path_and_query: joined.parse().map_err(|_| InvalidUrl)?,
        })
    }

    /// The host, a DNS name in lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, 443 where the URL names none.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path_and_query.path()
    }

    /// The URL as the HTTP library takes it, with the scheme by which its host is reached. Its
    /// authority becomes the `Host` header.
    pub(crate) fn to_uri(&self, scheme: &str) -> Result<Uri, http::Error> {
        let authority = if self.port == HTTPS_PORT {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        };
        Uri::builder()
            .scheme(scheme)
            .authority(authority)
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
mod tests {
    use super::*;

    fn spelled(url: &Url) -> String {
        url.to_uri("https").unwrap().to_string()
    }

    #[test]
    fn only_https_with_a_name_is_a_url() {
        for (text, host, port) in [
            ("https://a.example/b.mp3", "a.example", 443),
            ("https://A.Example/b.mp3?c=d", "a.example", 443),
            ("https://a.example", "a.example", 443),
            ("https://a.example:443/", "a.example", 443),
            ("https://a.example:8443/", "a.example", 8443),
        ] {
            let url = Url::parse(text).unwrap();
            assert_eq!((url.host(), url.port()), (host, port), "{text}");
        }
        for text in [
            "http://a.example/",
            "ftp://a.example/",
            "/a",
            "a.example",
            "https:///a",
            "https://user@a.example/",
            "https://user:pass@a.example/",
            "https://a.example:0/",
            "https://a.example:/",
            "https://a.example:99999/",
            "https://a.example:+443/",
            "https://a.example./",
            "https://a..example/",
            "https://-a.example/",
            "https://a_b.example/",
            "https://a.example/b c",
            "https://a.example/#part",
            "https://ä.example/",
            "https://%61.example/",
            "",
        ] {
            assert_eq!(Url::parse(text), Err(InvalidUrl), "{text}");
        }
        let long = format!("https://a.example/{}", "a".repeat(MAX_LEN));
        assert_eq!(Url::parse(&long), Err(InvalidUrl));
    }

    #[test]
    fn no_spelling_of_an_address_is_a_host() {
        for host in [
            "127.0.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.0.0.1",
            "0x7F.1",
            "0177.0.0.1",
            "017700000001",
            "127.1",
            "127.0.1",
            "127.0.0.1.",
            "1.0x7f",
            "0",
            "８.8.8.8",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[fe80::1%25eth0]",
            "[fe80::1%eth0]",
        ] {
            assert_eq!(
                Url::parse(&format!("https://{host}/a")),
                Err(InvalidUrl),
                "{host}"
            );
        }
    }

    #[test]
    fn a_location_leads_from_where_it_was_given() {
        let here = Url::parse("https://a.example:8443/b/c/d.mp3?e=f").unwrap();
        for (location, expected) in [
            ("https://g.example/h", "https://g.example/h"),
            ("HTTPS://G.example/h#part", "https://g.example/h"),
            ("//g.example/h", "https://g.example/h"),
            ("/h?i", "https://a.example:8443/h?i"),
            ("h", "https://a.example:8443/b/c/h"),
            ("./h", "https://a.example:8443/b/c/h"),
            ("../h", "https://a.example:8443/b/h"),
            ("../../../h", "https://a.example:8443/h"),
            ("%2e%2E/h", "https://a.example:8443/b/h"),
            ("..", "https://a.example:8443/b/"),
            ("/", "https://a.example:8443/"),
            ("/a//b", "https://a.example:8443/a//b"),
            ("?g", "https://a.example:8443/b/c/d.mp3?g"),
            ("", "https://a.example:8443/b/c/d.mp3?e=f"),
            ("#part", "https://a.example:8443/b/c/d.mp3?e=f"),
            ("/h?x=https://y", "https://a.example:8443/h?x=https://y"),
        ] {
            assert_eq!(
                spelled(&here.join(location).unwrap()),
                expected,
                "{location}"
            );
        }
        for location in [
            "http://a.example/",
            "javascript:alert(1)",
            "https:h",
            "https:/h",
            "//user@a.example/",
            "//127.0.0.1/",
            "https://0x7f.1/",
            "/b c",
            "é:",
        ] {
            assert_eq!(here.join(location), Err(InvalidUrl), "{location}");
        }
    }

    #[test]
    fn a_url_does_not_print() {
        let url = Url::parse("https://a.example/secret").unwrap();
        assert!(!format!("{url:?}").contains("example"));
    }
}
