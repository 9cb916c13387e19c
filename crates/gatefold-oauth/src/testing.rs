//! What the tests of this crate share.

use std::convert::Infallible;

use gatefold_domain::{Did, Timestamp};
use rand_core::{TryCryptoRng, TryRng};

use crate::{DpopKey, Grant, Pending, Secret};

/// Bytes that are never the same twice, and the same in every run.
#[derive(Default)]
pub(crate) struct Counting(u64);

impl TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|n| u32::try_from(n >> 32).unwrap())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(z ^ (z >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for part in bytes.chunks_mut(8) {
            let drawn = self.try_next_u64()?.to_le_bytes();
            part.copy_from_slice(&drawn[..part.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Counting {}

pub(crate) fn did() -> Did {
    "did:plc:ewvi7nxzyoun6zhxrhs64oiz".parse().unwrap()
}

pub(crate) fn grant() -> Grant {
    Grant {
        did: did(),
        issuer: "https://as.example".to_owned(),
        pds: "https://pds.example".to_owned(),
        token_endpoint: "https://as.example/token".to_owned(),
        revocation_endpoint: None,
        client_id: "https://app.example/oauth-client-metadata.json".to_owned(),
        client_key: None,
        scopes: "atproto".parse().unwrap(),
        access_token: Secret::new("access".to_owned()),
        refresh_token: Secret::new("refresh".to_owned()),
        dpop_key: DpopKey::from_bytes(&[7; 32]).unwrap(),
        expires: Timestamp::from_millis(2_000),
        created: Timestamp::from_millis(1_000),
        refreshed: Timestamp::from_millis(1_000),
    }
}

pub(crate) fn pending() -> Pending {
    Pending {
        issuer: "https://as.example".to_owned(),
        token_endpoint: "https://as.example/token".to_owned(),
        revocation_endpoint: None,
        client_id: "https://app.example/oauth-client-metadata.json".to_owned(),
        redirect: "https://app.example/auth/callback".to_owned(),
        client_key: None,
        expected: None,
        scopes: "atproto".parse().unwrap(),
        verifier: Secret::new("verifier".to_owned()),
        dpop_key: DpopKey::from_bytes(&[7; 32]).unwrap(),
        expires: Timestamp::from_millis(2_000),
        app_state: b"\0 anything".to_vec(),
    }
}
