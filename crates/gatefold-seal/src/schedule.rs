//! The cryptography: HPKE (RFC 9180) in mode psk with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and
//! AES-256-GCM, by the `hpke` crate, with an ephemeral key that is derived instead of random.

use std::convert::Infallible;

use hmac::{Hmac, KeyInit, Mac};
use hpke::{
    Deserializable, Kem as _, OpModeR, OpModeS, PskBundle, Serializable, aead::AesGcm256,
    kdf::HkdfSha256, kem::X25519HkdfSha256, single_shot_open, single_shot_seal_with_rng,
};
use rand_core::{TryCryptoRng, TryRng};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    key::{EdgePrivateKey, EdgePublicKey, KEY_LEN, MinterKey},
    refusal::Refusal,
};

type Kem = X25519HkdfSha256;
type PublicKey = <Kem as hpke::Kem>::PublicKey;
type PrivateKey = <Kem as hpke::Kem>::PrivateKey;
type EncappedKey = <Kem as hpke::Kem>::EncappedKey;

const INFO: &[u8] = b"gatefold/securev1";
const EPHEMERAL_LABEL: &[u8] = b"gatefold ephemeral v1";

/// What the AEAD adds to a plaintext, in bytes.
pub(crate) const TAG_LEN: usize = 16;

/// The public key of a private key.
pub(crate) fn public_key(private: &[u8; KEY_LEN]) -> [u8; KEY_LEN] {
    PrivateKey::from_bytes(private)
        .map_or([0; KEY_LEN], |key| Kem::sk_to_pk(&key).to_bytes().into())
}

/// Whether an exchange with this public key depends on the private key at all.
pub(crate) fn is_contributory(public: &[u8; KEY_LEN]) -> bool {
    // Encapsulating refuses an all-zero result (RFC 9180, 7.1.4), whatever the ephemeral key.
    let Ok(key) = PublicKey::from_bytes(public) else {
        return false;
    };
    let mut rng = OneDraw(Zeroizing::new([1; KEY_LEN]));
    single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
        &OpModeS::Base,
        &key,
        INFO,
        b"",
        b"",
        &mut rng,
    )
    .is_ok()
}

/// Seals `plaintext`; gives the encapsulated key and the ciphertext, or `None` when the edge's
/// public key gives an all-zero exchange.
pub(crate) fn seal(
    edge: &EdgePublicKey,
    minter: &MinterKey,
    header: &[u8],
    plaintext: &[u8],
) -> Option<([u8; KEY_LEN], Vec<u8>)> {
    let minter_id = minter.id();
    let psk = PskBundle::new(minter.expose(), &minter_id.0).ok()?;
    let key = PublicKey::from_bytes(edge.as_bytes()).ok()?;
    let mut rng = OneDraw(ephemeral_material(edge, minter, header, plaintext)?);
    let (enc, ciphertext) = single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
        &OpModeS::Psk(psk),
        &key,
        INFO,
        plaintext,
        header,
        &mut rng,
    )
    .ok()?;
    Some((enc.to_bytes().into(), ciphertext))
}

/// Opens a ciphertext.
///
/// # Errors
/// [`Refusal::NotAuthentic`] whatever went wrong, an all-zero exchange included.
pub(crate) fn open(
    edge: &EdgePrivateKey,
    minter: &MinterKey,
    header: &[u8],
    enc: &[u8],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let minter_id = minter.id();
    let opened = || {
        let psk = PskBundle::new(minter.expose(), &minter_id.0)?;
        single_shot_open::<AesGcm256, HkdfSha256, Kem>(
            &OpModeR::Psk(psk),
            &PrivateKey::from_bytes(edge.expose())?,
            &EncappedKey::from_bytes(enc)?,
            INFO,
            ciphertext,
            header,
        )
    };
    opened()
        .map(Zeroizing::new)
        .map_err(|_: hpke::HpkeError| Refusal::NotAuthentic)
}

/// The input keying material of the ephemeral key: a keyed hash of all that is sealed, so that
/// equal payloads give equal URLs everywhere and different ones never share a key.
fn ephemeral_material(
    edge: &EdgePublicKey,
    minter: &MinterKey,
    header: &[u8],
    plaintext: &[u8],
) -> Option<Zeroizing<[u8; KEY_LEN]>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(minter.expose()).ok()?;
    for part in [EPHEMERAL_LABEL, header, edge.as_bytes(), plaintext] {
        mac.update(part);
    }
    Some(Zeroizing::new(mac.finalize().into_bytes().into()))
}

/// Hands `hpke` the keying material where it asks for randomness. For X25519 it draws 32 bytes
/// once and derives the ephemeral key from them (RFC 9180, 7.1.3).
struct OneDraw(Zeroizing<[u8; KEY_LEN]>);

impl TryRng for OneDraw {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for (byte, material) in out.iter_mut().zip(self.0.iter().cycle()) {
            *byte = *material;
        }
        Ok(())
    }
}

impl TryCryptoRng for OneDraw {}
