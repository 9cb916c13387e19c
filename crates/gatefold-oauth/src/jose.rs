//! The few words of JOSE that are spoken here: P-256 keys as JWK (RFC 7517), their thumbprints (RFC
//! 7638), and compact signatures with ES256 (RFC 7515, RFC 7518 3.4).
//!
//! Signatures are deterministic (RFC 6979): no randomness can go wrong.

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::{self, Signature, signature::Signer};
use rand_core::CryptoRng;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The length of a private key and of a coordinate, in bytes.
pub const SCALAR_LEN: usize = 32;

/// The one algorithm of signatures, as headers and metadata name it.
pub(crate) const ALGORITHM: &str = "ES256";

/// The bytes are no private key: zero, or not below the order of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not a private key of P-256")]
pub struct InvalidKey;

/// A private key on P-256. It has no `Debug` and is overwritten when dropped.
#[derive(Clone)]
pub(crate) struct SigningKey(ecdsa::SigningKey);

/// The coordinates of a public key, in base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Coordinates {
    pub(crate) x: String,
    pub(crate) y: String,
}

impl SigningKey {
    /// Makes a new key.
    pub(crate) fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut scalar = Zeroizing::new([0; SCALAR_LEN]);
        loop {
            rng.fill_bytes(scalar.as_mut());
            // One draw in 2^32 is not below the order.
            if let Ok(key) = Self::from_bytes(&scalar) {
                return key;
            }
        }
    }

    /// A key from its private scalar, big-endian.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn from_bytes(scalar: &[u8; SCALAR_LEN]) -> Result<Self, InvalidKey> {
        ecdsa::SigningKey::from_slice(scalar)
            .map(Self)
            .map_err(|_| InvalidKey)
    }

    /// The private scalar, big-endian.
    pub(crate) fn expose(&self) -> Zeroizing<[u8; SCALAR_LEN]> {
        Zeroizing::new(self.0.to_bytes().into())
    }

    /// The public key.
    pub(crate) fn coordinates(&self) -> Coordinates {
        let point = self.0.verifying_key().to_sec1_point(false);
        Coordinates {
            x: Base64UrlUnpadded::encode_string(point.x().map_or(&[], |x| x)),
            y: Base64UrlUnpadded::encode_string(point.y().map_or(&[], |y| y)),
        }
    }

    /// A compact JWS over `claims`; `header` is given without `alg`.
    pub(crate) fn sign(&self, mut header: Value, claims: &impl Serialize) -> Zeroizing<String> {
        if let Some(header) = header.as_object_mut() {
            header.insert("alg".to_owned(), ALGORITHM.into());
        }
        // Values of ours, without maps that have other keys than text: they are always written.
        let claims = Zeroizing::new(serde_json::to_vec(claims).unwrap_or_default());
        self.sign_bytes(header.to_string().as_bytes(), &claims)
    }

    fn sign_bytes(&self, header: &[u8], payload: &[u8]) -> Zeroizing<String> {
        let mut text = Base64UrlUnpadded::encode_string(header);
        text.push('.');
        text.push_str(&Base64UrlUnpadded::encode_string(payload));
        let signature: Signature = self.0.sign(text.as_bytes());
        text.push('.');
        text.push_str(&Base64UrlUnpadded::encode_string(&signature.to_bytes()));
        Zeroizing::new(text)
    }
}

impl Coordinates {
    /// The public key as JWK, without the members that are optional.
    pub(crate) fn jwk(&self) -> Value {
        json!({"kty": "EC", "crv": "P-256", "x": self.x, "y": self.y})
    }

    /// The key's thumbprint, in base64url (RFC 7638, section 3).
    pub(crate) fn thumbprint(&self) -> String {
        let Self { x, y } = self;
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        Base64UrlUnpadded::encode_string(&Sha256::digest(canonical.as_bytes()))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use p256::ecdsa::{VerifyingKey, signature::Verifier};

    use super::*;

    pub(crate) fn scalar(text: &str) -> [u8; SCALAR_LEN] {
        let bytes = Base64UrlUnpadded::decode_vec(text).unwrap();
        bytes.try_into().unwrap()
    }

    /// Checks a compact JWS and gives its header and claims.
    pub(crate) fn opened(jws: &str, key: &Coordinates) -> (Value, Value) {
        let (signed, signature) = jws.rsplit_once('.').unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let decoded = |text: &str| Base64UrlUnpadded::decode_vec(text).unwrap();
        let point = [vec![4], decoded(&key.x), decoded(&key.y)].concat();
        let signature = Signature::from_slice(&decoded(signature)).unwrap();
        VerifyingKey::from_sec1_bytes(&point)
            .unwrap()
            .verify(signed.as_bytes(), &signature)
            .unwrap();
        (
            serde_json::from_slice(&decoded(header)).unwrap(),
            serde_json::from_slice(&decoded(claims)).unwrap(),
        )
    }

    /// The key of RFC 7515, appendix A.3.
    fn key() -> SigningKey {
        SigningKey::from_bytes(&scalar("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")).unwrap()
    }

    #[test]
    fn a_public_key_is_that_of_the_specification() {
        assert_eq!(
            key().coordinates(),
            Coordinates {
                x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU".to_owned(),
                y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0".to_owned(),
            }
        );
        assert_eq!(
            *key().expose(),
            scalar("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")
        );
    }

    #[test]
    fn the_signature_of_the_specification_is_right() {
        // RFC 7515, appendix A.3: made with another random number, so it is only checked.
        let jws = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6\
                   Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmX\
                   FCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let (header, claims) = opened(jws, &key().coordinates());
        assert_eq!(header, json!({"alg": "ES256"}));
        assert_eq!(claims["iss"], "joe");
        // And what we sign of the same text is accepted, with the same bytes before the signature.
        let (signed, _) = jws.rsplit_once('.').unwrap();
        let payload = Base64UrlUnpadded::decode_vec(signed.split_once('.').unwrap().1).unwrap();
        let ours = key().sign_bytes(br#"{"alg":"ES256"}"#, &payload);
        assert_eq!(ours.rsplit_once('.').unwrap().0, signed);
        opened(&ours, &key().coordinates());
    }

    #[test]
    fn signatures_are_deterministic_as_specified() {
        // RFC 6979, appendix A.2.5: P-256 with SHA-256 over "sample".
        let digit = |byte: u8| char::from(byte).to_digit(16).unwrap();
        let hex = |text: &str| -> Vec<u8> {
            let pairs = text.as_bytes().chunks(2);
            pairs
                .map(|pair| u8::try_from((digit(pair[0]) << 4) | digit(pair[1])).unwrap())
                .collect()
        };
        let scalar = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        let key = SigningKey::from_bytes(&scalar.try_into().unwrap()).unwrap();
        let signature: Signature = key.0.sign(b"sample");
        assert_eq!(
            signature.to_bytes().to_vec(),
            hex(
                "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716\
                 F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
            )
        );
    }

    #[test]
    fn the_thumbprint_is_over_the_canonical_members() {
        // RFC 9449, section 4.3 and figure 10: the key of its proofs and their `jkt`.
        let key = Coordinates {
            x: "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs".to_owned(),
            y: "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA".to_owned(),
        };
        assert_eq!(
            key.thumbprint(),
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
        );
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let order = "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE";
        assert!(SigningKey::from_bytes(&[0; 32]).is_err());
        assert!(SigningKey::from_bytes(&scalar(order)).is_err());
        assert!(SigningKey::from_bytes(&[0xff; 32]).is_err());
        assert!(SigningKey::from_bytes(&[1; 32]).is_ok());
    }
}
