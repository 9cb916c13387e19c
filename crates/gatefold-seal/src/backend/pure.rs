//! The backend in Rust alone.

use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};
use x25519_dalek::{PublicKey, StaticSecret};

use super::{NONCE_LEN, Primitives};
use crate::secret::{KEY_LEN, Secret};

/// `x25519-dalek` and `aes-gcm`: wherever Rust compiles, with secrets that overwrite themselves.
pub(crate) struct Pure;

impl Primitives for Pure {
    const NAME: &'static str = "pure";

    type PrivateKey = StaticSecret;

    fn private_key(bytes: &Secret) -> StaticSecret {
        StaticSecret::from(*bytes.as_bytes())
    }

    fn public_key(private: &StaticSecret) -> [u8; KEY_LEN] {
        // By the precomputed multiples of the base point.
        PublicKey::from(private).to_bytes()
    }

    fn exchange(private: &StaticSecret, peer: &[u8; KEY_LEN]) -> Option<Secret> {
        let shared = private.diffie_hellman(&PublicKey::from(*peer));
        shared
            .was_contributory()
            .then(|| Secret::new(*shared.as_bytes()))
    }

    fn encrypt(
        key: &Secret,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        buffer: &mut Vec<u8>,
    ) -> Option<()> {
        Aes256Gcm::new(key.as_bytes().into())
            .encrypt_in_place(&nonce.into(), aad, buffer)
            .ok()
    }

    fn decrypt(
        key: &Secret,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        buffer: &mut Vec<u8>,
    ) -> Option<()> {
        Aes256Gcm::new(key.as_bytes().into())
            .decrypt_in_place(&nonce.into(), aad, buffer)
            .ok()
    }
}
