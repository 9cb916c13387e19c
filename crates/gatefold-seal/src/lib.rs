//! Sealed URLs: media URLs that are encrypted and bound to a client and to a time window.
//!
//! A *minter* seals where some bytes are, for whom and until when. An *edge* opens the URL, checks
//! all of that and streams the bytes. Whoever holds the URL learns nothing about the source; the
//! URL changes only when its window does, so that browsers may cache what it names.
//!
//! ```
//! use gatefold_seal::{
//!     EdgePrivateKey, Keyring, Minter, MinterKey, Refusal, Scope, Source, UnixSeconds,
//! };
//! use zeroize::Zeroizing;
//!
//! // In earnest, keys come from `generate` with the system's random number generator.
//! let edge_key = EdgePrivateKey::from_bytes(Zeroizing::new([1; 32]));
//! let minter_key = MinterKey::from_bytes(&Zeroizing::new([2; 32]));
//!
//! let mut keyring = Keyring::new();
//! keyring.add_edge(edge_key.clone())?;
//! keyring.add_minter(
//!     minter_key.clone(),
//!     Scope {
//!         hosts: vec!["cdn.example.com".parse()?],
//!         clients: vec!["https://music.example".parse()?],
//!         ..Scope::default()
//!     },
//! )?;
//!
//! let minter = Minter::new(*edge_key.public(), minter_key, 1800)?;
//! let now = UnixSeconds(1_778_832_000);
//! let source = Source::parse("https://cdn.example.com/a.mp3", None)?;
//! let minted = minter.mint(source, "https://music.example", now)?;
//! let token = minted.token.to_string();
//!
//! let opened = keyring.open(&token, now)?;
//! assert_eq!(opened.payload.client(), "https://music.example");
//!
//! let tomorrow = UnixSeconds(now.0 + 86_400);
//! assert_eq!(keyring.open(&token, tomorrow), Err(Refusal::Expired));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate is pure: it does no I/O and knows no clock and no random number generator; both are
//! arguments.

mod backend;
mod bounded;
mod cipher;
mod key;
mod key_file;
mod keyring;
mod mac;
mod minter;
mod opener;
mod payload;
mod refusal;
mod schedule;
mod scope;
mod secret;
mod source;
#[cfg(test)]
mod testing;
mod token;
mod window;

pub use backend::BACKEND;
pub use bounded::CacheLimits;
pub use key::{EdgePrivateKey, EdgePublicKey, InvalidKey, KeyId, MinterKey};
pub use key_file::{EdgeEntry, KeyFileError, KeyringFile, MinterEntry, MinterFile};
pub use keyring::{DuplicateId, Keyring, Opened, Unsealed};
pub use minter::{DEFAULT_MINTED, MintError, Minted, Minter, seal};
pub use opener::{DEFAULT_OPENED, Opener};
pub use payload::{MAX_PLAINTEXT, PADDING, Payload, PayloadError};
pub use refusal::{Refusal, Stage};
pub use scope::{ClientPattern, HostPattern, InvalidPattern, Scope, is_did};
pub use secret::KEY_LEN;
pub use source::{HttpsUrl, ObjectKey, Segment, Source};
pub use token::{MAX_TOKEN_LEN, PATH_PREFIX, PREFIX, Token};
pub use window::{
    DEFAULT_GRACE, EARLY_SECONDS, LONGEST_LIFETIME, MAX_INTEGER, SHORTEST_LIFETIME, UnixSeconds,
    Window, WindowError,
};
