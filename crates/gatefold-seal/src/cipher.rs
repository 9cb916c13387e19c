//! What version 1 of the sealed URL makes of HPKE: the fixed `info`, the header as `aad`, and an
//! ephemeral key that is derived instead of random.

use zeroize::Zeroizing;

use crate::{
    backend::{Active, Primitives},
    key::{EdgePrivateKey, EdgePublicKey, KeyId, MinterKey},
    refusal::Refusal,
    schedule::{self, KeyPair, Psk},
    secret::{KEY_LEN, Secret},
};

const INFO: &[u8] = b"gatefold/securev1";
const EPHEMERAL_LABEL: &[u8] = b"gatefold ephemeral v1";
const PHASE_LABEL: &[u8] = b"gatefold phase v1";

/// Prepares a minter's key.
pub(crate) fn psk(secret: Secret, minter: KeyId) -> Psk {
    Psk::new(secret, &minter.0, INFO)
}

/// Whether an exchange with this public key depends on the private key at all: for a point of
/// small order it gives zero, whatever the other key.
pub(crate) fn is_contributory(public: &[u8; KEY_LEN]) -> bool {
    let any = Active::private_key(&Secret::new([1; KEY_LEN]));
    Active::exchange(&any, public).is_some()
}

/// Seals `plaintext`; gives the encapsulated key and the ciphertext, or `None` when the edge's
/// public key gives an all-zero exchange.
///
/// The ephemeral key comes from a keyed hash of all that is sealed, so that equal payloads give
/// equal URLs everywhere and different ones never share a key.
pub(crate) fn seal(
    edge: &EdgePublicKey,
    minter: &MinterKey,
    header: &[u8],
    plaintext: &[u8],
) -> Option<([u8; KEY_LEN], Vec<u8>)> {
    let psk = minter.psk();
    let material = psk
        .mac()
        .tag(&[EPHEMERAL_LABEL, header, edge.as_bytes(), plaintext]);
    let ephemeral = KeyPair::<Active>::derive(material.as_bytes());
    let ciphertext = schedule::seal(edge.as_bytes(), psk, &ephemeral, header, plaintext)?;
    Some((*ephemeral.public(), ciphertext))
}

/// By how much a minter that spreads its boundaries shifts those of one source, in seconds: evenly
/// over the lifetime, alike in every instance, and foreseeable by nobody without the key.
pub(crate) fn phase(minter: &MinterKey, original_source: &str, lifetime: u64) -> u64 {
    let parts = [PHASE_LABEL, original_source.as_bytes()];
    let tag = minter.psk().mac().tag(&parts);
    let start = tag.as_bytes().first_chunk().copied().unwrap_or_default();
    u64::from_be_bytes(start)
        .checked_rem(lifetime)
        .unwrap_or_default()
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
    enc.try_into()
        .ok()
        .and_then(|enc| schedule::open(edge.pair(), minter.psk(), enc, header, ciphertext))
        .ok_or(Refusal::NotAuthentic)
}
