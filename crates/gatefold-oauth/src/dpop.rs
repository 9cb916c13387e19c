//! Proof that who shows a token holds its key: DPoP, RFC 9449.

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_domain::Timestamp;
use rand_core::CryptoRng;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::jose::{InvalidKey, SCALAR_LEN, SigningKey};

/// The key of one grant, to which its tokens are bound. It has no `Debug` and is overwritten when
/// dropped.
#[derive(Clone)]
pub struct DpopKey(SigningKey);

/// What a proof is for.
pub(crate) struct Proof<'a> {
    /// The method of the request.
    pub(crate) method: &'a str,
    /// Its URL, with whatever follows the path.
    pub(crate) url: &'a str,
    /// The nonce that the server gave last.
    pub(crate) nonce: Option<&'a str>,
    /// The access token that the request shows, for a resource server.
    pub(crate) access_token: Option<&'a str>,
    /// Tells this proof from all others.
    pub(crate) id: &'a str,
    /// The present moment.
    pub(crate) now: Timestamp,
}

/// RFC 9449, section 4.2.
#[derive(Serialize)]
struct Claims<'a> {
    jti: &'a str,
    htm: &'a str,
    htu: &'a str,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

impl DpopKey {
    /// Makes a new key.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        Self(SigningKey::generate(rng))
    }

    /// A key from its private scalar, big-endian.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_bytes(scalar: &[u8; SCALAR_LEN]) -> Result<Self, InvalidKey> {
        SigningKey::from_bytes(scalar).map(Self)
    }

    /// The private scalar, big-endian.
    #[must_use]
    pub fn expose(&self) -> Zeroizing<[u8; SCALAR_LEN]> {
        self.0.expose()
    }

    /// The key's thumbprint, as servers name it (`jkt`).
    #[must_use]
    pub fn thumbprint(&self) -> String {
        self.0.coordinates().thumbprint()
    }

    /// The value of a `DPoP` header.
    pub(crate) fn prove(&self, proof: &Proof<'_>) -> Zeroizing<String> {
        let header = json!({"typ": "dpop+jwt", "jwk": self.0.coordinates().jwk()});
        // Without query and fragment (section 4.2).
        let htu = proof.url.split(['?', '#']).next().unwrap_or_default();
        self.0.sign(
            header,
            &Claims {
                jti: proof.id,
                htm: proof.method,
                htu,
                iat: seconds(proof.now),
                ath: proof
                    .access_token
                    .map(|token| Base64UrlUnpadded::encode_string(&Sha256::digest(token))),
                nonce: proof.nonce,
            },
        )
    }
}

/// Whole seconds since 1970, as JWTs count (RFC 7519, section 2).
pub(crate) fn seconds(moment: Timestamp) -> i64 {
    moment.as_millis().div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::jose::tests::opened;

    fn claims(proof: &Proof<'_>) -> (Value, Value) {
        let key = DpopKey::from_bytes(&[7; 32]).unwrap();
        opened(&key.prove(proof), &key.0.coordinates())
    }

    const PROOF: Proof<'_> = Proof {
        method: "POST",
        url: "https://pds.example/xrpc/com.atproto.repo.createRecord",
        nonce: None,
        access_token: None,
        id: "one",
        now: Timestamp::from_millis(1_700_000_000_999),
    };

    #[test]
    fn a_proof_names_the_request_and_carries_the_public_key() {
        let (header, body) = claims(&PROOF);
        assert_eq!(header["typ"], "dpop+jwt");
        assert_eq!(header["alg"], "ES256");
        assert_eq!(header["jwk"]["kty"], "EC");
        assert!(header["jwk"].get("d").is_none());
        assert_eq!(
            body,
            json!({
                "jti": "one",
                "htm": "POST",
                "htu": "https://pds.example/xrpc/com.atproto.repo.createRecord",
                "iat": 1_700_000_000,
            })
        );
    }

    #[test]
    fn the_url_of_a_proof_has_neither_query_nor_fragment() {
        for url in [
            "https://pds.example/xrpc/a.b.c",
            "https://pds.example/xrpc/a.b.c?d=e",
            "https://pds.example/xrpc/a.b.c?d=e?f#g",
            "https://pds.example/xrpc/a.b.c#g?d",
        ] {
            let (_, body) = claims(&Proof { url, ..PROOF });
            assert_eq!(body["htu"], "https://pds.example/xrpc/a.b.c", "{url}");
        }
    }

    #[test]
    fn token_and_nonce_are_bound_to_the_proof() {
        // RFC 9449, section 7.1: the token and its hash.
        let (_, body) = claims(&Proof {
            access_token: Some("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"),
            nonce: Some("eyJ7S_zG.eyJH0-Z.HX4w-7v"),
            ..PROOF
        });
        assert_eq!(body["ath"], "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
        assert_eq!(body["nonce"], "eyJ7S_zG.eyJH0-Z.HX4w-7v");
    }
}
