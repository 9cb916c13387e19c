//! A sign-in, from beginning to end.

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_domain::{Did, SessionKind, Timestamp};

use super::{
    secret::{SecretHash, SecretText},
    viewer::{DeveloperToken, TokenLife, Viewer},
};

/// What a sign-in is for.
pub enum Purpose {
    /// A session in this browser. `beside` is the one that it has already: the account is added.
    Browser {
        /// Who is signed in in this browser.
        beside: Option<Viewer>,
    },
    /// A session for the command line that knows the verifier.
    CommandLine {
        /// The hash of its verifier.
        challenge: VerifierChallenge,
        /// Where it waits on the person's own machine, if it does.
        port: Option<LoopbackPort>,
    },
    /// A developer token for the person who is signed in.
    DeveloperToken {
        /// Who asks, with a browser session.
        asking: Viewer,
        /// What it is to be called; 1 to 100 characters.
        name: String,
        /// For how long.
        life: TokenLife,
    },
}

/// A sign-in that is to begin.
pub struct Begin<'a> {
    /// What the person typed: a handle, a DID, or the address of their server. Ignored for a
    /// developer token, which is for who asks.
    pub input: &'a str,
    /// Where to go afterwards.
    pub next: Option<SitePath>,
    /// What it is for.
    pub purpose: Purpose,
    /// From where, as a network and not an address: for the audit.
    pub network: Option<String>,
}

/// A sign-in that has begun.
pub struct Begun {
    /// Where to send the person: a page of their authorization server.
    pub url: String,
    /// What the browser is to keep until it is back, as a cookie: proof that it began. None where
    /// something else is proof.
    pub binding: Option<SecretText>,
}

/// What the authorization server sends back with the person.
#[derive(Default)]
pub struct CallbackQuery<'a> {
    /// `state`.
    pub state: Option<&'a str>,
    /// `code`.
    pub code: Option<&'a str>,
    /// `iss`, RFC 9207.
    pub issuer: Option<&'a str>,
    /// `error`.
    pub error: Option<&'a str>,
}

/// A sign-in that came to an end; what it yields must be fetched.
pub struct Finished {
    /// Good once, for a minute, for whoever began.
    pub exchange_token: SecretText,
    /// What kind of session it yields.
    pub kind: SessionKind,
    /// Where to go afterwards.
    pub next: Option<SitePath>,
    /// Where the program waits on the person's own machine, if it does.
    pub port: Option<LoopbackPort>,
}

/// Who redeems an exchange token.
pub enum Proof<'a> {
    /// A browser: the cookie that it was given at the start, and its session, where it has them.
    Browser {
        /// The value of the cookie.
        binding: Option<&'a str>,
        /// Who is signed in there.
        session: Option<&'a Viewer>,
    },
    /// Something that is no browser.
    CommandLine {
        /// The verifier of the challenge.
        verifier: Option<&'a str>,
    },
}

/// An exchange token that is to be redeemed.
pub struct Exchange<'a> {
    /// The token.
    pub token: &'a str,
    /// Who shows it.
    pub proof: Proof<'a>,
    /// From where, as a network and not an address: for the audit.
    pub network: Option<String>,
}

/// A session that was made.
pub struct Exchanged {
    /// What kind it is.
    pub kind: SessionKind,
    /// Whose it is.
    pub did: Did,
    /// What its client shows from now on. In a cookie for a browser, in the answer for the others.
    pub secret: SecretText,
    /// When it ends.
    pub expires: Timestamp,
    /// Of a developer token: what its owner sees of it.
    pub token: Option<DeveloperToken>,
}

/// The challenge of a command line: base64url of the SHA-256 of its verifier, as in RFC 7636.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifierChallenge(pub(crate) SecretHash);

impl VerifierChallenge {
    /// Reads a challenge; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let len = Base64UrlUnpadded::decode(text, &mut bytes).ok()?.len();
        (len == bytes.len()).then(|| Self(SecretHash::from_bytes(bytes)))
    }
}

/// A port of the person's own machine, at 127.0.0.1, where a program waits for its code (RFC 8252,
/// section 7.3). Programs of people have those above 1023.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoopbackPort(u16);

impl LoopbackPort {
    /// A port; `None` when no program of a person could wait there.
    #[must_use]
    pub const fn new(port: u16) -> Option<Self> {
        if port < 1024 { None } else { Some(Self(port)) }
    }

    /// Reads a port, in decimal digits alone; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let port = text.parse().ok().filter(|_| is_plain)?;
        Self::new(port)
    }

    /// The port.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// A path of this site, with its query, to go to after a sign-in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SitePath(Box<str>);

/// Text that is no path of this site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPath;

impl SitePath {
    /// The longest, in bytes.
    const MAX_LEN: usize = 1024;

    /// Reads a path. What a browser could take for another site's address is none: it begins with
    /// one slash and not two, and has no backslash, space or control character. Nor is one where
    /// signing in begins: who goes there from a page of this site is not asked, and a link to the
    /// sign-in could name somebody else's account for what comes after it.
    ///
    /// # Errors
    /// When it is no path of this site.
    pub fn parse(text: &str) -> Result<Self, InvalidPath> {
        let good = text.len() <= Self::MAX_LEN
            && text.starts_with('/')
            && !text.starts_with("//")
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let mut segments = path.split('/').skip(1);
        let elsewhere = segments.clone().any(is_dots) || segments.next() == Some("auth");
        (good && !elsewhere)
            .then(|| Self(text.into()))
            .ok_or(InvalidPath)
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a browser takes a segment for a step to where it stands, or upwards.
fn is_dots(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    matches!(plain.as_str(), "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_site_is_gone_to() {
        for (text, good) in [
            ("/", true),
            ("/tracks/12?tab=likes#top", true),
            ("", false),
            ("tracks", false),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("/a\\b", false),
            ("https://evil.example/", false),
            ("javascript:alert(1)", false),
            ("/a b", false),
            ("/a\r\nSet-Cookie: x=1", false),
            ("/\u{e9}", false),
            ("/auth", false),
            ("/auth/start?handle=mallory.example", false),
            ("/auth?handle=mallory.example", false),
            ("/./auth/start?handle=mallory.example", false),
            ("/tracks/../auth/start", false),
            ("/tracks/.%2E/auth/start", false),
            ("/%2e/auth/start", false),
            ("/authors", true),
            ("/tracks/auth/...?back=../auth", true),
        ] {
            assert_eq!(SitePath::parse(text).is_ok(), good, "{text:?}");
        }
        assert!(SitePath::parse(&format!("/{}", "a".repeat(1024))).is_err());
    }

    #[test]
    fn a_program_waits_where_programs_of_people_do() {
        for (text, port) in [
            ("1024", Some(1024)),
            ("65535", Some(65535)),
            ("1023", None),
            ("80", None),
            ("0", None),
            ("65536", None),
            ("+5000", None),
            ("-5000", None),
            (" 5000", None),
            ("5000/", None),
            ("", None),
        ] {
            let found = LoopbackPort::parse(text).map(LoopbackPort::get);
            assert_eq!(found, port, "{text:?}");
        }
    }

    #[test]
    fn a_challenge_is_the_hash_of_a_verifier() {
        // RFC 7636, appendix B.
        let challenge = VerifierChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let verifier = SecretHash::of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert!(challenge.map(|challenge| challenge.0) == verifier);
        for text in [
            "",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM",
        ] {
            assert!(VerifierChallenge::parse(text).is_none(), "{text}");
        }
    }
}
