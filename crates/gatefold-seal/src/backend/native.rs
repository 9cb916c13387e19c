//! The backend over AWS-LC.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{self, PrivateKey, UnparsedPublicKey, X25519},
};

use super::{NONCE_LEN, Primitives};
use crate::secret::{KEY_LEN, Secret};

/// AWS-LC: fast, and overwrites whatever memory it frees.
pub(crate) struct Native;

/// A key inside AWS-LC; `None` when the library had no memory for it, and then it opens nothing.
pub(crate) struct NativeKey(Option<PrivateKey>);

impl Primitives for Native {
    const NAME: &'static str = "native";

    type PrivateKey = NativeKey;

    fn private_key(bytes: &Secret) -> NativeKey {
        // This computes the public key too, by AWS-LC's fixed-base multiplication.
        NativeKey(PrivateKey::from_private_key(&X25519, bytes.as_bytes()).ok())
    }

    fn public_key(private: &NativeKey) -> [u8; KEY_LEN] {
        let NativeKey(Some(key)) = private else {
            return [0; KEY_LEN];
        };
        key.compute_public_key()
            .ok()
            .and_then(|public| public.as_ref().try_into().ok())
            .unwrap_or([0; KEY_LEN])
    }

    fn exchange(private: &NativeKey, peer: &[u8; KEY_LEN]) -> Option<Secret> {
        // AWS-LC fails when the result is zero.
        let peer = UnparsedPublicKey::new(&X25519, peer);
        agreement::agree(private.0.as_ref()?, peer, (), |shared| {
            shared.try_into().map(Secret::new).map_err(|_| ())
        })
        .ok()
    }

    fn encrypt(
        key: &Secret,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        buffer: &mut Vec<u8>,
    ) -> Option<()> {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_bytes()).ok()?);
        let nonce = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce, Aad::from(aad), buffer)
            .ok()
    }

    fn decrypt(
        key: &Secret,
        nonce: [u8; NONCE_LEN],
        aad: &[u8],
        buffer: &mut Vec<u8>,
    ) -> Option<()> {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.as_bytes()).ok()?);
        let nonce = Nonce::assume_unique_for_key(nonce);
        let plaintext_len = key.open_in_place(nonce, Aad::from(aad), buffer).ok()?.len();
        buffer.truncate(plaintext_len);
        Some(())
    }
}
