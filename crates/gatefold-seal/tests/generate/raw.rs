//! Sealing by hand: HPKE through the `hpke` crate, with every parameter open to being wrong.
//!
//! None of this uses the crate under test, so that the vectors judge it and do not repeat it.

use std::convert::Infallible;

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, Mac as _};
use hpke::{
    Deserializable as _, Kem as _, OpModeS, PskBundle, Serializable as _, aead::AesGcm256,
    kdf::HkdfSha256, kem::X25519HkdfSha256 as Kem, single_shot_seal_with_rng,
};
use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha256};

/// Everything that a token is made of.
#[derive(Clone)]
pub(crate) struct Sealer {
    pub(crate) edge_public: [u8; 32],
    pub(crate) psk: [u8; 32],
    /// What the token's header says.
    pub(crate) header: Vec<u8>,
    /// What is authenticated as the header.
    pub(crate) aad: Vec<u8>,
    pub(crate) info: Vec<u8>,
    pub(crate) psk_id: Vec<u8>,
    pub(crate) base_mode: bool,
    /// In place of the derived material of the ephemeral key.
    pub(crate) material: Option<[u8; 32]>,
}

/// A token's parts.
#[derive(Clone)]
pub(crate) struct Sealed {
    pub(crate) header: Vec<u8>,
    pub(crate) enc: Vec<u8>,
    pub(crate) ct: Vec<u8>,
}

impl Sealed {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        [&self.header[..], &self.enc, &self.ct].concat()
    }

    pub(crate) fn token(&self) -> String {
        token_of(&self.bytes())
    }
}

impl Sealer {
    /// A sealer that does everything right.
    pub(crate) fn new(edge_private: [u8; 32], psk: [u8; 32]) -> Self {
        let edge_public = public_of(&edge_private);
        let header = [&[1][..], &edge_id(&edge_public), &minter_id(&psk)].concat();
        Self {
            edge_public,
            psk,
            aad: header.clone(),
            header,
            info: b"gatefold/securev1".to_vec(),
            psk_id: minter_id(&psk).to_vec(),
            base_mode: false,
            material: None,
        }
    }

    /// What the ephemeral key is derived from.
    pub(crate) fn ephemeral_material(&self, plaintext: &[u8]) -> [u8; 32] {
        let label = b"gatefold ephemeral v1";
        mac(
            &self.psk,
            &[label, &self.header, &self.edge_public, plaintext],
        )
    }

    pub(crate) fn seal(&self, plaintext: &[u8]) -> Sealed {
        let material = self
            .material
            .unwrap_or_else(|| self.ephemeral_material(plaintext));
        let mode = if self.base_mode {
            OpModeS::Base
        } else {
            OpModeS::Psk(PskBundle::new(&self.psk, &self.psk_id).unwrap())
        };
        let public = <Kem as hpke::Kem>::PublicKey::from_bytes(&self.edge_public).unwrap();
        let (enc, ct) = single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
            &mode,
            &public,
            &self.info,
            plaintext,
            &self.aad,
            &mut Material(material),
        )
        .unwrap();
        Sealed {
            header: self.header.clone(),
            enc: enc.to_bytes().to_vec(),
            ct,
        }
    }

    /// Seals with a given result of the exchange: with 32 zero bytes and `enc` a point of small
    /// order, the token authenticates at an edge that does not check the exchange.
    pub(crate) fn seal_with_exchange(
        &self,
        exchange: &[u8; 32],
        enc: &[u8; 32],
        plaintext: &[u8],
    ) -> Sealed {
        let kem_suite = b"KEM\x00\x20";
        let suite = b"HPKE\x00\x20\x00\x01\x00\x02";
        let context = [&enc[..], &self.edge_public].concat();
        let prk = extract(kem_suite, &[], b"eae_prk", exchange);
        let shared = expand(kem_suite, &prk, b"shared_secret", &context, 32);
        let psk_id_hash = extract(suite, &[], b"psk_id_hash", &self.psk_id);
        let info_hash = extract(suite, &[], b"info_hash", &self.info);
        let schedule = [&[1][..], &psk_id_hash, &info_hash].concat();
        let secret = extract(suite, &shared, b"secret", &self.psk);
        let key = expand(suite, &secret, b"key", &schedule, 32);
        let nonce = expand(suite, &secret, b"base_nonce", &schedule, 12);
        let cipher = Aes256Gcm::new_from_slice(&key).unwrap();
        let message = Payload {
            msg: plaintext,
            aad: &self.aad,
        };
        let nonce: [u8; 12] = nonce.try_into().unwrap();
        Sealed {
            header: self.header.clone(),
            enc: enc.to_vec(),
            ct: cipher.encrypt(&nonce.into(), message).unwrap(),
        }
    }
}

/// `EC` and base64url.
pub(crate) fn token_of(bytes: &[u8]) -> String {
    format!("EC{}", Base64UrlUnpadded::encode_string(bytes))
}

pub(crate) fn public_of(private: &[u8; 32]) -> [u8; 32] {
    let private = <Kem as hpke::Kem>::PrivateKey::from_bytes(private).unwrap();
    Kem::sk_to_pk(&private).to_bytes().into()
}

pub(crate) fn edge_id(public: &[u8; 32]) -> [u8; 4] {
    start(&Sha256::digest(public))
}

pub(crate) fn minter_id(psk: &[u8; 32]) -> [u8; 4] {
    start(&Sha256::digest([&b"gatefold minter v1"[..], psk].concat()))
}

/// The phase of a minter that spreads its boundaries.
pub(crate) fn phase(psk: &[u8; 32], source: &str, lifetime: u64) -> u64 {
    let mac = mac(psk, &[b"gatefold phase v1", source.as_bytes()]);
    let first = u64::from_be_bytes(mac[..8].try_into().unwrap());
    first.checked_rem(lifetime).unwrap()
}

fn start(hash: &[u8]) -> [u8; 4] {
    hash[..4].try_into().unwrap()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// `LabeledExtract` of RFC 9180, section 4.
fn extract(suite: &[u8], salt: &[u8], label: &[u8], material: &[u8]) -> [u8; 32] {
    mac(salt, &[b"HPKE-v1", suite, label, material])
}

/// `LabeledExpand` of RFC 9180, section 4, for one block at most.
fn expand(suite: &[u8], prk: &[u8], label: &[u8], info: &[u8], length: u8) -> Vec<u8> {
    let block = mac(prk, &[&[0, length], b"HPKE-v1", suite, label, info, &[1]]);
    block[..usize::from(length)].to_vec()
}

/// Hands `hpke` the material where it asks for 32 random bytes.
struct Material([u8; 32]);

impl TryRng for Material {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        unreachable!("hpke draws bytes")
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        unreachable!("hpke draws bytes")
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

impl TryCryptoRng for Material {}
