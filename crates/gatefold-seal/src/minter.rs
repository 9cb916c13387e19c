//! Makes sealed URLs.

use crate::{
    cipher,
    key::{EdgePublicKey, MinterKey},
    payload::{Payload, PayloadError},
    source::Source,
    token::{PATH_PREFIX, Token},
    window::{UnixSeconds, Window, WindowError},
};

/// Makes sealed URLs for one edge.
pub struct Minter {
    edge: EdgePublicKey,
    key: MinterKey,
    lifetime: u64,
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
        format!("{PATH_PREFIX}{}", self.token)
    }
}

impl Minter {
    /// A minter whose windows last `lifetime` seconds.
    ///
    /// # Errors
    /// When the lifetime is out of range.
    pub fn new(edge: EdgePublicKey, key: MinterKey, lifetime: u64) -> Result<Self, WindowError> {
        Window::numbered(0, lifetime, 0)?;
        Ok(Self {
            edge,
            key,
            lifetime,
        })
    }

    /// Seals `source` for `client` in the window that holds `now`. Equal arguments in one window
    /// give equal tokens, in every process that holds the same keys.
    ///
    /// # Errors
    /// When `client` is empty, or source and client are too long.
    pub fn mint(
        &self,
        source: Source,
        client: &str,
        now: UnixSeconds,
    ) -> Result<Minted, MintError> {
        let window = Window::at(now, self.lifetime, 0)?;
        let payload = Payload::new(source, client, window)?;
        let token = seal(&self.edge, &self.key, &payload).ok_or(MintError::Edge)?;
        Ok(Minted { token, window })
    }
}

/// Seals one payload as it is; `None` when the edge's public key gives an all-zero exchange.
#[must_use]
pub fn seal(edge: &EdgePublicKey, key: &MinterKey, payload: &Payload) -> Option<Token> {
    let header = Token::header(edge.id(), key.id());
    let (enc, ciphertext) = cipher::seal(edge, key, &header, &payload.encode())?;
    Some(Token::new(edge.id(), key.id(), &enc, &ciphertext))
}
