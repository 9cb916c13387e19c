//! The keys by which a confidential client proves who it is (`private_key_jwt`, RFC 7523 with the
//! atproto profile), and their file.
//!
//! A grant is good only together with the key that it began with, so keys live in a row: a new one
//! is published ([`ClientKeys::rotate`]) and waits until every server's copy of the old list is
//! out of date before it signs for new grants; an old one goes on signing for its grants until it is
//! retired ([`ClientKeys::retire`]), which ends them.

use std::{fmt, time::Duration};

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_domain::Timestamp;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    dpop::seconds,
    encoding,
    jose::{ALGORITHM, SCALAR_LEN, SigningKey},
};

/// How long a key is published before it signs: servers keep a list of keys for ten minutes.
pub const PUBLISHED_AHEAD: Duration = Duration::from_mins(15);

/// How long an assertion is good.
const ASSERTION_LIFETIME: i64 = 60;
/// The version of the file.
const VERSION: u64 = 1;
/// The most keys that a file has.
const MAX_KEYS: usize = 64;

/// Names a client key: its thumbprint (RFC 7638).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Box<str>);

impl KeyId {
    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for KeyId {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The client's keys; none makes it a public client. They have no `Debug` and are overwritten when
/// dropped.
#[derive(Clone, Default)]
pub struct ClientKeys(Vec<ClientKey>);

/// One key of the client.
#[derive(Clone)]
pub struct ClientKey {
    key: SigningKey,
    id: KeyId,
    created: Timestamp,
    signs_from: Timestamp,
}

/// Why a file of client keys cannot be used. No variant repeats a part of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not JSON, or not of this shape.
    #[error("line {line}, column {column}: not a file of client keys")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A format that is not known here.
    #[error("the file is of version {0}; only version {VERSION} is known")]
    Version(u64),
    /// A key is not 32 bytes in base64url without padding, or cannot be used.
    #[error("key {0} is not a private key of P-256: 43 characters of base64url are expected")]
    Key(usize),
    /// The same key stands in it twice.
    #[error("the key {0} stands in it twice")]
    Twice(KeyId),
    /// There is no key, or there are more than anybody has.
    #[error("it holds {0} keys; 1 to {MAX_KEYS} are expected")]
    Count(usize),
}

/// Why a key was not retired, or none was added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// There is no such key.
    #[error("there is no client key {0}")]
    Unknown(KeyId),
    /// New grants are signed with it.
    #[error("{0} signs for new sign-ins: rotate first, and wait until the new key has taken over")]
    InUse(KeyId),
    /// There are as many as there may be.
    #[error("there are {MAX_KEYS} keys already: retire one first")]
    Full,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u64,
    keys: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    private_key: KeyText,
    created_unix: i64,
    signs_from_unix: i64,
}

/// A key as text, overwritten when dropped.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
struct KeyText(String);

impl ClientKey {
    /// Its identifier, `kid`.
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// When it was made.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// From when on it signs for new grants, as long as none is newer.
    #[must_use]
    pub fn signs_from(&self) -> Timestamp {
        self.signs_from
    }

    fn new(key: SigningKey, created: Timestamp, signs_from: Timestamp) -> Self {
        let id = key.coordinates().thumbprint().into();
        Self {
            key,
            id,
            created,
            signs_from,
        }
    }

    /// A client assertion (RFC 7523, section 3): `audience` is the issuer of the authorization
    /// server, `id` tells this one from all others.
    pub(crate) fn assertion(
        &self,
        client_id: &str,
        audience: &str,
        id: &str,
        now: Timestamp,
    ) -> Zeroizing<String> {
        let now = seconds(now);
        self.key.sign(
            json!({"kid": self.id.as_str()}),
            &json!({
                "iss": client_id,
                "sub": client_id,
                "aud": audience,
                "jti": id,
                "iat": now,
                "exp": now.saturating_add(ASSERTION_LIFETIME),
            }),
        )
    }
}

