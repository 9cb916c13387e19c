//! The file with the keys: JSON, like the other key files.

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_domain::Timestamp;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::sealed::ColumnKeyId;

/// The version of the format.
const VERSION: u64 = 1;
/// Bytes of a key.
const KEY_LEN: usize = 32;
/// More keys than anybody needs: each of them would have to be kept.
const MAX_KEYS: usize = 16;
/// The longest file, in bytes.
const MAX_LEN: usize = 16 * 1024;

/// The keys that encrypt columns. The first one encrypts; all of them decrypt.
#[derive(Clone)]
pub struct KeyFile(Vec<ColumnKey>);

/// One key. It has no `Debug`, and is overwritten when dropped.
#[derive(Clone)]
pub struct ColumnKey {
    key: Zeroizing<[u8; KEY_LEN]>,
    created: u64,
}

/// Why a key file cannot be used. No variant repeats a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not JSON, or not of this shape.
    #[error("line {line}, column {column}: this is not a file of column keys")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// Longer than such a file is.
    #[error("the file is longer than a file of column keys can be")]
    TooLong,
    /// A format that is not known here.
    #[error("the file is of version {0}; only version {VERSION} is known")]
    Version(u64),
    /// Not 32 bytes in base64url without padding, or all zero.
    #[error("a key is 43 characters of base64url, not all of them zero")]
    Key,
    /// No key.
    #[error("the file has no key")]
    Empty,
    /// Too many keys.
    #[error("the file has more than {MAX_KEYS} keys: remove those that nothing is encrypted under")]
    TooMany,
    /// Two keys with one id.
    #[error("two keys have the id {0}")]
    Duplicate(ColumnKeyId),
    /// No key has this id.
    #[error("no key has the id {0}")]
    Unknown(ColumnKeyId),
    /// What encrypts cannot be taken away.
    #[error("the key {0} is the one that encrypts: make another one the first before")]
    Primary(ColumnKeyId),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    version: u64,
    keys: Vec<WireKey>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireKey {
    key: KeyText,
    created_unix: u64,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
struct KeyText(String);

/// What is read first, so that a file of a later version is told from a broken one.
#[derive(Deserialize)]
struct Version {
    version: u64,
}

impl ColumnKey {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> ColumnKeyId {
        ColumnKeyId::of(&self.key)
    }

    /// When it was made, in seconds since 1970.
    #[must_use]
    pub fn created_unix(&self) -> u64 {
        self.created
    }

    pub(super) fn expose(&self) -> &[u8; KEY_LEN] {
        &self.key
    }

    fn generate(random: &mut dyn CryptoRng, now: Timestamp) -> Self {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        random.fill_bytes(key.as_mut());
        let created = u64::try_from(now.as_millis()).unwrap_or_default() / 1000;
        Self { key, created }
    }
}

impl KeyFile {
    /// A file with one new key.
    #[must_use]
    pub fn generate(random: &mut dyn CryptoRng, now: Timestamp) -> Self {
        Self(vec![ColumnKey::generate(random, now)])
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When anything in it cannot be used; nothing is passed over.
    pub fn parse(json: &[u8]) -> Result<Self, KeyFileError> {
        if json.len() > MAX_LEN {
            return Err(KeyFileError::TooLong);
        }
        let shape = |error: &serde_json::Error| KeyFileError::Shape {
            line: error.line(),
            column: error.column(),
        };
        let Version { version } = serde_json::from_slice(json).map_err(|error| shape(&error))?;
        if version != VERSION {
            return Err(KeyFileError::Version(version));
        }
        let wire: Wire = serde_json::from_slice(json).map_err(|error| shape(&error))?;
        let keys = wire
            .keys
            .iter()
            .map(|entry| {
                let mut key = Zeroizing::new([0; KEY_LEN]);
                let len =
                    Base64UrlUnpadded::decode(&entry.key.0, key.as_mut()).map_or(0, <[u8]>::len);
                // A key of zeros is a file that somebody filled in, and no key.
                if len != KEY_LEN || key.iter().all(|byte| *byte == 0) {
                    return Err(KeyFileError::Key);
                }
                Ok(ColumnKey {
                    key,
                    created: entry.created_unix,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        Self(keys).checked()
    }

    /// Writes the file.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        let wire = Wire {
            version: VERSION,
            keys: self
                .0
                .iter()
                .map(|key| WireKey {
                    key: KeyText(Base64UrlUnpadded::encode_string(key.key.as_ref())),
                    created_unix: key.created,
                })
                .collect(),
        };
        // Room for all of it at once: a buffer that grew would leave copies behind.
        let mut json = Zeroizing::new(Vec::with_capacity(MAX_LEN));
        // Writing into memory does not fail; an empty file would be refused by whoever reads it.
        if serde_json::to_writer_pretty(&mut *json, &wire).is_err() {
            json.clear();
        }
        json.push(b'\n');
        json
    }

    /// The keys, the one that encrypts first.
    #[must_use]
    pub fn keys(&self) -> &[ColumnKey] {
        &self.0
    }

    /// Adds a new key at the end: it decrypts, and does not encrypt before [`Self::make_primary`].
    /// So every server knows it before the first value is under it.
    ///
    /// # Errors
    /// When there are too many keys already.
    pub fn add(
        &self,
        random: &mut dyn CryptoRng,
        now: Timestamp,
    ) -> Result<(Self, ColumnKeyId), KeyFileError> {
        let key = ColumnKey::generate(random, now);
        let id = key.id();
        let mut keys = self.0.clone();
        keys.push(key);
        Ok((Self(keys).checked()?, id))
    }

    /// Lets a key encrypt from now on.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn make_primary(&self, id: ColumnKeyId) -> Result<Self, KeyFileError> {
        let (first, rest): (Vec<_>, Vec<_>) =
            self.0.iter().cloned().partition(|key| key.id() == id);
        if first.is_empty() {
            return Err(KeyFileError::Unknown(id));
        }
        Ok(Self([first, rest].concat()))
    }

    /// Takes a key away, which nothing must be encrypted under any more.
    ///
    /// # Errors
    /// When there is no such key, or it is the one that encrypts.
    pub fn remove(&self, id: ColumnKeyId) -> Result<Self, KeyFileError> {
        match self.0.iter().position(|key| key.id() == id) {
            None => Err(KeyFileError::Unknown(id)),
            Some(0) => Err(KeyFileError::Primary(id)),
            Some(_) => Ok(Self(
                self.0
                    .iter()
                    .filter(|key| key.id() != id)
                    .cloned()
                    .collect(),
            )),
        }
    }

    fn checked(self) -> Result<Self, KeyFileError> {
        if self.0.is_empty() {
            return Err(KeyFileError::Empty);
        }
        if self.0.len() > MAX_KEYS {
            return Err(KeyFileError::TooMany);
        }
        let mut ids: Vec<ColumnKeyId> = self.0.iter().map(ColumnKey::id).collect();
        ids.sort_unstable();
        for pair in ids.windows(2) {
            if let [one, other] = pair
                && one == other
            {
                return Err(KeyFileError::Duplicate(*one));
            }
        }
        Ok(self)
    }
}
