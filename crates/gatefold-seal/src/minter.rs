//! Makes sealed URLs.

use std::hash::Hash;

use quick_cache::Equivalent;

use crate::{
    bounded::{Bounded, CacheLimits},
    cipher,
    key::{EdgePublicKey, MinterKey},
    payload::{Payload, PayloadError},
    refusal::Refusal,
    scope::Scope,
    source::Source,
    token::{PATH_PREFIX, Token},
    window::{UnixSeconds, Window, WindowError},
};

/// What a [`Minter`] remembers unless it is told otherwise: 4096 URLs in at most 6 MiB.
pub const DEFAULT_MINTED: CacheLimits = CacheLimits {
    entries: 4096,
    bytes: 6 << 20,
};

/// Makes sealed URLs for one edge, and remembers those of the current window.
///
/// Threads share a minter.
pub struct Minter {
    edge: EdgePublicKey,
    key: MinterKey,
    lifetime: u64,
    scope: Option<Scope>,
    spread: bool,
    limits: CacheLimits,
    minted: Bounded<Asked, Minted>,
}

/// Why nothing was minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MintError {
    /// There is no such window.
    #[error(transparent)]
    Window(#[from] WindowError),
    /// There is no such payload.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// The minter's scope does not allow it: the edge would refuse the URL.
    #[error("the edge would refuse this: {0}")]
    Scope(Refusal),
    /// The edge's public key gives an all-zero exchange.
    #[error("the edge's public key cannot be sealed to")]
    Edge,
}

/// A freshly made sealed URL, without the edge's own address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minted {
    /// The token.
    pub token: Token,
    /// The window in which the same call gives the same token.
    pub window: Window,
}

impl Minted {
    /// The URL's path at the edge: `/securev1/EC…`.
    #[must_use]
    pub fn path(&self) -> String {
        [PATH_PREFIX, self.token.as_str()].concat()
    }
}

impl Minter {
    /// A minter whose windows last `lifetime` seconds. It seals whatever it is asked to, has one
    /// boundary for all sources, and remembers [`DEFAULT_MINTED`].
    ///
    /// # Errors
    /// When the lifetime is out of range.
    pub fn new(edge: EdgePublicKey, key: MinterKey, lifetime: u64) -> Result<Self, WindowError> {
        Window::numbered(0, lifetime, 0)?;
        Ok(Self {
            edge,
            key,
            lifetime,
            scope: None,
            spread: false,
            limits: DEFAULT_MINTED,
            minted: Bounded::new(DEFAULT_MINTED),
        })
    }

    /// Refuses to seal what the edge would refuse, given the scope that it holds for this minter.
    ///
    /// # Errors
    /// [`MintError::Scope`] when the minter's lifetime is longer than the scope's.
    pub fn with_scope(self, scope: Scope) -> Result<Self, MintError> {
        if self.lifetime > scope.longest_lifetime {
            return Err(MintError::Scope(Refusal::LifetimeOutOfScope));
        }
        Ok(Self {
            scope: Some(scope),
            // What was minted before was not held against it.
            minted: Bounded::new(self.limits),
            ..self
        })
    }

    /// Gives each source a boundary of its own, spread evenly over the lifetime, so that a boundary
    /// does not send every listener to the origin at once.
    #[must_use]
    pub fn with_spread_boundaries(self) -> Self {
        Self {
            spread: true,
            // What was minted before has other boundaries.
            minted: Bounded::new(self.limits),
            ..self
        }
    }

    /// Remembers as much as it is told to.
    #[must_use]
    pub fn with_limits(self, limits: CacheLimits) -> Self {
        Self {
            limits,
            minted: Bounded::new(limits),
            ..self
        }
    }

    /// Seals `source` for `client` in the window that holds `now`. Equal arguments in one window
    /// give equal tokens, in every process that holds the same keys.
    ///
    /// # Errors
    /// When `client` is empty, when source and client are too long, or when the minter's scope does
    /// not cover them.
    pub fn mint(
        &self,
        source: Source,
        client: &str,
        now: UnixSeconds,
    ) -> Result<Minted, MintError> {
        let asked = AskedRef {
            source: &source,
            client,
        };
        if let Some(minted) = self.minted.get(&asked)
            && minted.window.holds(now)
        {
            return Ok(minted);
        }
        let phase = if self.spread {
            cipher::phase(&self.key, &source.spelling(), self.lifetime)
        } else {
            0
        };
        let window = Window::at(now, self.lifetime, phase)?;
        let payload = Payload::new(source, client, window)?;
        if let Some(scope) = &self.scope {
            scope.admits(&payload).map_err(MintError::Scope)?;
        }
        let token = seal(&self.edge, &self.key, &payload).ok_or(MintError::Edge)?;
        let minted = Minted { token, window };
        self.remember(payload, &minted);
        Ok(minted)
    }

    pub(crate) fn key(&self) -> &MinterKey {
        &self.key
    }

    pub(crate) fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    fn remember(&self, payload: Payload, minted: &Minted) {
        // The text is a third longer than the bytes, and source and client are in both.
        let bytes = minted.token.as_str().len().saturating_mul(3);
        let (source, client) = payload.into_source_and_client();
        let asked = Asked {
            source,
            client: client.into(),
        };
        self.minted.insert(asked, minted.clone(), bytes);
    }
}

/// What a token was minted for, besides its window.
#[derive(PartialEq, Eq, Hash)]
struct Asked {
    source: Source,
    client: Box<str>,
}

/// The same, borrowed; it hashes alike.
#[derive(Hash)]
struct AskedRef<'a> {
    source: &'a Source,
    client: &'a str,
}

impl Equivalent<Asked> for AskedRef<'_> {
    fn equivalent(&self, key: &Asked) -> bool {
        *self.source == key.source && *self.client == *key.client
    }
}

/// Seals one payload as it is; `None` when the edge's public key gives an all-zero exchange.
#[must_use]
pub fn seal(edge: &EdgePublicKey, key: &MinterKey, payload: &Payload) -> Option<Token> {
    let header = Token::header(edge.id(), key.id());
    let (enc, ciphertext) = cipher::seal(edge, key, &header, &payload.encode())?;
    Some(Token::new(edge.id(), key.id(), &enc, &ciphertext))
}

#[cfg(test)]
mod tests;
