//! Where media come from that do not come from the site itself.

use http::Uri;

/// An origin, as the policies of pages name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaOrigin(Box<str>);

impl MediaOrigin {
    /// The origin of an address below which public media are, such as
    /// `https://media.example.com/music`; `None` when it has none that a policy can name.
    #[must_use]
    pub fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let scheme = uri
            .scheme_str()
            .filter(|it| ["https", "http"].contains(it))?;
        let (host, port) = (uri.host()?, uri.port_u16());
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-.[]:".contains(c);
        if host.is_empty() || !host.chars().all(is_name) {
            return None;
        }
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let host = host.to_ascii_lowercase();
        Some(Self(format!("{scheme}://{host}{port}").into()))
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_stands_before_the_path() {
        for (url, origin) in [
            (
                "https://media.example.com",
                Some("https://media.example.com"),
            ),
            (
                "https://Media.example.com/a/b?c",
                Some("https://media.example.com"),
            ),
            (
                "https://media.example.com:8443/a",
                Some("https://media.example.com:8443"),
            ),
            ("http://[::1]:9000/a", Some("http://[::1]:9000")),
            (
                "https://robin@media.example.com/a",
                Some("https://media.example.com"),
            ),
            ("https://*.example.com", None),
            ("https://a.example;script-src", None),
            ("ftp://media.example.com", None),
            ("/media", None),
            ("", None),
        ] {
            let found = MediaOrigin::of(url);
            assert_eq!(found.as_ref().map(MediaOrigin::as_str), origin, "{url}");
        }
    }
}
