//! Keys and their public identifiers.
//!
//! Secret types have no `Debug`, are overwritten when dropped, and give their bytes only by
//! [`EdgePrivateKey::expose`] and [`MinterKey::expose`].

use std::fmt;

use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::schedule;

/// The length of every key, in bytes.
pub const KEY_LEN: usize = 32;

/// A key's 4-byte identifier, which the token's header names in clear.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 4]);

impl KeyId {
    fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
        Self([a, b, c, d])
    }
}

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

impl EdgePublicKey {
    /// Reads a key.
    ///
    /// # Errors
    /// When the bytes are a point of small order, with which every exchange gives zero.
    pub fn from_bytes(bytes: [u8; KEY_LEN]) -> Result<Self, InvalidKey> {
        if !schedule::is_contributory(&bytes) {
            return Err(InvalidKey);
        }
        let id = KeyId::of(&[&bytes]);
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
pub struct EdgePrivateKey {
    bytes: Zeroizing<[u8; KEY_LEN]>,
    public: EdgePublicKey,
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
    pub fn from_bytes(bytes: Zeroizing<[u8; KEY_LEN]>) -> Self {
        let public = schedule::public_key(&bytes);
        let id = KeyId::of(&[&public]);
        let public = EdgePublicKey { bytes: public, id };
        Self { bytes, public }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &EdgePublicKey {
        &self.public
    }

    /// The secret bytes, for writing them to a key file.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_LEN] {
        &self.bytes
    }
}

/// A minter's key: 32 random bytes that it shares with one edge and with nobody else (the `psk` of
/// RFC 9180).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MinterKey {
    bytes: [u8; KEY_LEN],
    #[zeroize(skip)]
    id: KeyId,
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
        Self {
            bytes: **bytes,
            id: KeyId::of(&[b"gatefold minter v1", &**bytes]),
        }
    }

    /// The start of the SHA-256 of `"gatefold minter v1" ‖ key`.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The secret bytes, for writing them to a key file.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_LEN] {
        &self.bytes
    }
}

impl PartialEq for MinterKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes.ct_eq(&other.bytes).into()
    }
}

impl Eq for MinterKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_key_is_that_of_rfc_7748() {
        // RFC 7748, 6.1: Alice's keys.
        let private = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
        let public = hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
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

    fn hex(text: &str) -> [u8; KEY_LEN] {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
        let bytes: Vec<u8> = digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect();
        bytes.try_into().unwrap()
    }
}
