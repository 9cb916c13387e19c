//! The form that tickets and bindings share: who vouches for whom, at which edge, until when, and a
//! tag over all of it. See `docs/spec/edge-ticket.md`, section 2.

use base64ct::{Base64UrlUnpadded, Encoding};
use subtle::ConstantTimeEq;

use crate::{
    key::KeyId,
    mac::Mac,
    secret::{KEY_LEN, Secret},
    ticket::TicketRefusal,
    window::{EARLY_SECONDS, MAX_INTEGER, UnixSeconds},
};

/// The longest DID, in characters.
pub(crate) const MAX_DID: usize = 2048;
/// The longest host, in characters.
const MAX_HOST: usize = 255;
const VERSION: u8 = 1;

/// The longest text, in characters.
const MAX_TEXT: usize =
    "ET".len() + (1 + 1 + 4 + 8 + 1 + MAX_HOST + 2 + MAX_DID + KEY_LEN + KEY_LEN).div_ceil(3) * 4;

/// What the claims are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// To be exchanged for a binding.
    Session,
    /// For the sealed URL whose token has this SHA-256.
    File([u8; KEY_LEN]),
    /// The binding itself, which an edge makes for its own use.
    Binding,
}

impl Kind {
    fn number(self) -> u8 {
        match self {
            Self::Session => 1,
            Self::File(_) => 2,
            Self::Binding => 3,
        }
    }
}

/// What is vouched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) kind: Kind,
    pub(crate) minter: KeyId,
    pub(crate) end: UnixSeconds,
    pub(crate) host: Box<str>,
    pub(crate) did: Box<str>,
}

impl Claims {
    /// The claims as text. `host` and `did` must be of the grammar.
    pub(crate) fn sign(&self, prefix: &str, mac: &Mac) -> String {
        let bytes = self.bytes();
        let tag = mac.tag(&[&bytes]);
        let bytes = [&bytes, tag.as_bytes().as_slice()].concat();
        [prefix, &Base64UrlUnpadded::encode_string(&bytes)].concat()
    }

    fn bytes(&self) -> Vec<u8> {
        // Longer parts than these counts hold do not pass `is_edge_host` and `is_did_of_grammar`.
        let host_len = u8::try_from(self.host.len()).unwrap_or(u8::MAX);
        let did_len = u16::try_from(self.did.len()).unwrap_or(u16::MAX);
        let file = match &self.kind {
            Kind::File(hash) => hash.as_slice(),
            Kind::Session | Kind::Binding => &[],
        };
        [
            &[VERSION, self.kind.number()],
            self.minter.0.as_slice(),
            &self.end.0.to_be_bytes(),
            &[host_len],
            self.host.as_bytes(),
            &did_len.to_be_bytes(),
            self.did.as_bytes(),
            file,
        ]
        .concat()
    }

    /// Whether the claims are good at the moment `now`, at this host, when they are to last
    /// `longest` seconds at most.
    pub(crate) fn hold(
        &self,
        host: &str,
        longest: u64,
        now: UnixSeconds,
    ) -> Result<(), TicketRefusal> {
        if now >= self.end {
            return Err(TicketRefusal::Expired);
        }
        if now.until(self.end).as_secs() > longest.saturating_add(EARLY_SECONDS) {
            return Err(TicketRefusal::NotYet);
        }
        if *self.host != *host {
            return Err(TicketRefusal::WrongHost);
        }
        Ok(())
    }
}

/// Claims that were read, and that nobody has shown to be authentic yet.
pub(crate) struct Read {
    pub(crate) claims: Claims,
    tag: Secret,
}

impl Read {
    /// Reads a text.
    ///
    /// # Errors
    /// [`TicketRefusal::Malformed`] unless it is canonical in every character,
    /// [`TicketRefusal::UnknownVersion`] for another version than 1.
    pub(crate) fn parse(prefix: &str, text: &str) -> Result<Self, TicketRefusal> {
        let malformed = TicketRefusal::Malformed;
        if text.len() > MAX_TEXT {
            return Err(malformed);
        }
        let body = text.strip_prefix(prefix).ok_or(malformed)?;
        let bytes = Base64UrlUnpadded::decode_vec(body).map_err(|_| malformed)?;
        let (version, rest) = bytes.split_first().ok_or(malformed)?;
        if *version != VERSION {
            return Err(TicketRefusal::UnknownVersion);
        }
        parts(rest).ok_or(malformed)
    }

