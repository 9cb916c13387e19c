//! What an edge holds: private keys, the minters it knows, and what each may seal.

use std::collections::{BTreeMap, btree_map::Entry};

use crate::{
    cipher,
    key::{EdgePrivateKey, KeyId, MinterKey},
    payload::Payload,
    refusal::Refusal,
    scope::Scope,
    ticket::{Presented, TicketRefusal, TicketUse, Vouched},
    token::Token,
    window::UnixSeconds,
};

/// An edge's keys.
#[derive(Default)]
pub struct Keyring {
    edges: BTreeMap<KeyId, Held<EdgePrivateKey>>,
    minters: BTreeMap<KeyId, Held<(MinterKey, Scope)>>,
}

/// A key and from when on it is not used any more.
struct Held<T> {
    key: T,
    retired: Option<UnixSeconds>,
}

impl<T> Held<T> {
    fn in_force(&self, now: UnixSeconds) -> Option<&T> {
        self.retired.is_none_or(|at| now < at).then_some(&self.key)
    }
}

/// Why a key cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the keyring already holds a key with the identifier {0}")]
pub struct DuplicateId(pub KeyId);

/// A sealed URL that was opened and is good at this moment, for whoever proves to be its client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What the URL says.
    pub payload: Payload,
    /// Who made it.
    pub minter: KeyId,
}

/// An authentic token, good or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsealed {
    /// What the URL says.
    pub payload: Payload,
    /// Who made it.
    pub minter: KeyId,
    /// Whether scope and window allow it.
    pub verdict: Result<(), Refusal>,
}

impl Keyring {
    /// An empty keyring, which opens nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a private key.
    ///
    /// # Errors
    /// When another private key has the same identifier.
    pub fn add_edge(&mut self, key: EdgePrivateKey) -> Result<(), DuplicateId> {
        self.add_edge_until(key, None)
    }

    /// Adds a private key that from the moment `retired` on, when there is one, opens nothing
    /// ([`Refusal::RetiredEdgeKey`]).
    ///
    /// # Errors
    /// When another private key has the same identifier.
    pub fn add_edge_until(
        &mut self,
        key: EdgePrivateKey,
        retired: Option<UnixSeconds>,
    ) -> Result<(), DuplicateId> {
        add(&mut self.edges, key.public().id(), Held { key, retired })
    }

    /// Adds a minter and what it may seal.
    ///
    /// # Errors
    /// When another minter has the same identifier.
    pub fn add_minter(&mut self, key: MinterKey, scope: Scope) -> Result<(), DuplicateId> {
        self.add_minter_until(key, scope, None)
    }

    /// Adds a minter of which from the moment `retired` on, when there is one, nothing is opened
    /// ([`Refusal::RetiredMinter`]), whenever it was sealed.
    ///
    /// # Errors
    /// When another minter has the same identifier.
    pub fn add_minter_until(
        &mut self,
        key: MinterKey,
        scope: Scope,
        retired: Option<UnixSeconds>,
    ) -> Result<(), DuplicateId> {
        let (id, key) = (key.id(), (key, scope));
        add(&mut self.minters, id, Held { key, retired })
    }

    /// Opens a token: its form, its keys, authentication, payload, scope and window, in this order.
    /// Who the client is remains for the caller to check, who knows the request.
    ///
    /// # Errors
    /// The first check that fails.
    pub fn open(&self, token: &str, now: UnixSeconds) -> Result<Opened, Refusal> {
        let Unsealed {
            payload,
            minter,
            verdict,
        } = self.unseal(token, now)?;
        verdict.map(|()| Opened { payload, minter })
    }

    /// Like [`Keyring::open`], but tells what an authentic token holds even when it is out of scope
    /// or out of time: for people who look into it, never for deciding.
    ///
    /// # Errors
    /// The first check that fails, up to the payload.
    pub fn unseal(&self, token: &str, now: UnixSeconds) -> Result<Unsealed, Refusal> {
        let token = Token::parse(token)?;
        let keys = self.keys(token.edge(), token.minter(), now)?;
        let payload = keys.decrypt(&token)?;
        Ok(Unsealed {
            verdict: keys.admit(&payload, now),
            minter: keys.minter().id(),
            payload,
        })
    }

    /// Opens a ticket at the edge whose public URL has the authority `host`: its form, its minter,
    /// authentication, kind, time, host, scope and file, in this order.
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
        let ticket = Presented::parse(ticket)?;
        let minter = self.minters.get(&ticket.minter());
        let minter = minter.ok_or(TicketRefusal::UnknownMinter)?;
        let (key, scope) = minter.in_force(now).ok_or(TicketRefusal::RetiredMinter)?;
        ticket.open((key, scope), host, wanted, now)
    }

    /// Whether an origin is a site of a minter: one of the patterns of its scope names it, and not
    /// merely by covering everybody.
    #[must_use]
    pub fn names_site(&self, minter: KeyId, origin: &str) -> bool {
        let minter = self.minters.get(&minter);
        minter.is_some_and(
            |Held {
                 key: (_, scope), ..
             }| scope.names_site(origin),
        )
    }

    /// The keys that a token names, when both are in force.
    pub(crate) fn keys(
        &self,
        edge: KeyId,
        minter: KeyId,
        now: UnixSeconds,
    ) -> Result<Keys<'_>, Refusal> {
        let edge = self.edges.get(&edge).ok_or(Refusal::UnknownEdgeKey)?;
        let edge = edge.in_force(now).ok_or(Refusal::RetiredEdgeKey)?;
        let minter = self.minters.get(&minter).ok_or(Refusal::UnknownMinter)?;
        let (minter, scope) = minter.in_force(now).ok_or(Refusal::RetiredMinter)?;
        Ok(Keys {
            edge,
            minter,
            scope,
        })
    }
}

/// A private key and a minter, both in force at the moment that they were asked for.
pub(crate) struct Keys<'a> {
    edge: &'a EdgePrivateKey,
    minter: &'a MinterKey,
    scope: &'a Scope,
}

impl Keys<'_> {
    pub(crate) fn edge(&self) -> &EdgePrivateKey {
        self.edge
    }

    pub(crate) fn minter(&self) -> &MinterKey {
        self.minter
    }

    /// Authenticates and decrypts a token, and reads its payload.
    pub(crate) fn decrypt(&self, token: &Token) -> Result<Payload, Refusal> {
        let (header, enc, ciphertext) = token.parts();
        let plaintext = cipher::open(self.edge, self.minter, header, enc, ciphertext)?;
        Payload::decode(&plaintext)
    }

    /// Checks what an authentic payload says: scope, then window.
    pub(crate) fn admit(&self, payload: &Payload, now: UnixSeconds) -> Result<(), Refusal> {
        self.scope.admits(payload)?;
        payload.window().admits(now, self.scope.grace)
    }
}

fn add<T>(
    keys: &mut BTreeMap<KeyId, Held<T>>,
    id: KeyId,
    held: Held<T>,
) -> Result<(), DuplicateId> {
    match keys.entry(id) {
        Entry::Occupied(_) => Err(DuplicateId(id)),
        Entry::Vacant(place) => {
            place.insert(held);
            Ok(())
        }
    }
}