impl ClientKeys {
    /// A first key, which signs at once.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R, now: Timestamp) -> Self {
        Self(vec![ClientKey::new(SigningKey::generate(rng), now, now)])
    }

    /// Reads the file.
    ///
    /// # Errors
    /// When anything in it cannot be used; nothing is skipped.
    pub fn parse(json: &[u8]) -> Result<Self, KeyFileError> {
        let file: File = serde_json::from_slice(json).map_err(|error| KeyFileError::Shape {
            line: error.line(),
            column: error.column(),
        })?;
        if file.version != VERSION {
            return Err(KeyFileError::Version(file.version));
        }
        if !(1..=MAX_KEYS).contains(&file.keys.len()) {
            return Err(KeyFileError::Count(file.keys.len()));
        }
        let mut keys: Vec<ClientKey> = Vec::with_capacity(file.keys.len());
        for (place, entry) in (1..).zip(&file.keys) {
            let key = read_key(&entry.private_key.0).ok_or(KeyFileError::Key(place))?;
            let [created, signs_from] = [entry.created_unix, entry.signs_from_unix]
                .map(|at| Timestamp::from_millis(at.saturating_mul(1000)));
            let key = ClientKey::new(key, created, signs_from);
            if keys.iter().any(|other| other.id == key.id) {
                return Err(KeyFileError::Twice(key.id));
            }
            keys.push(key);
        }
        Ok(Self(keys))
    }

    /// Writes the file.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let keys = self.0.iter().map(|key| Entry {
            private_key: KeyText(Base64UrlUnpadded::encode_string(key.key.expose().as_ref())),
            created_unix: seconds(key.created),
            signs_from_unix: seconds(key.signs_from),
        });
        encoding::write(&File {
            version: VERSION,
            keys: keys.collect(),
        })
    }

    /// Adds a key, which is published at once and signs for new grants after [`PUBLISHED_AHEAD`].
    ///
    /// # Errors
    /// [`RotationError::Full`].
    pub fn rotate<R: CryptoRng + ?Sized>(
        &mut self,
        rng: &mut R,
        now: Timestamp,
    ) -> Result<KeyId, RotationError> {
        if self.0.len() >= MAX_KEYS {
            return Err(RotationError::Full);
        }
        let signs_from = if self.0.is_empty() {
            now
        } else {
            now.after(PUBLISHED_AHEAD)
        };
        let key = ClientKey::new(SigningKey::generate(rng), now, signs_from);
        let id = key.id.clone();
        self.0.push(key);
        Ok(id)
    }

    /// Removes a key. The grants that began with it cannot be refreshed any more.
    ///
    /// # Errors
    /// When there is no such key, or it is the one that signs for new grants.
    pub fn retire(&mut self, id: &KeyId, now: Timestamp) -> Result<(), RotationError> {
        if self.get(id).is_none() {
            return Err(RotationError::Unknown(id.clone()));
        }
        if self.primary(now).is_some_and(|primary| primary.id == *id) {
            return Err(RotationError::InUse(id.clone()));
        }
        self.0.retain(|key| key.id != *id);
        Ok(())
    }

    /// The key that signs for new grants: the newest that has been published long enough.
    #[must_use]
    pub fn primary(&self, now: Timestamp) -> Option<&ClientKey> {
        let ready = self.0.iter().filter(|key| key.signs_from <= now);
        // Of clocks that went back nobody is left without a key.
        ready
            .max_by_key(|key| key.signs_from)
            .or_else(|| self.0.iter().min_by_key(|key| key.signs_from))
    }

    /// The key with an identifier.
    #[must_use]
    pub fn get(&self, id: &KeyId) -> Option<&ClientKey> {
        self.0.iter().find(|key| key.id == *id)
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &ClientKey> {
        self.0.iter()
    }

    /// Whether there is none, so that the client is public.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The public keys as a JWK set (RFC 7517, section 5).
    #[must_use]
    pub fn jwks(&self) -> Value {
        let keys = self.0.iter().map(|key| {
            let mut jwk = key.key.coordinates().jwk();
            if let Some(members) = jwk.as_object_mut() {
                members.insert("kid".to_owned(), key.id.as_str().into());
                members.insert("use".to_owned(), "sig".into());
                members.insert("alg".to_owned(), ALGORITHM.into());
            }
            jwk
        });
        json!({"keys": keys.collect::<Vec<_>>()})
    }
}

fn read_key(text: &str) -> Option<SigningKey> {
    let mut bytes = Zeroizing::new([0; SCALAR_LEN]);
    let decoded = Base64UrlUnpadded::decode(text, bytes.as_mut()).ok()?;
    if decoded.len() != SCALAR_LEN {
        return None;
    }
    SigningKey::from_bytes(&bytes).ok()
}

#[cfg(test)]
mod tests;
