//! Sealed URLs: media URLs that are encrypted and bound to a client and to a time window.
//!
//! A *minter* seals where some bytes are, for whom and until when. An *edge* opens the URL, checks
//! all of that and streams the bytes. Whoever holds the URL learns nothing about the source; the
//! URL changes only when its window does, so that browsers may cache what it names.
//!
//! # Keys
//!
//! An edge has an X25519 key pair ([`EdgePrivateKey`], [`EdgePublicKey`]). A minter has the public
//! half and 32 random bytes that it shares with that edge alone ([`MinterKey`]). Whoever has only
//! the public key cannot mint; who mints cannot open what another minted. The edge keeps its keys in
//! a [`Keyring`], which says for each minter what it may seal (its [`Scope`]) and from when on a key
//! is retired. [`KeyringFile`] and [`MinterFile`] are the same as text.
//!
//! # Minting and opening
//!
//! ```
//! use gatefold_seal::{
//!     EdgePrivateKey, Keyring, Minter, MinterKey, Opener, Refusal, Scope, Source, UnixSeconds,
//! };
//! use zeroize::Zeroizing;
//!
//! // In earnest, keys come from `generate` with the system's random number generator.
//! let edge_key = EdgePrivateKey::from_bytes(Zeroizing::new([1; 32]));
//! let minter_key = MinterKey::from_bytes(&Zeroizing::new([2; 32]));
//! let scope = Scope {
//!     hosts: vec!["cdn.example.com".parse()?],
//!     clients: vec!["https://music.example".parse()?],
//!     ..Scope::default()
//! };
//!
//! // The minter: URLs of one source and client stay the same for 1800 seconds.
//! let minter = Minter::new(*edge_key.public(), minter_key.clone(), 1800)?
//!     .with_scope(scope.clone())?
//!     .with_spread_boundaries();
//! let now = UnixSeconds(1_778_832_000);
//! let source = Source::parse("https://cdn.example.com/a.mp3", None)?;
//! let minted = minter.mint(source, "https://music.example", now)?;
//! let url = format!("https://edge.example{}", minted.path());
//! assert!(url.starts_with("https://edge.example/securev1/EC"));
//!
//! // The edge.
//! let mut keyring = Keyring::new();
//! keyring.add_edge(edge_key.clone())?;
//! keyring.add_minter(minter_key.clone(), scope.clone())?;
//! let opener = Opener::new(keyring);
//! let token = minted.token.as_str();
//! let opened = opener.open(token, now)?;
//! assert_eq!(opened.payload.source().original(), "https://cdn.example.com/a.mp3");
//! // Left to check, by whoever knows the request: that this is who asks.
//! assert_eq!(opened.payload.client(), "https://music.example");
//!
//! // A day later the window has passed.
//! let tomorrow = UnixSeconds(now.0 + 86_400);
//! assert_eq!(opener.open(token, tomorrow), Err(Refusal::Expired));
//!
//! // The operator retires the minter and reloads; what was opened before is refused as well.
//! let mut keyring = Keyring::new();
//! keyring.add_edge(edge_key)?;
//! keyring.add_minter_until(minter_key, scope, Some(now))?;
//! opener.replace(keyring);
//! assert_eq!(opener.open(token, now), Err(Refusal::RetiredMinter));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Keyring::open`] makes all checks, the decryption among them, each time. An [`Opener`] is what a
//! server wants: it remembers what was authentic, repeats every other check, and its keyring can be
//! exchanged while threads use it. A [`Minter`] likewise remembers what it minted in this window.
//! Both memories are bounded by [`CacheLimits`].
//!
//! A URL is refused with a [`Refusal`], which has a stable code and belongs to a [`Stage`]; checks
//! run in the order of the stages and nothing runs after a refusal. A minter fails with a
//! [`MintError`] and, given its scope, seals nothing that its edge would refuse.
//!
//! # Tickets
//!
//! A URL that is bound to a DID is opened for that person. An edge that is not part of the server
//! learns who asks by a [`Ticket`], which a [`Minter`] makes and a [`Keyring`] opens, and remembers it
//! in a cookie that its [`BindingKey`] makes. Either says that *this minter* vouches for the person
//! ([`Vouched`]), which counts for URLs of the same minter alone.
//!
//! # Time
//!
//! Windows are numbered spans of one lifetime ([`Window`]); a URL changes when the number does. An
//! edge accepts the current window, the one before it for a grace, and the next one in its last
//! [`EARLY_SECONDS`]. With [`Minter::with_spread_boundaries`] each source's windows begin at a
//! moment of its own.
//!
//! # Cryptography
//!
//! HPKE (RFC 9180) in mode psk with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM. Its
//! schedule is written once, over a backend that gives X25519 and the AEAD:
//!
//! - feature `native`, the default: AWS-LC, the fastest on servers;
//! - feature `pure`: `x25519-dalek` and `aes-gcm`, in Rust alone. WebAssembly always uses this one;
//!   a native build does with `default-features = false, features = ["pure"]`. With both features
//!   on, a native build uses `native`.
//!
//! [`BACKEND`] names the one in use. Secret types have no `Debug`, are compared in constant time and
//! are overwritten when dropped, as are the secrets between the steps and the buffers that held a
//! plaintext.
//!
//! The crate is pure: it does no I/O and knows no clock and no random number generator; both are
//! arguments.

mod backend;
mod binding;
mod bounded;
mod cipher;
mod claims;
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
mod ticket;
mod token;
mod window;

pub use backend::BACKEND;
#[doc(hidden)]
pub use binding::reread_binding;
pub use binding::{BINDING_SECONDS, BindingKey};
pub use bounded::CacheLimits;
pub use claims::is_edge_host;
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
#[doc(hidden)]
pub use ticket::reread_ticket;
pub use ticket::{TICKET_SECONDS, Ticket, TicketError, TicketRefusal, TicketUse, Vouched};
pub use token::{MAX_TOKEN_LEN, PATH_PREFIX, PREFIX, Token};
pub use window::{
    DEFAULT_GRACE, EARLY_SECONDS, LONGEST_LIFETIME, MAX_INTEGER, SHORTEST_LIFETIME, UnixSeconds,
    Window, WindowError,
};
