//! Tickets: with one of them a minter tells an edge, for a minute, who holds it. See
//! `docs/spec/edge-ticket.md`.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    claims::{Claims, Kind, Read, is_did_of_grammar, is_edge_host},
    key::{KeyId, MinterKey},
    mac::Mac,
    scope::Scope,
    secret::KEY_LEN,
    token::Token,
    window::UnixSeconds,
};

/// What every ticket begins with.
const PREFIX: &str = "ET";
const LABEL: &[u8] = b"gatefold ticket v1";

/// How long a ticket is good, in seconds.
pub const TICKET_SECONDS: u64 = 60;

/// A ticket as it is sent. It has no `Debug`: whoever has it is its person for a minute.
#[derive(Clone)]
pub struct Ticket(String);

impl Ticket {
    /// The text, fit for a query and for a header.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A person, and the minter whose word it is. It counts for sealed URLs of that minter alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// The person.
    pub did: Box<str>,
    /// Who says so.
    pub minter: KeyId,
}

/// What a ticket is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketUse<'a> {
    /// To bind a browser.
    Session,
    /// To be given what the sealed URL with this token names.
    File(&'a str),
}

/// Why no ticket was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// The DID is not one.
    #[error("a ticket is for a DID of at most 2048 characters")]
    Did,
    /// The host is not one.
    #[error("a ticket is for an edge's host, in lower case, with a port where one is due")]
    Host,
    /// The minter's scope does not cover the DID: the edge would refuse the ticket.
    #[error("the edge would refuse this: {0}")]
    Scope(TicketRefusal),
}

/// Why a ticket is refused, in the order of the checks. It never says what the ticket contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TicketRefusal {
    /// Not a ticket, or not in its one spelling.
    #[error("this is not a ticket")]
    Malformed,
    /// The ticket's version is not one that this edge knows.
    #[error("this ticket is of an unknown version")]
    UnknownVersion,
    /// The edge knows no minter with this identifier.
    #[error("this ticket was made by an unknown minter")]
    UnknownMinter,
    /// The edge's operator has retired the minter.
    #[error("this ticket was made by a minter that the edge has retired")]
    RetiredMinter,
    /// Changed on its way, or not made by the minter that it names.
    #[error("this ticket is not authentic")]
    NotAuthentic,
    /// A ticket for a file where one for a session is wanted, or the reverse.
    #[error("this ticket is for something else")]
    WrongKind,
    /// The ticket's minute has passed.
    #[error("this ticket has expired")]
    Expired,
    /// The ticket ends later than any ticket should.
    #[error("this ticket is from the future")]
    NotYet,
    /// The ticket is for another edge.
    #[error("this ticket is for another edge")]
    WrongHost,
    /// The minter may not vouch for this person.
    #[error("the minter may not vouch for this client")]
    ClientOutOfScope,
    /// The ticket is for another sealed URL.
    #[error("this ticket is for another sealed URL")]
    WrongFile,
    /// The request comes from a site that is none of the minter's.
    #[error("this site may not use tickets of this minter")]
    WrongSite,
}

impl TicketRefusal {
    /// The stage of every refusal of a ticket, on the wire, in logs and in metrics.
    pub const STAGE: &str = "ticket";

    /// The refusal's stable name on the wire.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed_ticket",
            Self::UnknownVersion => "unknown_version",
            Self::UnknownMinter => "unknown_minter",
            Self::RetiredMinter => "retired_minter",
            Self::NotAuthentic => "not_authentic",
            Self::WrongKind => "wrong_kind",
            Self::Expired => "expired",
            Self::NotYet => "not_yet_valid",
            Self::WrongHost => "wrong_host",
            Self::ClientOutOfScope => "client_out_of_scope",
            Self::WrongFile => "wrong_file",
            Self::WrongSite => "wrong_site",
        }
    }
}

