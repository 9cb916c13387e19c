//! Both backends against RFC 9180's vectors, against each other and against `hpke`.

use std::convert::Infallible;

use hpke::{
    Deserializable, OpModeR, OpModeS, PskBundle, Serializable, aead::AesGcm256, kdf::HkdfSha256,
    kem::X25519HkdfSha256, single_shot_open, single_shot_seal_with_rng,
};
use proptest::prelude::*;
use rand_core::{TryCryptoRng, TryRng};
use serde_json::Value;

use super::*;
use crate::{
    backend::{Native, Pure},
    testing::{hex, hex32},
};

/// The one entry of the RFC's machine-readable vectors with this crate's mode and suite; of its
/// encryptions, those whose sequence numbers the RFC's appendix prints.
const RFC_9180: &str =
    include_str!("../../../../testdata/rfc9180/psk-x25519-sha256-aes256gcm.json");

fn rfc_9180() -> Value {
    let vector: Value = serde_json::from_str(RFC_9180).unwrap();
    let suite = ["mode", "kem_id", "kdf_id", "aead_id"].map(|id| vector[id].as_u64().unwrap());
    assert_eq!(suite, [u64::from(MODE_PSK), 0x20, 1, 2]);
    vector
}

fn field(vector: &Value, name: &str) -> Vec<u8> {
    hex(vector[name].as_str().unwrap())
}

fn field32(vector: &Value, name: &str) -> [u8; KEY_LEN] {
    hex32(vector[name].as_str().unwrap())
}

fn each_step_is_the_rfcs<P: Primitives>() {
    let vector = rfc_9180();
    let field = |name| field(&vector, name);
    let field32 = |name| field32(&vector, name);

    let recipient = KeyPair::<P>::derive(&field("ikmR"));
    assert_eq!(recipient.public(), &field32("pkRm"));
    assert_eq!(
        KeyPair::<P>::new(&Secret::new(field32("skRm"))).public(),
        &field32("pkRm")
    );
    let ephemeral = KeyPair::<P>::derive(&field("ikmE"));
    assert_eq!(ephemeral.public(), &field32("enc"));
    assert_eq!(
        KeyPair::<P>::new(&Secret::new(field32("skEm"))).public(),
        &field32("enc")
    );

    let sent = ephemeral.encap(recipient.public()).unwrap();
    let received = recipient.decap(&field32("enc")).unwrap();
    assert_eq!(sent.as_bytes(), &field32("shared_secret"));
    assert_eq!(received.as_bytes(), &field32("shared_secret"));

    let psk = Psk::new(
        Secret::new(field32("psk")),
        &field("psk_id"),
        &field("info"),
    );
    assert_eq!(*psk.context, field("key_schedule_context"));
    let (key, nonce) = psk.schedule(&sent);
    assert_eq!(key.as_bytes(), &field32("key"));
    assert_eq!(nonce.as_slice(), field("base_nonce"));
}

fn messages_are_the_rfcs<P: Primitives>() {
    let vector = rfc_9180();
    let key = Secret::new(field32(&vector, "key"));
    let messages = vector["encryptions"].as_array().unwrap();
    assert_eq!(messages.len(), 6);
    for message in messages {
        let nonce = field(message, "nonce").try_into().unwrap();
        let aad = field(message, "aad");
        let mut buffer = field(message, "pt");
        P::encrypt(&key, nonce, &aad, &mut buffer).unwrap();
        assert_eq!(buffer, field(message, "ct"));
        P::decrypt(&key, nonce, &aad, &mut buffer).unwrap();
        assert_eq!(buffer, field(message, "pt"));
    }

    // The first message is the one that a single shot makes.
    let psk = Psk::new(
        Secret::new(field32(&vector, "psk")),
        &field(&vector, "psk_id"),
        &field(&vector, "info"),
    );
    let ephemeral = KeyPair::<P>::derive(&field(&vector, "ikmE"));
    let recipient = KeyPair::<P>::derive(&field(&vector, "ikmR"));
    let (aad, plaintext) = (field(&messages[0], "aad"), field(&messages[0], "pt"));
    let sealed = seal(recipient.public(), &psk, &ephemeral, &aad, &plaintext).unwrap();
    assert_eq!(sealed, field(&messages[0], "ct"));
    let opened = open(&recipient, &psk, ephemeral.public(), &aad, &sealed).unwrap();
    assert_eq!(*opened, plaintext);
}

