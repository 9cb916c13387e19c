//! DHKEM(X25519, HKDF-SHA256) (RFC 9180, 4.1 and 7.1).

use super::labeled::{Expander, extract};
use crate::{
    backend::Primitives,
    secret::{KEY_LEN, Secret},
};

/// `"KEM" ‖ I2OSP(kem_id, 2)`.
const SUITE: &[u8] = b"KEM\x00\x20";

/// A private key with its public half computed once.
pub(crate) struct KeyPair<P: Primitives> {
    private: P::PrivateKey,
    public: [u8; KEY_LEN],
}

impl<P: Primitives> KeyPair<P> {
    /// The pair of a private key as RFC 7748 writes it.
    pub(crate) fn new(private: &Secret) -> Self {
        let private = P::private_key(private);
        let public = P::public_key(&private);
        Self { private, public }
    }

    /// `DeriveKeyPair(ikm)`; X25519 has no candidates to reject (7.1.3).
    pub(crate) fn derive(ikm: &[u8]) -> Self {
        let key = extract(&Secret::zero(), SUITE, b"dkp_prk", ikm);
        Self::new(&Expander::new(&key, SUITE).expand(b"sk", [&[], &[]], 32))
    }

    /// The public key.
    pub(crate) fn public(&self) -> &[u8; KEY_LEN] {
        &self.public
    }

    /// `Encap(pkR)` with this pair as the ephemeral one, whose public key is the encapsulated key;
    /// `None` when the exchange gives zero.
    pub(super) fn encap(&self, recipient: &[u8; KEY_LEN]) -> Option<Secret> {
        let exchanged = P::exchange(&self.private, recipient)?;
        Some(extract_and_expand(&exchanged, &self.public, recipient))
    }

    /// `Decap(enc, skR)` with this pair as the recipient's; `None` when the exchange gives zero.
    pub(super) fn decap(&self, enc: &[u8; KEY_LEN]) -> Option<Secret> {
        let exchanged = P::exchange(&self.private, enc)?;
        Some(extract_and_expand(&exchanged, enc, &self.public))
    }
}

/// `ExtractAndExpand(dh, kem_context)`, where the context is `enc ‖ pkR`.
fn extract_and_expand(
    exchanged: &Secret,
    enc: &[u8; KEY_LEN],
    recipient: &[u8; KEY_LEN],
) -> Secret {
    let key = extract(&Secret::zero(), SUITE, b"eae_prk", exchanged.as_bytes());
    Expander::new(&key, SUITE).expand(b"shared_secret", [enc, recipient], 32)
}
