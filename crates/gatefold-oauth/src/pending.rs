//! A sign-in that has begun and not come back yet.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_domain::{Did, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    DpopKey, KeyId, Scopes, Secret,
    encoding::{self, EncodingError},
};

/// The version of the encoding.
const VERSION: u32 = 1;

/// What names a sign-in to the authorization server and comes back from it: 256 random bits. Stores
/// see its hash alone. It has no `Debug`.
#[derive(Clone)]
pub struct StateToken(Secret);

/// All that is kept of a sign-in until it comes back. It has no `Debug`, and its secrets are
/// overwritten when dropped.
#[derive(Clone)]
pub struct Pending {
    /// The authorization server that was asked, as it names itself.
    pub issuer: String,
    /// Where the code is exchanged.
    pub token_endpoint: String,
    /// Where tokens are given back.
    pub revocation_endpoint: Option<String>,
    /// The client that asked.
    pub client_id: String,
    /// Where the answer is to come.
    pub redirect: String,
    /// The client key that it began with.
    pub client_key: Option<KeyId>,
    /// Who has to come back; anybody of this server when only the server was named.
    pub expected: Option<Did>,
    /// What was asked for.
    pub scopes: Scopes,
    /// The verifier of PKCE.
    pub verifier: Secret,
    /// The key that the tokens will be bound to.
    pub dpop_key: DpopKey,
    /// Until when it may come back.
    pub expires: Timestamp,
    /// What the application keeps with it; nothing here reads it.
    pub app_state: Vec<u8>,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u32,
    issuer: &'a str,
    token_endpoint: &'a str,
    revocation_endpoint: Option<&'a str>,
    client_id: &'a str,
    redirect: &'a str,
    client_key: Option<&'a str>,
    expected: Option<&'a str>,
    scopes: String,
    verifier: &'a str,
    dpop_key: &'a str,
    expires: i64,
    app_state: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    version: u32,
    issuer: String,
    token_endpoint: String,
    revocation_endpoint: Option<String>,
    client_id: String,
    redirect: String,
    client_key: Option<String>,
    expected: Option<String>,
    scopes: String,
    verifier: Secret,
    dpop_key: Secret,
    expires: i64,
    app_state: String,
}

impl Pending {
    /// The sign-in as bytes, for a store that encrypts them.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        encoding::write(&Written {
            version: VERSION,
            issuer: &self.issuer,
            token_endpoint: &self.token_endpoint,
            revocation_endpoint: self.revocation_endpoint.as_deref(),
            client_id: &self.client_id,
            redirect: &self.redirect,
            client_key: self.client_key.as_ref().map(KeyId::as_str),
            expected: self.expected.as_ref().map(Did::as_str),
            scopes: self.scopes.to_string(),
            verifier: self.verifier.expose(),
            dpop_key: &encoding::key_text(&self.dpop_key),
            expires: self.expires.as_millis(),
            app_state: Base64UrlUnpadded::encode_string(&self.app_state),
        })
    }

    /// The sign-in that these bytes were made of.
    ///
    /// # Errors
    /// When they are of another version or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EncodingError> {
        let read: Read = serde_json::from_slice(bytes).map_err(|_| EncodingError)?;
        if read.version != VERSION {
            return Err(EncodingError);
        }
        let expected = read.expected.map(|did| did.parse()).transpose();
        Ok(Self {
            issuer: read.issuer,
            token_endpoint: read.token_endpoint,
            revocation_endpoint: read.revocation_endpoint,
            client_id: read.client_id,
            redirect: read.redirect,
            client_key: read.client_key.map(KeyId::from),
            expected: expected.map_err(|_| EncodingError)?,
            scopes: read.scopes.parse().map_err(|_| EncodingError)?,
            verifier: read.verifier,
            dpop_key: encoding::key(read.dpop_key.expose())?,
            expires: Timestamp::from_millis(read.expires),
            app_state: Base64UrlUnpadded::decode_vec(&read.app_state).map_err(|_| EncodingError)?,
        })
    }
}

impl StateToken {
    pub(crate) fn new(text: String) -> Self {
        Self(Secret::new(text))
    }

    /// The state as it is sent.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What a store names the sign-in by.
    #[must_use]
    pub fn hash(&self) -> StateHash {
        StateHash::of(self.expose())
    }
}

/// The SHA-256 of a state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateHash([u8; 32]);

impl StateHash {
    /// The hash of a state, as it came back.
    #[must_use]
    pub fn of(state: &str) -> Self {
        Self(Sha256::digest(state.as_bytes()).into())
    }

    /// The hash as bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for StateHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("StateHash")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::testing;

    #[test]
    fn a_sign_in_reads_back_as_it_was_written() {
        let mut pending = testing::pending();
        for expected in [None, Some(testing::did())] {
            pending.expected.clone_from(&expected);
            let bytes = pending.to_bytes();
            let again = Pending::from_bytes(&bytes).unwrap();
            assert_eq!(*again.to_bytes(), *bytes);
            assert_eq!(again.expected, expected);
            assert_eq!(again.app_state, pending.app_state);
            assert_eq!(again.verifier.expose(), pending.verifier.expose());
        }
    }

    #[test]
    fn what_is_no_sign_in_is_refused() {
        let bytes = testing::pending().to_bytes();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        for (field, bad) in [
            ("version", Value::from(2)),
            ("expected", "alice".into()),
            ("scopes", "two  spaces".into()),
            ("dpop_key", "short".into()),
            ("app_state", "===".into()),
            ("unknown", 1.into()),
        ] {
            let mut changed = value.clone();
            changed[field] = bad;
            let changed = changed.to_string();
            assert!(Pending::from_bytes(changed.as_bytes()).is_err(), "{field}");
        }
        assert!(Pending::from_bytes(b"").is_err());
    }
}
