//! Bindings: an edge's own word to itself, kept in a browser's cookie, that a minter has vouched for
//! its person a short while ago. See `docs/spec/edge-ticket.md`, section 5.

use zeroize::Zeroizing;

use crate::{
    claims::{Claims, Kind, Read, is_did_of_grammar, is_edge_host},
    mac::Mac,
    secret::{KEY_LEN, Secret},
    ticket::{TicketRefusal, Vouched},
    window::UnixSeconds,
};

const PREFIX: &str = "EB";
const LABEL: &[u8] = b"gatefold edge cookie v1";

/// How long a binding is good, in seconds.
pub const BINDING_SECONDS: u64 = 300;

/// The key of an edge's bindings. Edges that answer at one host share it.
#[derive(Clone)]
pub struct BindingKey(Mac);

impl BindingKey {
    /// Derives the key from 32 secret bytes of the edge, which may serve other derivations too.
    #[must_use]
    pub fn derive(secret: &Zeroizing<[u8; KEY_LEN]>) -> Self {
        let secret = Mac::new(&Secret::new(**secret));
        Self(Mac::new(&secret.tag(&[LABEL])))
    }

    /// The value of a cookie that binds a browser at `host` for [`BINDING_SECONDS`]; `None` for a
    /// host or a person that no ticket can name.
    #[must_use]
    pub fn bind(&self, person: &Vouched, host: &str, now: UnixSeconds) -> Option<String> {
        let claims = Claims {
            kind: Kind::Binding,
            minter: person.minter,
            end: UnixSeconds(now.0.saturating_add(BINDING_SECONDS)),
            host: host.into(),
            did: person.did.clone(),
        };
        let sound = is_edge_host(host) && is_did_of_grammar(&person.did);
        sound.then(|| claims.sign(PREFIX, &self.0))
    }

    /// Reads the value of a cookie at `host`.
    ///
    /// # Errors
    /// Form, version, authenticity, time and host, in this order.
    pub fn read(
        &self,
        value: &str,
        host: &str,
        now: UnixSeconds,
    ) -> Result<Vouched, TicketRefusal> {
        let read = Read::parse(PREFIX, value)?;
        if read.claims.kind != Kind::Binding {
            return Err(TicketRefusal::Malformed);
        }
        if !read.is_authentic(&self.0) {
            return Err(TicketRefusal::NotAuthentic);
        }
        read.claims.hold(host, BINDING_SECONDS, now)?;
        let Claims { did, minter, .. } = read.claims;
        Ok(Vouched { did, minter })
    }
}

/// Reads a text that may be a binding and writes it again, without any check that needs a key.
#[doc(hidden)]
#[must_use]
pub fn reread_binding(text: &str) -> Option<String> {
    let read = Read::parse(PREFIX, text).ok()?;
    (read.claims.kind == Kind::Binding).then(|| read.rewrite(PREFIX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::KeyId;

    const HOST: &str = "edge.example";
    const NOW: UnixSeconds = UnixSeconds(1_778_850_000);

    fn person() -> Vouched {
        Vouched {
            did: "did:plc:fan".into(),
            minter: KeyId(*b"mint"),
        }
    }

    fn key(byte: u8) -> BindingKey {
        BindingKey::derive(&[byte; KEY_LEN].into())
    }

    fn value() -> String {
        key(1).bind(&person(), HOST, NOW).unwrap()
    }

    #[test]
    fn a_binding_holds_for_five_minutes_at_its_host() {
        let at = |seconds: u64| UnixSeconds(NOW.0 + seconds);
        let table = [
            (at(0), HOST, Ok(person())),
            (at(299), HOST, Ok(person())),
            (at(300), HOST, Err(TicketRefusal::Expired)),
            // Of an edge that shares the key and whose clock is ahead.
            (UnixSeconds(NOW.0 - 5), HOST, Ok(person())),
            (UnixSeconds(NOW.0 - 6), HOST, Err(TicketRefusal::NotYet)),
            (at(0), "edge.example:8443", Err(TicketRefusal::WrongHost)),
            (at(0), "dge.example", Err(TicketRefusal::WrongHost)),
        ];
        for (now, host, verdict) in table {
            assert_eq!(key(1).read(&value(), host, now), verdict, "{now:?} {host}");
        }
    }

    #[test]
    fn a_binding_is_of_one_key() {
        let other = key(2).read(&value(), HOST, NOW);
        assert_eq!(other, Err(TicketRefusal::NotAuthentic));
    }

    #[test]
    fn a_ticket_is_no_binding_and_a_binding_is_no_ticket() {
        let claims = Claims {
            kind: Kind::Session,
            minter: KeyId(*b"mint"),
            end: UnixSeconds(NOW.0 + 60),
            host: HOST.into(),
            did: "did:plc:fan".into(),
        };
        // Not even with the binding's own key and name.
        let renamed = claims.sign(PREFIX, &key(1).0);
        assert_eq!(
            key(1).read(&renamed, HOST, NOW),
            Err(TicketRefusal::Malformed)
        );
        let ticket = claims.sign("ET", &key(1).0);
        assert_eq!(
            key(1).read(&ticket, HOST, NOW),
            Err(TicketRefusal::Malformed)
        );
        let as_ticket = value().replacen("EB", "ET", 1);
        assert_eq!(crate::ticket::reread_ticket(&as_ticket), None);
    }

    #[test]
    fn nothing_is_bound_that_cannot_be_read() {
        let nobody = Vouched {
            did: "nobody".into(),
            ..person()
        };
        assert_eq!(key(1).bind(&nobody, HOST, NOW), None);
        assert_eq!(key(1).bind(&person(), "Edge.example", NOW), None);
    }
}
