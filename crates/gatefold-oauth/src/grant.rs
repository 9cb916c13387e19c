//! What an authorization server gave for an account.

use std::{fmt, str::FromStr};

use gatefold_domain::{Did, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    DpopKey, KeyId, Scopes, Secret,
    encoding::{self, EncodingError},
};

/// The version of the encoding.
const VERSION: u32 = 1;

/// Names a grant: 16 random bytes. It is no secret, and nothing is opened by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantId([u8; 16]);

/// Text that names no grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a grant: 32 hexadecimal digits in lower case are expected")]
pub struct InvalidGrantId;

/// What one sign-in yielded. It has no `Debug`, and its secrets are overwritten when dropped.
///
/// It is good only in the hands of the client that began it, with the DPoP key that it began with
/// and, when it began with a client key, with that one: all three are part of it.
#[derive(Clone)]
pub struct Grant {
    /// Whose it is.
    pub did: Did,
    /// The authorization server that gave it, as it names itself.
    pub issuer: String,
    /// The account's server, which is asked with it: a URL without a path.
    pub pds: String,
    /// Where it is refreshed.
    pub token_endpoint: String,
    /// Where it is given back.
    pub revocation_endpoint: Option<String>,
    /// The client that it was given to.
    pub client_id: String,
    /// The client key that it is pinned to; none for a public client.
    pub client_key: Option<KeyId>,
    /// What it allows.
    pub scopes: Scopes,
    /// What requests show.
    pub access_token: Secret,
    /// What it is refreshed with, once.
    pub refresh_token: Secret,
    /// The key that both tokens are bound to.
    pub dpop_key: DpopKey,
    /// When the access token ends.
    pub expires: Timestamp,
    /// When it was given.
    pub created: Timestamp,
    /// When it was last refreshed, or given.
    pub refreshed: Timestamp,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    did: &'a str,
    issuer: &'a str,
    pds: &'a str,
    token_endpoint: &'a str,
    revocation_endpoint: Option<&'a str>,
    client_id: &'a str,
    client_key: Option<&'a str>,
    scopes: String,
    access_token: &'a str,
    refresh_token: &'a str,
    dpop_key: &'a str,
    expires: i64,
    created: i64,
    refreshed: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    version: u32,
    did: String,
    issuer: String,
    pds: String,
    token_endpoint: String,
    revocation_endpoint: Option<String>,
    client_id: String,
    client_key: Option<String>,
    scopes: String,
    access_token: Secret,
    refresh_token: Secret,
    dpop_key: Secret,
    expires: i64,
    created: i64,
    refreshed: i64,
}

impl Grant {
    /// The grant as bytes, for a store that encrypts them.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        encoding::write(&Written {
            version: VERSION,
            did: self.did.as_str(),
            issuer: &self.issuer,
            pds: &self.pds,
            token_endpoint: &self.token_endpoint,
            revocation_endpoint: self.revocation_endpoint.as_deref(),
            client_id: &self.client_id,
            client_key: self.client_key.as_ref().map(KeyId::as_str),
            scopes: self.scopes.to_string(),
            access_token: self.access_token.expose(),
            refresh_token: self.refresh_token.expose(),
            dpop_key: &encoding::key_text(&self.dpop_key),
            expires: self.expires.as_millis(),
            created: self.created.as_millis(),
            refreshed: self.refreshed.as_millis(),
        })
    }

    /// The grant that these bytes were made of.
    ///
    /// # Errors
    /// When they are of another version or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EncodingError> {
        let read: Read = serde_json::from_slice(bytes).map_err(|_| EncodingError)?;
        if read.version != VERSION {
            return Err(EncodingError);
        }
        Ok(Self {
            did: read.did.parse().map_err(|_| EncodingError)?,
            issuer: read.issuer,
            pds: read.pds,
            token_endpoint: read.token_endpoint,
            revocation_endpoint: read.revocation_endpoint,
            client_id: read.client_id,
            client_key: read.client_key.map(KeyId::from),
            scopes: read.scopes.parse().map_err(|_| EncodingError)?,
            access_token: read.access_token,
            refresh_token: read.refresh_token,
            dpop_key: encoding::key(read.dpop_key.expose())?,
            expires: Timestamp::from_millis(read.expires),
            created: Timestamp::from_millis(read.created),
            refreshed: Timestamp::from_millis(read.refreshed),
        })
    }
}

impl GrantId {
    /// The grant of this name.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The name as bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for GrantId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "GrantId({self})")
    }
}

impl FromStr for GrantId {
    type Err = InvalidGrantId;

    fn from_str(text: &str) -> Result<Self, InvalidGrantId> {
        let lower = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.bytes().all(lower) {
            return Err(InvalidGrantId);
        }
        let number = u128::from_str_radix(text, 16).map_err(|_| InvalidGrantId)?;
        Ok(Self(number.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::testing;

    #[test]
    fn a_grant_reads_back_as_it_was_written() {
        let mut grant = testing::grant();
        for client_key in [None, Some(KeyId::from("kid".to_owned()))] {
            for revocation_endpoint in [None, Some("https://as.example/revoke".to_owned())] {
                grant.client_key.clone_from(&client_key);
                grant.revocation_endpoint.clone_from(&revocation_endpoint);
                let bytes = grant.to_bytes();
                let again = Grant::from_bytes(&bytes).unwrap();
                assert_eq!(*again.to_bytes(), *bytes);
                assert_eq!(again.client_key, client_key);
                assert_eq!(again.access_token.expose(), grant.access_token.expose());
                assert_eq!(*again.dpop_key.expose(), *grant.dpop_key.expose());
            }
        }
    }

    #[test]
    fn what_is_no_grant_is_refused() {
        let bytes = testing::grant().to_bytes();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        let read = |value: &Value| Grant::from_bytes(value.to_string().as_bytes()).is_ok();
        assert!(read(&value));
        for (field, bad) in [
            ("version", Value::from(2)),
            ("did", "did:key:z6M".into()),
            ("scopes", "two  spaces".into()),
            ("dpop_key", "short".into()),
            ("access_token", Value::Null),
            ("unknown", 1.into()),
        ] {
            let mut changed = value.clone();
            changed[field] = bad;
            assert!(!read(&changed), "{field}");
        }
        assert!(Grant::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn a_grant_is_named_by_32_digits() {
        let id = GrantId::from_bytes([0xab; 16]);
        assert_eq!(id.to_string(), "ab".repeat(16));
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in [
            "",
            "ab",
            &"AB".repeat(16),
            &"ab".repeat(17),
            &"+a".repeat(16),
        ] {
            assert_eq!(bad.parse::<GrantId>(), Err(InvalidGrantId), "{bad}");
        }
    }
}
