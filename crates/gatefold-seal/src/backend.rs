//! Who computes: the primitives that the [schedule](crate::schedule) is written over, and the two
//! that implement them.
//!
//! | backend | X25519 and AES-256-GCM by | used |
//! |---|---|---|
//! | `Native` | AWS-LC (`aws-lc-rs`): the fastest on the machines that servers are | feature `native`, on by default; never on WebAssembly |
//! | `Pure` | `x25519-dalek` and `aes-gcm`: Rust alone | on WebAssembly; elsewhere with feature `pure` when `native` is off |
//!
//! Both share one HMAC-SHA-256 ([`crate::mac`]), which uses the processor's SHA instructions too: for
//! the one to three blocks of a tag here, keying and tagging by AWS-LC took half as long again.
//! Tests compile both and hold each to the standards' vectors and to the other.

use crate::secret::{KEY_LEN, Secret};

#[cfg(all(not(target_family = "wasm"), any(feature = "native", test)))]
mod native;
#[cfg(any(
    target_family = "wasm",
    all(feature = "pure", not(feature = "native")),
    test
))]
mod pure;

#[cfg(all(not(target_family = "wasm"), any(feature = "native", test)))]
pub(crate) use native::Native;
#[cfg(any(
    target_family = "wasm",
    all(feature = "pure", not(feature = "native")),
    test
))]
pub(crate) use pure::Pure;

#[cfg(all(not(target_family = "wasm"), feature = "native"))]
pub(crate) type Active = Native;
#[cfg(any(target_family = "wasm", not(feature = "native")))]
pub(crate) type Active = Pure;

#[cfg(not(any(target_family = "wasm", feature = "native", feature = "pure")))]
compile_error!("gatefold-seal needs one of its features `native` (the default) and `pure`");

/// The name of the backend that this build uses: `native` or `pure`.
pub const BACKEND: &str = <Active as Primitives>::NAME;

/// What the AEAD adds to a plaintext, in bytes.
pub(crate) const TAG_LEN: usize = 16;

/// The length of the AEAD's nonce, in bytes.
pub(crate) const NONCE_LEN: usize = 12;

/// The primitives of HPKE's suite: X25519 (RFC 7748) and AES-256-GCM (RFC 5116).
pub(crate) trait Primitives {
    /// The backend's name.
    const NAME: &'static str;

    /// An X25519 private key in the form that makes exchanges fast. It overwrites itself when
    /// dropped.
    type PrivateKey: Send + Sync;

    /// Prepares a private key. Any 32 bytes are one.
    fn private_key(bytes: &Secret) -> Self::PrivateKey;

    /// The public half of a private key.
    fn public_key(private: &Self::PrivateKey) -> [u8; KEY_LEN];

    /// The X25519 exchange; `None` when it gives zero, which happens when the peer's key is a
    /// point of small order (RFC 9180, 7.1.4).
    fn exchange(private: &Self::PrivateKey, peer: &[u8; KEY_LEN]) -> Option<Secret>;

    /// Encrypts `buffer` in place and appends the tag.
    fn encrypt(
        key: &Secret,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        buffer: &mut Vec<u8>,
    ) -> Option<()>;

    /// Authenticates and decrypts `buffer`, which ends with the tag, in place and cuts the tag
    /// off. After a failure the buffer's content means nothing.
    fn decrypt(
        key: &Secret,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        buffer: &mut Vec<u8>,
    ) -> Option<()>;
}
