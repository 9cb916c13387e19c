//! Where a server is.

use std::{fmt, net::IpAddr, str::FromStr};

use reqwest::Url;

/// A server, by scheme, host and port. What is not on this machine is spoken to with TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server(Url);

/// Text that is no address of a server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidServer {
    /// It cannot be read, or says more than where the server is.
    #[error("this is no address of a server: write it like https://music.example.com")]
    Malformed,
    /// It is plain HTTP, and not on this machine.
    #[error("only a server on this machine may be http://: what you send would go unencrypted")]
    Plain,
}

impl FromStr for Server {
    type Err = InvalidServer;

    /// Reads an address. Without a scheme it is https, and http on this machine.
    fn from_str(text: &str) -> Result<Self, InvalidServer> {
        let text = text.trim();
        let url = if text.contains("://") {
            Url::parse(text)
        } else {
            let plain = Url::parse(&format!("http://{text}"));
            match plain {
                Ok(url) if is_this_machine(&url) => Ok(url),
                _ => Url::parse(&format!("https://{text}")),
            }
        };
        let url = url.map_err(|_| InvalidServer::Malformed)?;
        let is_bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        match url.scheme() {
            _ if !is_bare || url.host_str().is_none() => Err(InvalidServer::Malformed),
            "https" => Ok(Self(url)),
            "http" if is_this_machine(&url) => Ok(Self(url)),
            "http" => Err(InvalidServer::Plain),
            _ => Err(InvalidServer::Malformed),
        }
    }
}

impl fmt::Display for Server {
    /// Scheme, host and port, without a slash at the end.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.origin().ascii_serialization())
    }
}

impl Server {
    /// The address of a path there, given by its segments; an empty one at the end is a slash there.
    pub(crate) fn at(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(segments);
        }
        url
    }

    /// Whether an address is this server's.
    pub(crate) fn has(&self, url: &Url) -> bool {
        self.0.origin() == url.origin()
    }

    /// Whether it is on this machine.
    pub(crate) fn is_this_machine(&self) -> bool {
        is_this_machine(&self.0)
    }
}

/// Whether an address leads to this machine, by what it says and not by what a name server does.
pub(crate) fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_scheme_a_host_and_a_port() {
        for (text, written) in [
            ("https://music.example.com", "https://music.example.com"),
            ("https://music.example.com/", "https://music.example.com"),
            (
                " https://Music.Example.com:443 ",
                "https://music.example.com",
            ),
            (
                "https://music.example.com:8443",
                "https://music.example.com:8443",
            ),
            ("https://10.0.0.5", "https://10.0.0.5"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("music.example.com", "https://music.example.com"),
            ("music.example.com:8443", "https://music.example.com:8443"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://127.9.9.9", "http://127.9.9.9"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://localhost:80", "http://localhost"),
            ("localhost:8080", "http://localhost:8080"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            let server = text.parse::<Server>();
            assert_eq!(
                server.map(|it| it.to_string()).as_deref(),
                Ok(written),
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_else_is_one() {
        for text in [
            "",
            "https://",
            "https://music.example.com/track/12",
            "https://music.example.com/?a",
            "https://music.example.com/#a",
            "https://me@music.example.com",
            "https://:secret@music.example.com",
            "ftp://music.example.com",
            "file:///etc/passwd",
            "data:text/plain,a",
            "music example",
        ] {
            let server = text.parse::<Server>();
            assert_eq!(server, Err(InvalidServer::Malformed), "{text}");
        }
    }

    #[test]
    fn a_token_does_not_go_over_a_network_in_the_clear() {
        for text in [
            "http://music.example.com",
            "http://10.0.0.5:8080",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://0.0.0.0",
        ] {
            assert_eq!(text.parse::<Server>(), Err(InvalidServer::Plain), "{text}");
        }
    }

    #[test]
    fn a_path_is_made_of_segments() {
        let server: Server = "https://a.example".parse().unwrap();
        for (segments, path) in [
            (&["tracks", ""][..], "/tracks/"),
            (
                &["artists", "by-handle", "a/../b?c#d"],
                "/artists/by-handle/a%2F..%2Fb%3Fc%23d",
            ),
            (&["tracks", "..", "12"], "/tracks/12"),
        ] {
            assert_eq!(server.at(segments).path(), path);
        }
    }
}
