//! Keys and their public identifiers.
//!
//! Secret types have no `Debug`, are overwritten when dropped, and give their bytes only by
//! [`EdgePrivateKey::expose`] and [`MinterKey::expose`]. Clones share one copy of the secret.

use std::{fmt, sync::Arc};

use base64ct::{Base64UrlUnpadded, Encoding};
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{
    backend::Active,
    cipher,
    schedule::{KeyPair, Psk},
    secret::{KEY_LEN, Secret},
};

/// A key's 4-byte identifier, which the token's header names in clear.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "KeyId({self})")
    }
}

/// A key's whole SHA-256, of which the identifier is the start: tells two keys apart that share an
/// identifier.
#[derive(Clone, Copy)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The identifier.
    pub(crate) fn id(&self) -> KeyId {
        KeyId(self.0.first_chunk().copied().unwrap_or_default())
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Fingerprint {}

/// The bytes are not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not a usable X25519 public key")]
pub struct InvalidKey;

/// An edge's public key (X25519): what a minter seals to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EdgePublicKey {
    bytes: [u8; KEY_LEN],
    id: KeyId,
}

impl fmt::Display for EdgePublicKey {
    /// 43 characters of base64url without padding.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&Base64UrlUnpadded::encode_string(&self.bytes))
    }
}

impl EdgePublicKey {
    /// Reads a key.
    ///
    /// # Errors
    /// When the bytes are a point of small order, with which every exchange gives zero.
    pub fn from_bytes(bytes: [u8; KEY_LEN]) -> Result<Self, InvalidKey> {
        if !cipher::is_contributory(&bytes) {
            return Err(InvalidKey);
        }
        let id = Fingerprint::of(&[&bytes]).id();
        Ok(Self { bytes, id })
    }

    /// The key as RFC 7748 writes it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; KEY_LEN] {
        &self.bytes
    }

    /// The start of the key's SHA-256.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }
}

/// An edge's private key (X25519): whoever has it opens what is sealed to the edge, given the
/// minter's key too.
#[derive(Clone)]
pub struct EdgePrivateKey(Arc<EdgeSecret>);

struct EdgeSecret {
    bytes: Secret,
    pair: KeyPair<Active>,
    public: EdgePublicKey,
    fingerprint: Fingerprint,
}

impl EdgePrivateKey {
    /// Makes a new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        rng.fill_bytes(bytes.as_mut());
        Self::from_bytes(bytes)
    }

    /// Takes a key as RFC 7748 writes it. Any 32 bytes are one.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the caller's copy is overwritten here, not kept"
    )]
    pub fn from_bytes(bytes: Zeroizing<[u8; KEY_LEN]>) -> Self {
        let bytes = Secret::new(*bytes);
        let pair = KeyPair::new(&bytes);
        let fingerprint = Fingerprint::of(&[pair.public()]);
        let public = EdgePublicKey {
            bytes: *pair.public(),
            id: fingerprint.id(),
        };
        Self(Arc::new(EdgeSecret {
            bytes,
            pair,
            public,
            fingerprint,
        }))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &EdgePublicKey {
        &self.0.public
    }

    /// The secret bytes, for writing them to a key file.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_LEN] {
        self.0.bytes.as_bytes()
    }

    pub(crate) fn pair(&self) -> &KeyPair<Active> {
        &self.0.pair
    }

    pub(crate) fn fingerprint(&self) -> &Fingerprint {
        &self.0.fingerprint
    }
}

/// A minter's key: 32 random bytes that it shares with one edge and with nobody else (the `psk` of
/// RFC 9180).
#[derive(Clone)]
pub struct MinterKey(Arc<MinterSecret>);

struct MinterSecret {
    psk: Psk,
    fingerprint: Fingerprint,
}

impl MinterKey {
    /// Makes a new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        rng.fill_bytes(bytes.as_mut());
        Self::from_bytes(&bytes)
    }

    /// Takes a key. It must have come from a good source of randomness.
    #[must_use]
    pub fn from_bytes(bytes: &Zeroizing<[u8; KEY_LEN]>) -> Self {
        let fingerprint = Fingerprint::of(&[b"gatefold minter v1", &**bytes]);
        Self(Arc::new(MinterSecret {
            psk: cipher::psk(Secret::new(**bytes), fingerprint.id()),
            fingerprint,
        }))
    }

    /// The start of the SHA-256 of `"gatefold minter v1" ‖ key`.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.0.fingerprint.id()
    }

    /// The secret bytes, for writing them to a key file.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_LEN] {
        self.0.psk.secret().as_bytes()
    }

    pub(crate) fn psk(&self) -> &Psk {
        &self.0.psk
    }

    pub(crate) fn fingerprint(&self) -> &Fingerprint {
        &self.0.fingerprint
    }
}

impl PartialEq for MinterKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.psk.secret().ct_eq(other.0.psk.secret()).into()
    }
}

impl Eq for MinterKey {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::hex32;

    #[test]
    fn the_public_key_is_that_of_rfc_7748() {
        // RFC 7748, 6.1: Alice's keys.
        let private = hex32("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        let public = hex32("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
        let key = EdgePrivateKey::from_bytes(Zeroizing::new(private));
        assert_eq!(key.public().as_bytes(), &public);
        assert_eq!(EdgePublicKey::from_bytes(public), Ok(*key.public()));
    }

    #[test]
    fn points_of_small_order_are_refused() {
        let mut one = [0; KEY_LEN];
        one[0] = 1;
        assert_eq!(EdgePublicKey::from_bytes([0; KEY_LEN]), Err(InvalidKey));
        assert_eq!(EdgePublicKey::from_bytes(one), Err(InvalidKey));
    }

    #[test]
    fn identifiers_tell_keys_of_different_kinds_apart() {
        let bytes = Zeroizing::new([7; KEY_LEN]);
        let minter = MinterKey::from_bytes(&bytes);
        let edge = EdgePrivateKey::from_bytes(bytes);
        assert_ne!(minter.id(), edge.public().id());
        assert_eq!(minter.id().to_string().len(), 8);
    }
}