    /// The text that was read, put together again.
    pub(crate) fn rewrite(&self, prefix: &str) -> String {
        let bytes = [&self.claims.bytes(), self.tag.as_bytes().as_slice()].concat();
        [prefix, &Base64UrlUnpadded::encode_string(&bytes)].concat()
    }

    /// Whether the holder of this key wrote the claims.
    pub(crate) fn is_authentic(&self, mac: &Mac) -> bool {
        // The form is canonical: the claims encode to the bytes that were read.
        mac.tag(&[&self.claims.bytes()]).ct_eq(&self.tag).into()
    }
}

fn parts(bytes: &[u8]) -> Option<Read> {
    let (kind, rest) = bytes.split_first()?;
    let (minter, rest) = rest.split_first_chunk()?;
    let (end, rest) = rest.split_first_chunk()?;
    let (host_len, rest) = rest.split_first()?;
    let (host, rest) = rest.split_at_checked(usize::from(*host_len))?;
    let (did_len, rest) = rest.split_first_chunk()?;
    let (did, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*did_len)))?;
    let (kind, rest) = match kind {
        1 => (Kind::Session, rest),
        2 => {
            let (hash, rest) = rest.split_first_chunk()?;
            (Kind::File(*hash), rest)
        }
        3 => (Kind::Binding, rest),
        _ => return None,
    };
    let tag = Secret::new(rest.try_into().ok()?);
    let end = UnixSeconds(u64::from_be_bytes(*end));
    let (host, did) = (str::from_utf8(host).ok()?, str::from_utf8(did).ok()?);
    let good = end.0 <= MAX_INTEGER && is_edge_host(host) && is_did_of_grammar(did);
    good.then(|| Read {
        claims: Claims {
            kind,
            minter: KeyId(*minter),
            end,
            host: host.into(),
            did: did.into(),
        },
        tag,
    })
}

/// Whether a text can be the host that a ticket names: an authority of at most 255 characters as
/// browsers write it, in lower case, perhaps with a port.
#[must_use]
pub fn is_edge_host(text: &str) -> bool {
    (1..=MAX_HOST).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._:[]".contains(&b))
}

/// Whether a text is a DID that a ticket can carry.
pub(crate) fn is_did_of_grammar(text: &str) -> bool {
    let Some((method, id)) = text.strip_prefix("did:").and_then(|it| it.split_once(':')) else {
        return false;
    };
    text.len() <= MAX_DID
        && !method.is_empty()
        && method
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && !id.is_empty()
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".-_:%".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_as_browsers_write_them() {
        for host in [
            "edge.example",
            "edge.example:8443",
            "127.0.0.1:8400",
            "[::1]",
        ] {
            assert!(is_edge_host(host), "{host}");
        }
        let long = "a".repeat(256);
        for host in ["", "Edge.example", "edge.example/", "a@b", "é", " ", &long] {
            assert!(!is_edge_host(host), "{host}");
        }
    }

    #[test]
    fn dids_are_those_of_the_grammar() {
        for did in [
            "did:plc:abc",
            "did:web:a.example%3A8443",
            "did:web:a.example:b",
        ] {
            assert!(is_did_of_grammar(did), "{did}");
        }
        let longest = format!("did:plc:{}", "a".repeat(MAX_DID - 8));
        assert!(is_did_of_grammar(&longest));
        let long = format!("{longest}a");
        for did in [
            "",
            "did:",
            "did:plc",
            "did:plc:",
            "did::a",
            "did:PLC:a",
            "did:plc:a;b",
            "did:plc:a b",
            "https://a",
            &long,
        ] {
            assert!(!is_did_of_grammar(did), "{did}");
        }
    }
}
