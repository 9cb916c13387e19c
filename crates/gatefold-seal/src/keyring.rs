//! What an edge holds: private keys, the minters it knows, and what each may seal.

use crate::{
    cipher,
    key::{EdgePrivateKey, KeyId, MinterKey},
    payload::Payload,
    refusal::Refusal,
    scope::Scope,
    token::Token,
    window::UnixSeconds,
};

/// An edge's keys.
#[derive(Default)]
pub struct Keyring {
    edges: Vec<EdgePrivateKey>,
    minters: Vec<(MinterKey, Scope)>,
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
        let id = key.public().id();
        if self.edge(id).is_some() {
            return Err(DuplicateId(id));
        }
        self.edges.push(key);
        Ok(())
    }

    /// Adds a minter and what it may seal.
    ///
    /// # Errors
    /// When another minter has the same identifier.
    pub fn add_minter(&mut self, key: MinterKey, scope: Scope) -> Result<(), DuplicateId> {
        let id = key.id();
        if self.minter(id).is_some() {
            return Err(DuplicateId(id));
        }
        self.minters.push((key, scope));
        Ok(())
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
        let edge = self.edge(token.edge()).ok_or(Refusal::UnknownEdgeKey)?;
        let (minter, scope) = self.minter(token.minter()).ok_or(Refusal::UnknownMinter)?;
        let (header, enc, ciphertext) = token.parts();
        let plaintext = cipher::open(edge, minter, header, enc, ciphertext)?;
        let payload = Payload::decode(&plaintext)?;
        let verdict = scope
            .admits(&payload)
            .and_then(|()| payload.window().admits(now, scope.grace));
        Ok(Unsealed {
            payload,
            minter: minter.id(),
            verdict,
        })
    }

    fn edge(&self, id: KeyId) -> Option<&EdgePrivateKey> {
        self.edges.iter().find(|key| key.public().id() == id)
    }

    fn minter(&self, id: KeyId) -> Option<&(MinterKey, Scope)> {
        self.minters.iter().find(|(key, _)| key.id() == id)
    }
}