fn exchanges_are_those_of_rfc_7748<P: Primitives>() {
    // Section 5.2's two vectors, and the two sides of section 6.1's exchange.
    for (scalar, u, product) in [
        (
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ),
        (
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            // The highest bit is set and must be ignored.
            "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
        ),
        (
            "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
            "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
        ),
        (
            "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
        ),
    ] {
        let private = P::private_key(&Secret::new(hex32(scalar)));
        let shared = P::exchange(&private, &hex32(u)).unwrap();
        assert_eq!(shared.as_bytes(), &hex32(product));
    }
}

fn points_of_small_order_are_refused<P: Primitives>() {
    // All u-coordinates of points of small order on the curve and on its twist, also as they look
    // before reduction modulo p = 2^255 - 19 (RFC 7748, 6.1).
    let order_eight = [
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    ]
    .map(hex32);
    let near_p = |low: u8| {
        let mut bytes = [0xff; KEY_LEN];
        (bytes[0], bytes[31]) = (low, 0x7f);
        bytes
    };
    let mut one = [0; KEY_LEN];
    one[0] = 1;
    let mut points = vec![[0; KEY_LEN], one, near_p(0xec), near_p(0xed), near_p(0xee)];
    points.extend(order_eight);
    let psk = Psk::new(Secret::new([1; KEY_LEN]), b"id", b"info");
    let pair = KeyPair::<P>::new(&Secret::new([2; KEY_LEN]));
    for mut point in points {
        for highest_bit in [0, 0x80] {
            point[31] ^= highest_bit;
            assert!(pair.encap(&point).is_none());
            assert!(pair.decap(&point).is_none());
            assert!(seal(&point, &psk, &pair, b"", b"text").is_none());
            assert!(open(&pair, &psk, &point, b"", &[0; 64]).is_none());
        }
    }
}

#[test]
fn the_native_backend_follows_the_standards() {
    each_step_is_the_rfcs::<Native>();
    messages_are_the_rfcs::<Native>();
    exchanges_are_those_of_rfc_7748::<Native>();
    points_of_small_order_are_refused::<Native>();
}

#[test]
fn the_pure_backend_follows_the_standards() {
    each_step_is_the_rfcs::<Pure>();
    messages_are_the_rfcs::<Pure>();
    exchanges_are_those_of_rfc_7748::<Pure>();
    points_of_small_order_are_refused::<Pure>();
}

/// One message and all that it depends on.
#[derive(Clone, Debug)]
struct Case {
    recipient: [u8; KEY_LEN],
    psk: [u8; KEY_LEN],
    psk_id: Vec<u8>,
    info: Vec<u8>,
    ikm: [u8; KEY_LEN],
    aad: Vec<u8>,
    plaintext: Vec<u8>,
}

fn case() -> impl Strategy<Value = Case> {
    let bytes = |longest| prop::collection::vec(any::<u8>(), 0..longest);
    let keys = (any::<[u8; 32]>(), any::<[u8; 32]>(), any::<[u8; 32]>());
    // `hpke` refuses an empty psk_id.
    let id = prop::collection::vec(any::<u8>(), 1..80);
    (keys, id, bytes(200), bytes(100), bytes(700)).prop_map(
        |((recipient, psk, ikm), psk_id, info, aad, plaintext)| Case {
            recipient,
            psk,
            psk_id,
            info,
            ikm,
            aad,
            plaintext,
        },
    )
}

/// An encapsulated key and a ciphertext.
type Sealed = ([u8; KEY_LEN], Vec<u8>);

fn seal_by<P: Primitives>(case: &Case) -> Sealed {
    let recipient = KeyPair::<P>::new(&Secret::new(case.recipient));
    let psk = Psk::new(Secret::new(case.psk), &case.psk_id, &case.info);
    let ephemeral = KeyPair::<P>::derive(&case.ikm);
    let (aad, plaintext) = (&case.aad, &case.plaintext);
    let ciphertext = seal(recipient.public(), &psk, &ephemeral, aad, plaintext).unwrap();
    (*ephemeral.public(), ciphertext)
}