/// Makes a ticket for `did` at the edge `host`, good from `now` on.
pub(crate) fn make(
    key: &MinterKey,
    did: &str,
    host: &str,
    wanted: TicketUse<'_>,
    now: UnixSeconds,
) -> Result<Ticket, TicketError> {
    if !is_did_of_grammar(did) {
        return Err(TicketError::Did);
    }
    if !is_edge_host(host) {
        return Err(TicketError::Host);
    }
    let claims = Claims {
        kind: match wanted {
            TicketUse::Session => Kind::Session,
            TicketUse::File(token) => Kind::File(hash(token)),
        },
        minter: key.id(),
        end: UnixSeconds(now.0.saturating_add(TICKET_SECONDS)),
        host: host.into(),
        did: did.into(),
    };
    Ok(Ticket(claims.sign(PREFIX, &mac(key))))
}

/// A ticket that was read; nothing about it is authentic yet.
pub(crate) struct Presented(Read);

impl Presented {
    pub(crate) fn parse(text: &str) -> Result<Self, TicketRefusal> {
        let read = Read::parse(PREFIX, text)?;
        if read.claims.kind == Kind::Binding {
            return Err(TicketRefusal::Malformed);
        }
        Ok(Self(read))
    }

    /// Which minter the ticket says it is from.
    pub(crate) fn minter(&self) -> KeyId {
        self.0.claims.minter
    }

    /// The checks that follow once the minter is found, in their order.
    pub(crate) fn open(
        self,
        (key, scope): (&MinterKey, &Scope),
        host: &str,
        wanted: TicketUse<'_>,
        now: UnixSeconds,
    ) -> Result<Vouched, TicketRefusal> {
        if !self.0.is_authentic(&mac(key)) {
            return Err(TicketRefusal::NotAuthentic);
        }
        let claims = self.0.claims;
        let is_for_it = match (claims.kind, wanted) {
            (Kind::Session, TicketUse::Session) => true,
            (Kind::File(named), TicketUse::File(token)) => named.ct_eq(&hash(token)).into(),
            _ => return Err(TicketRefusal::WrongKind),
        };
        claims.hold(host, TICKET_SECONDS, now)?;
        if !scope.covers(&claims.did) {
            return Err(TicketRefusal::ClientOutOfScope);
        }
        if !is_for_it {
            return Err(TicketRefusal::WrongFile);
        }
        Ok(Vouched {
            did: claims.did,
            minter: claims.minter,
        })
    }
}

/// Reads a text that may be a ticket and writes it again, without any check that needs a key: what
/// is read is written as it was.
#[doc(hidden)]
#[must_use]
pub fn reread_ticket(text: &str) -> Option<String> {
    Presented::parse(text).ok().map(|it| it.0.rewrite(PREFIX))
}

fn mac(key: &MinterKey) -> Mac {
    Mac::new(&key.psk().mac().tag(&[LABEL]))
}

/// The hash of a token's characters.
fn hash(token: &str) -> [u8; KEY_LEN] {
    Sha256::digest(token.as_bytes()).into()
}

impl crate::minter::Minter {
    /// Makes a ticket that binds a browser of `did` to this person at the edge whose public URL has
    /// the authority `edge_host`. It is good for [`TICKET_SECONDS`].
    ///
    /// # Errors
    /// When DID or host are none, or when the minter's scope does not cover the DID.
    pub fn ticket(
        &self,
        did: &str,
        edge_host: &str,
        now: UnixSeconds,
    ) -> Result<Ticket, TicketError> {
        self.ticket_for(TicketUse::Session, did, edge_host, now)
    }

    /// Makes a ticket with which `did` gets what one sealed URL names, without a cookie.
    ///
    /// # Errors
    /// As for [`Minter::ticket`](Self::ticket).
    pub fn file_ticket(
        &self,
        token: &Token,
        did: &str,
        edge_host: &str,
        now: UnixSeconds,
    ) -> Result<Ticket, TicketError> {
        self.ticket_for(TicketUse::File(token.as_str()), did, edge_host, now)
    }

    fn ticket_for(
        &self,
        wanted: TicketUse<'_>,
        did: &str,
        edge_host: &str,
        now: UnixSeconds,
    ) -> Result<Ticket, TicketError> {
        let covers = |scope: &Scope| scope.covers(did);
        let ticket = make(self.key(), did, edge_host, wanted, now)?;
        if !self.scope().is_none_or(covers) {
            return Err(TicketError::Scope(TicketRefusal::ClientOutOfScope));
        }
        Ok(ticket)
    }
}

#[cfg(test)]
mod tests;
