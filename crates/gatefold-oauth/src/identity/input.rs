//! What people type, or paste.

use gatefold_domain::{Did, Handle};
use gatefold_net::{InvalidUrl, Url};

use super::IdentityError;

/// The longest input, in bytes; a handle has 253 at most.
const MAX_LEN: usize = 1024;

/// Who or what is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Whoever has this handle.
    Handle(Handle),
    /// This identity.
    Did(Did),
    /// Somebody whom this server knows, a PDS or the authorization server of some.
    Server(Url),
}

impl Input {
    /// Reads what somebody typed. Spaces around it, an `@` or `at://` before it, and what is pasted
    /// along without being seen (marks of writing direction, joiners) do not count.
    ///
    /// `read` says which URLs there are, [`Url::parse`] for example. A server's is one without path
    /// and query.
    ///
    /// # Errors
    /// [`IdentityError::Input`] when it is nothing of the kind.
    pub fn parse(
        text: &str,
        read: impl Fn(&str) -> Result<Url, InvalidUrl>,
    ) -> Result<Self, IdentityError> {
        if text.len() > MAX_LEN {
            return Err(IdentityError::Input);
        }
        let seen: String = text.chars().filter(|c| !is_unseen(*c)).collect();
        let seen = seen.trim();
        if let Ok(url) = read(seen) {
            let bare = url.path() == "/" && url.query().is_none();
            return bare
                .then_some(Self::Server(url))
                .ok_or(IdentityError::Input);
        }
        let name = seen.strip_prefix("at://").unwrap_or(seen);
        let name = name.strip_prefix('@').unwrap_or(name).trim_start();
        if let Ok(did) = name.parse() {
            return Ok(Self::Did(did));
        }
        name.parse()
            .map(Self::Handle)
            .map_err(|_| IdentityError::Input)
    }
}

/// Characters that have no look of their own and are no space.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
    ) || (c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<String, IdentityError> {
        Input::parse(text, Url::parse).map(|input| match input {
            Input::Handle(handle) => format!("handle {handle}"),
            Input::Did(did) => format!("did {did}"),
            Input::Server(url) => format!("server {}", url.origin()),
        })
    }

    #[test]
    fn what_people_paste_is_understood() {
        for (text, meant) in [
            ("jay.bsky.social", "handle jay.bsky.social"),
            ("@jay.bsky.social", "handle jay.bsky.social"),
            ("  @Jay.Bsky.Social\n", "handle jay.bsky.social"),
            ("@ jay.bsky.social", "handle jay.bsky.social"),
            ("\u{202a}@jay.bsky.social\u{202c}", "handle jay.bsky.social"),
            (
                "\u{feff}jay.bsky\u{200b}.social\u{a0}",
                "handle jay.bsky.social",
            ),
            ("at://jay.bsky.social", "handle jay.bsky.social"),
            ("artist.test", "handle artist.test"),
            (
                " did:plc:ewvi7nxzyoun6zhxrhs64oiz ",
                "did did:plc:ewvi7nxzyoun6zhxrhs64oiz",
            ),
            (
                "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz",
                "did did:plc:ewvi7nxzyoun6zhxrhs64oiz",
            ),
            ("did:web:a.example.com", "did did:web:a.example.com"),
            ("https://bsky.social", "server https://bsky.social"),
            (
                " https://PDS.example.com/ ",
                "server https://pds.example.com",
            ),
            (
                "https://pds.example.com:8443",
                "server https://pds.example.com:8443",
            ),
        ] {
            assert_eq!(read(text).as_deref(), Ok(meant), "{text}");
        }
    }

    #[test]
    fn what_means_nobody_is_refused() {
        for text in [
            "",
            " ",
            "@",
            "jay",
            "jay bsky.social",
            "@@jay.bsky.social",
            "jay@bsky.social",
            "jay.bsky.social/",
            "jäy.bsky.social",
            "handle.invalid",
            "jay.localhost",
            "127.0.0.1",
            "did:key:z6Mkf5rGMoatrSj1f4CyvuHBeXJELe9RPdzo2PKGNCKVtZxP",
            "did:plc:short",
            "http://pds.example.com",
            "http://localhost:2583",
            "https://127.0.0.1",
            "https://[::1]",
            "https://me@pds.example.com",
            "https://bsky.app/profile/jay.bsky.social",
            "https://bsky.app/?a",
            "javascript:alert(1)",
        ] {
            assert_eq!(read(text), Err(IdentityError::Input), "{text}");
        }
        let long = format!("{}jay.bsky.social", " ".repeat(MAX_LEN));
        assert_eq!(read(&long), Err(IdentityError::Input));
    }

    #[test]
    fn this_machine_is_a_server_only_for_development() {
        let input = Input::parse("http://localhost:2583", Url::parse_or_loopback);
        assert!(matches!(input, Ok(Input::Server(url)) if url.is_plain()));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read_the_same_again(text in "\\PC{0,40}|[@a-z.:/ \u{200b}]{0,40}") {
            if let Ok(meant) = read(&text) {
                let (_, spelled) = meant.split_once(' ').unwrap();
                prop_assert_eq!(read(spelled), Ok(meant.clone()));
            }
        }
    }
}
