//! HPKE (RFC 9180) in mode psk, single-shot, with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and
//! AES-256-GCM: written once over [`Primitives`].
//!
//! What depends on a key alone is computed with the key: the recipient's public key in
//! [`KeyPair`], everything that the psk and `info` determine in [`Psk`]. Left per message are one
//! X25519 exchange (two multiplications for the sender), a few short HMACs and the AEAD. The
//! exporter secret (5.3) is not needed and not derived.

mod kem;
mod labeled;
#[cfg(test)]
mod tests;

pub(crate) use kem::KeyPair;
use labeled::{Expander, extract};
use zeroize::Zeroizing;

use crate::{
    backend::{NONCE_LEN, Primitives, TAG_LEN},
    mac::Mac,
    secret::{KEY_LEN, Secret},
};

/// `"HPKE" ‖ I2OSP(kem_id, 2) ‖ I2OSP(kdf_id, 2) ‖ I2OSP(aead_id, 2)`.
const SUITE: &[u8] = b"HPKE\x00\x20\x00\x01\x00\x02";

const MODE_PSK: u8 = 1;

/// A pre-shared key, and what follows from it before there is a message.
pub(crate) struct Psk {
    secret: Secret,
    mac: Mac,
    /// `key_schedule_context`: `mode ‖ psk_id_hash ‖ info_hash` (5.1).
    context: Zeroizing<Vec<u8>>,
}

impl Psk {
    /// Prepares a key for messages of one `info`.
    pub(crate) fn new(secret: Secret, psk_id: &[u8], info: &[u8]) -> Self {
        let none = Secret::zero();
        let psk_id_hash = extract(&none, SUITE, b"psk_id_hash", psk_id);
        let info_hash = extract(&none, SUITE, b"info_hash", info);
        let context = [
            [MODE_PSK].as_slice(),
            psk_id_hash.as_bytes(),
            info_hash.as_bytes(),
        ]
        .concat();
        Self {
            mac: Mac::new(&secret),
            secret,
            context: Zeroizing::new(context),
        }
    }

    /// The key itself.
    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// HMAC-SHA-256 with this key, for what is derived from it outside of HPKE.
    pub(crate) fn mac(&self) -> &Mac {
        &self.mac
    }

    /// `KeySchedule(mode_psk, shared_secret, info, psk, psk_id)` (5.1), of which one message uses
    /// the key and the base nonce.
    fn schedule(&self, shared: &Secret) -> (Secret, [u8; NONCE_LEN]) {
        let secret = extract(shared, SUITE, b"secret", self.secret.as_bytes());
        let secret = Expander::new(&secret, SUITE);
        let key = secret.expand(b"key", [&self.context, &[]], 32);
        let nonce = secret.expand(b"base_nonce", [&self.context, &[]], 12);
        let nonce = nonce.as_bytes().first_chunk().copied().unwrap_or_default();
        (key, nonce)
    }
}

/// `SealPSK` (6.1) with a given ephemeral key, which must never serve two messages. Gives the
/// ciphertext, or `None` when the recipient's public key gives a zero exchange.
pub(crate) fn seal<P: Primitives>(
    recipient: &[u8; KEY_LEN],
    psk: &Psk,
    ephemeral: &KeyPair<P>,
    aad: &[u8],
    plaintext: &[u8],
) -> Option<Vec<u8>> {
    let (key, nonce) = psk.schedule(&ephemeral.encap(recipient)?);
    // Room for the tag from the start: a buffer that grew would leave its old content behind.
    let mut buffer = Zeroizing::new(Vec::with_capacity(plaintext.len().saturating_add(TAG_LEN)));
    buffer.extend_from_slice(plaintext);
    P::encrypt(&key, nonce, aad, &mut buffer)?;
    Some(std::mem::take(&mut *buffer))
}

/// `OpenPSK` (6.1); `None` for whatever is not authentic, a zero exchange included.
pub(crate) fn open<P: Primitives>(
    recipient: &KeyPair<P>,
    psk: &Psk,
    enc: &[u8; KEY_LEN],
    aad: &[u8],
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (key, nonce) = psk.schedule(&recipient.decap(enc)?);
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    P::decrypt(&key, nonce, aad, &mut buffer)?;
    Some(buffer)
}