fn open_by<P: Primitives>(case: &Case, (enc, ciphertext): &Sealed) -> Option<Vec<u8>> {
    let recipient = KeyPair::<P>::new(&Secret::new(case.recipient));
    let psk = Psk::new(Secret::new(case.psk), &case.psk_id, &case.info);
    open(&recipient, &psk, enc, &case.aad, ciphertext).map(|plaintext| plaintext.to_vec())
}

fn seal_by_hpke(case: &Case) -> Sealed {
    let private = <X25519HkdfSha256 as hpke::Kem>::PrivateKey::from_bytes(&case.recipient).unwrap();
    let (enc, ciphertext) = single_shot_seal_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Psk(PskBundle::new(&case.psk, &case.psk_id).unwrap()),
        &<X25519HkdfSha256 as hpke::Kem>::sk_to_pk(&private),
        &case.info,
        &case.plaintext,
        &case.aad,
        &mut OneDraw(case.ikm),
    )
    .unwrap();
    (enc.to_bytes().into(), ciphertext)
}

fn open_by_hpke(case: &Case, (enc, ciphertext): &Sealed) -> Option<Vec<u8>> {
    single_shot_open::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Psk(PskBundle::new(&case.psk, &case.psk_id).unwrap()),
        &<X25519HkdfSha256 as hpke::Kem>::PrivateKey::from_bytes(&case.recipient).unwrap(),
        &<X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(enc).unwrap(),
        &case.info,
        ciphertext,
        &case.aad,
    )
    .ok()
}

/// Hands `hpke` the keying material where it asks for randomness: for X25519 it draws 32 bytes
/// once and derives the ephemeral key from them (RFC 9180, 7.1.3).
struct OneDraw([u8; KEY_LEN]);

impl TryRng for OneDraw {
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

impl TryCryptoRng for OneDraw {}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn all_three_seal_alike_and_open_what_the_others_sealed(case in case()) {
        let sealed = seal_by_hpke(&case);
        let expected = Some(case.plaintext.clone());
        prop_assert_eq!(&seal_by::<Native>(&case), &sealed);
        prop_assert_eq!(&seal_by::<Pure>(&case), &sealed);
        prop_assert_eq!(open_by_hpke(&case, &sealed), expected.clone());
        prop_assert_eq!(open_by::<Native>(&case, &sealed), expected.clone());
        prop_assert_eq!(open_by::<Pure>(&case, &sealed), expected.clone());
    }

    #[test]
    fn all_three_refuse_what_was_changed(
        case in case(),
        bit in 0_u8..8,
        place in any::<prop::sample::Index>(),
        what in 0..6,
    ) {
        let mut sealed = seal_by::<Native>(&case);
        let mut case = case;
        if what == 4 && case.aad.is_empty() {
            case.aad.push(0);
        } else if what == 5 {
            case.info.push(0);
        } else {
            let target: &mut [u8] = match what {
                0 => &mut sealed.0,
                1 => &mut sealed.1,
                2 => &mut case.psk,
                3 => &mut case.psk_id,
                _ => &mut case.aad,
            };
            let at = place.index(target.len());
            target[at] ^= 1 << bit;
        }
        prop_assert_eq!(open_by_hpke(&case, &sealed), None);
        prop_assert_eq!(open_by::<Native>(&case, &sealed), None);
        prop_assert_eq!(open_by::<Pure>(&case, &sealed), None);
    }
}

#[test]
fn lengths_that_no_message_has_are_refused() {
    let psk = Psk::new(Secret::new([1; KEY_LEN]), b"id", b"info");
    for length in 0..=TAG_LEN {
        let ciphertext = vec![0; length];
        let native = KeyPair::<Native>::new(&Secret::new([2; KEY_LEN]));
        assert!(open(&native, &psk, &[9; KEY_LEN], b"", &ciphertext).is_none());
        let pure = KeyPair::<Pure>::new(&Secret::new([2; KEY_LEN]));
        assert!(open(&pure, &psk, &[9; KEY_LEN], b"", &ciphertext).is_none());
    }
}
