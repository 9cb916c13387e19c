//! Sealing by hand, from docs/spec alone: what no minter of ours would ever seal.

use std::convert::Infallible;

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_seal::{MinterFile, PATH_PREFIX, PREFIX};
use hmac::{Hmac, KeyInit, Mac};
use hpke::{
    Deserializable, OpModeS, PskBundle, Serializable, aead::AesGcm256, kdf::HkdfSha256,
    kem::X25519HkdfSha256 as Kem, single_shot_seal_with_rng,
};
use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};

use crate::Result;

/// How long a ticket is good, in seconds.
const TICKET_TIME: u64 = 60;

/// The path of a URL that seals a plaintext as it is, whatever it says.
///
/// # Errors
/// When the minter's keys are none.
pub fn seal(minter: &MinterFile, plaintext: &[u8]) -> Result<String> {
    let minter_id = minter.key.id().0;
    let header = [&[1][..], &minter.edge.id().0, &minter_id].concat();
    let psk = minter.key.expose();
    let mode = PskBundle::new(psk, &minter_id).map(OpModeS::Psk);
    let edge = <Kem as hpke::Kem>::PublicKey::from_bytes(minter.edge.as_bytes());
    let material = mac(
        psk,
        &[
            b"gatefold ephemeral v1",
            &header,
            minter.edge.as_bytes(),
            plaintext,
        ],
    );
    let (enc, ct) = single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
        &mode.map_err(|error| error.to_string())?,
        &edge.map_err(|error| error.to_string())?,
        b"gatefold/securev1",
        plaintext,
        &header,
        &mut Material(material),
    )
    .map_err(|error| error.to_string())?;
    let bytes = [&header[..], &enc.to_bytes(), &ct].concat();
    let text = Base64UrlUnpadded::encode_string(&bytes);
    Ok([PATH_PREFIX, PREFIX, &text].concat())
}

/// Pads a plaintext as a payload is padded.
#[must_use]
pub fn padded(json: &str) -> Vec<u8> {
    let mut plaintext = json.as_bytes().to_vec();
    plaintext.resize(plaintext.len().next_multiple_of(64), b' ');
    plaintext
}

/// A ticket by which a person shows at `host`, at the moment `now`, who asks for one sealed URL.
#[must_use]
pub fn file_ticket(minter: &MinterFile, host: &str, did: &str, path: &str, now: u64) -> String {
    let token = path.strip_prefix(PATH_PREFIX).unwrap_or(path);
    let file = Sha256::digest(token);
    ticket(minter, 2, host, did, &file, now)
}

/// A ticket by which a browser is bound.
#[must_use]
pub fn session_ticket(minter: &MinterFile, host: &str, did: &str, now: u64) -> String {
    ticket(minter, 1, host, did, &[], now)
}

/// The value of the cookie by which an edge of this secret remembers, until `end`, a person for whom
/// a minter has vouched. Nobody but the edge makes these; a test that has its secret moves them in
/// time.
#[must_use]
pub fn binding(secret: &[u8], minter: &MinterFile, host: &str, did: &str, end: u64) -> String {
    let key = mac(secret, &[b"gatefold edge cookie v1"]);
    ["EB", &claims(&key, minter, (3, host, did, &[], end))].concat()
}

fn ticket(minter: &MinterFile, kind: u8, host: &str, did: &str, file: &[u8], now: u64) -> String {
    let end = now.saturating_add(TICKET_TIME);
    let key = mac(minter.key.expose(), &[b"gatefold ticket v1"]);
    ["ET", &claims(&key, minter, (kind, host, did, file, end))].concat()
}

/// Kind, host, DID, file and end, with their tag, as text.
fn claims(
    key: &[u8],
    minter: &MinterFile,
    (kind, host, did, file, end): (u8, &str, &str, &[u8], u64),
) -> String {
    let host_len = u8::try_from(host.len()).unwrap_or(u8::MAX);
    let did_len = u16::try_from(did.len()).unwrap_or(u16::MAX).to_be_bytes();
    let signed = [
        &[1, kind][..],
        &minter.key.id().0,
        &end.to_be_bytes(),
        &[host_len],
        host.as_bytes(),
        &did_len,
        did.as_bytes(),
        file,
    ]
    .concat();
    Base64UrlUnpadded::encode_string(&[&signed[..], &mac(key, &[&signed])].concat())
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32]; // A key of any length will do, so this does not happen.
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// What the `hpke` crate takes for its generator: it draws once what an ephemeral key is made of.
struct Material([u8; 32]);

impl TryRng for Material {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> std::result::Result<u32, Infallible> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> std::result::Result<u64, Infallible> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> std::result::Result<(), Infallible> {
        for (out, material) in out.iter_mut().zip(self.0) {
            *out = material;
        }
        Ok(())
    }
}

impl TryCryptoRng for Material {}
