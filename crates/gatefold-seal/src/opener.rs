//! Opens sealed URLs for a server: a keyring that can be exchanged while it runs, and a memory of
//! what was opened.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::{
    bounded::{Bounded, CacheLimits},
    key::{Fingerprint, KeyId},
    keyring::{Keyring, Opened},
    refusal::Refusal,
    ticket::{TicketRefusal, TicketUse, Vouched},
    token::Token,
    window::UnixSeconds,
};

/// What an [`Opener`] remembers unless it is told otherwise: 16 384 URLs in at most 24 MiB.
pub const DEFAULT_OPENED: CacheLimits = CacheLimits {
    entries: 16_384,
    bytes: 24 << 20,
};

/// Opens sealed URLs as [`Keyring::open`] does, and those that it opened before without the
/// cryptography.
///
/// Only the result of the decryption is remembered, by the whole text of the token. Every other
/// check is made each time against the keyring of that moment: that both keys are there, are the
/// ones that the token was opened with, and are not retired; scope; window. A token is remembered
/// only after it passed all of them once, so that nobody without a minter's key puts anything
/// there; what a minter can put there is bounded by [`CacheLimits`].
///
/// Threads share an opener; none waits for another except for moments within one shard.
pub struct Opener {
    keyring: ArcSwap<Keyring>,
    opened: Bounded<Box<str>, Known>,
}

/// A token that was authentic under these two keys.
#[derive(Clone)]
struct Known {
    opened: Arc<Opened>,
    edge: Fingerprint,
    minter: Fingerprint,
}

impl Opener {
    /// An opener that remembers [`DEFAULT_OPENED`].
    #[must_use]
    pub fn new(keyring: Keyring) -> Self {
        Self::with_limits(keyring, DEFAULT_OPENED)
    }

    /// An opener that remembers as much as it is told to.
    #[must_use]
    pub fn with_limits(keyring: Keyring, limits: CacheLimits) -> Self {
        Self {
            keyring: ArcSwap::from_pointee(keyring),
            opened: Bounded::new(limits),
        }
    }

    /// Exchanges the keyring: every call that begins after this one is judged by the new keyring,
    /// also for URLs that were opened under the old one.
    pub fn replace(&self, keyring: Keyring) {
        self.keyring.store(Arc::new(keyring));
    }

    /// The keyring in force.
    #[must_use]
    pub fn keyring(&self) -> Arc<Keyring> {
        self.keyring.load_full()
    }

    /// Opens a token. Who the client is remains for the caller to check, who knows the request.
    ///
    /// # Errors
    /// The first check that fails, as for [`Keyring::open`].
    pub fn open(&self, token: &str, now: UnixSeconds) -> Result<Arc<Opened>, Refusal> {
        let keyring = self.keyring.load();
        if let Some(known) = self.opened.get(token) {
            let keys = keyring.keys(known.edge.id(), known.minter.id(), now)?;
            // Another key with the same identifier has yet to say whether it opens the token.
            if keys.edge().fingerprint() == &known.edge
                && keys.minter().fingerprint() == &known.minter
            {
                keys.admit(&known.opened.payload, now)?;
                return Ok(known.opened);
            }
        }
        let parsed = Token::parse(token)?;
        let keys = keyring.keys(parsed.edge(), parsed.minter(), now)?;
        let payload = keys.decrypt(&parsed)?;
        keys.admit(&payload, now)?;
        let opened = Arc::new(Opened {
            payload,
            minter: keys.minter().id(),
        });
        let known = Known {
            opened: Arc::clone(&opened),
            edge: *keys.edge().fingerprint(),
            minter: *keys.minter().fingerprint(),
        };
        // A plaintext is shorter than its token, so twice the token covers what it holds.
        let bytes = token.len().saturating_mul(2);
        self.opened.insert(token.into(), known, bytes);
        Ok(opened)
    }

    /// Opens a ticket by the keyring in force, as [`Keyring::open_ticket`] does.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn open_ticket(
        &self,
        ticket: &str,
        host: &str,
        wanted: TicketUse<'_>,
        now: UnixSeconds,
    ) -> Result<Vouched, TicketRefusal> {
        self.keyring.load().open_ticket(ticket, host, wanted, now)
    }

    /// Whether an origin is a site of a minter, as [`Keyring::names_site`] says.
    #[must_use]
    pub fn names_site(&self, minter: KeyId, origin: &str) -> bool {
        self.keyring.load().names_site(minter, origin)
    }
}

#[cfg(test)]
mod tests;
