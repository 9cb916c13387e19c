//! Keys at rest: the edge's keyring file and a minter's own file, both JSON.
//!
//! This module turns text into keys and back. Reading and writing files, and checking that nobody
//! else may read them, is for whoever has a file system.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    key::{EdgePrivateKey, EdgePublicKey, KeyId, MinterKey},
    keyring::{DuplicateId, Keyring},
    scope::Scope,
    secret::KEY_LEN,
    window::UnixSeconds,
};

mod wire;

/// The version of both formats.
const VERSION: u64 = 1;

/// The longest name of a minter, in bytes.
const MAX_NAME: usize = 64;

/// All that an edge holds.
#[derive(Clone, Default)]
pub struct KeyringFile {
    /// The edge's private keys.
    pub edge_keys: Vec<EdgeEntry>,
    /// The minters that it knows.
    pub minters: Vec<MinterEntry>,
}

/// One private key of an edge.
#[derive(Clone)]
pub struct EdgeEntry {
    /// The key.
    pub key: EdgePrivateKey,
    /// When it was made.
    pub created: UnixSeconds,
    /// From when on it opens nothing.
    pub retired: Option<UnixSeconds>,
}

/// One minter, as its edge knows it.
#[derive(Clone)]
pub struct MinterEntry {
    /// What people call it.
    pub name: String,
    /// The key that it shares with this edge.
    pub key: MinterKey,
    /// What it may seal.
    pub scope: Scope,
    /// When the key was made.
    pub created: UnixSeconds,
    /// From when on nothing that it sealed is opened.
    pub retired: Option<UnixSeconds>,
}

/// All that a minter holds.
#[derive(Clone)]
pub struct MinterFile {
    /// What its edge calls it.
    pub name: String,
    /// The edge's public key.
    pub edge: EdgePublicKey,
    /// The key that it shares with that edge.
    pub key: MinterKey,
    /// What the edge lets it seal.
    pub scope: Scope,
}

/// Why a file cannot be used. No variant repeats a part of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not JSON, or not of this shape.
    #[error("line {line}, column {column}: {problem}")]
    Shape {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        problem: &'static str,
    },
    /// A format that is not known here.
    #[error("the file is of version {0}; only version {VERSION} is known")]
    Version(u64),
    /// A key is not 32 bytes in base64url without padding, or cannot be used.
    #[error("{0} is not a key: 43 characters of base64url are expected")]
    Key(String),
    /// A minter's name is empty, too long, or has unprintable characters.
    #[error(
        "a minter's name has 1 to {MAX_NAME} letters, digits or any of . _ -, and is not 8 \
         hexadecimal digits as an identifier is, unlike {0:?}"
    )]
    Name(String),
    /// Two minters have one name.
    #[error("two minters are called {0:?}")]
    DuplicateName(String),
    /// Two keys look alike.
    #[error(transparent)]
    DuplicateId(#[from] DuplicateId),
    /// A scope cannot be used.
    #[error("the scope of {name:?}: {problem}")]
    Scope {
        /// The minter.
        name: String,
        /// What is wrong.
        problem: String,
    },
}

impl KeyringFile {
    /// Reads the file.
    ///
    /// # Errors
    /// When anything in it cannot be used; nothing is skipped.
    pub fn parse(json: &[u8]) -> Result<Self, KeyFileError> {
        let file: wire::Keyring = wire::read(json)?;
        let edge_keys = (1..)
            .zip(&file.edge_keys)
            .map(|(place, entry)| {
                Ok(EdgeEntry {
                    key: EdgePrivateKey::from_bytes(key(
                        &entry.private_key,
                        &format!("edge key {place}"),
                    )?),
                    created: UnixSeconds(entry.created_unix),
                    retired: entry.retired_unix.map(UnixSeconds),
                })
            })
            .collect::<Result<Vec<_>, KeyFileError>>()?;
        let minters = file
            .minters
            .iter()
            .map(|entry| {
                check_name(&entry.name)?;
                let what = format!("the key of {:?}", entry.name);
                Ok(MinterEntry {
                    name: entry.name.clone(),
                    key: MinterKey::from_bytes(&key(&entry.key, &what)?),
                    scope: entry.scope.read(&entry.name)?,
                    created: UnixSeconds(entry.created_unix),
                    retired: entry.retired_unix.map(UnixSeconds),
                })
            })
            .collect::<Result<Vec<_>, KeyFileError>>()?;
        let parsed = Self { edge_keys, minters };
        parsed.check()?;
        Ok(parsed)
    }

    /// Writes the file.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        wire::write(&wire::Keyring {
            version: VERSION,
            edge_keys: self
                .edge_keys
                .iter()
                .map(|entry| wire::EdgeKey {
                    private_key: text(entry.key.expose()),
                    created_unix: entry.created.0,
                    retired_unix: entry.retired.map(|at| at.0),
                })
                .collect(),
            minters: self
                .minters
                .iter()
                .map(|entry| wire::Minter {
                    name: entry.name.clone(),
                    key: text(entry.key.expose()),
                    created_unix: entry.created.0,
                    retired_unix: entry.retired.map(|at| at.0),
                    scope: wire::Scope::write(&entry.scope),
                })
                .collect(),
        })
    }

    /// The keys, ready to open until each is retired.
    ///
    /// # Errors
    /// When two keys of a kind look alike.
    pub fn keyring(&self) -> Result<Keyring, DuplicateId> {
        let mut keyring = Keyring::new();
        for entry in &self.edge_keys {
            keyring.add_edge_until(entry.key.clone(), entry.retired)?;
        }
        for entry in &self.minters {
            keyring.add_minter_until(entry.key.clone(), entry.scope.clone(), entry.retired)?;
        }
        Ok(keyring)
    }

    /// Adds a private key of the edge.
    ///
    /// # Errors
    /// When it looks like another.
    pub fn add_edge_key(&mut self, entry: EdgeEntry) -> Result<(), KeyFileError> {
        self.edge_keys.push(entry);
        self.check().inspect_err(|_| drop(self.edge_keys.pop()))
    }

    /// Adds a minter.
    ///
    /// # Errors
    /// When its name or key is taken, or its name is none.
    pub fn add_minter(&mut self, entry: MinterEntry) -> Result<(), KeyFileError> {
        check_name(&entry.name)?;
        self.minters.push(entry);
        self.check().inspect_err(|_| drop(self.minters.pop()))
    }

    /// Retires the edge key or minter with an identifier; `false` when there is none. What has
    /// been retired before keeps its earlier time.
    pub fn retire(&mut self, id: KeyId, at: UnixSeconds) -> bool {
        let edges = self.edge_keys.iter_mut();
        let edges = edges.map(|entry| (entry.key.public().id(), &mut entry.retired));
        let minters = self.minters.iter_mut();
        let minters = minters.map(|entry| (entry.key.id(), &mut entry.retired));
        let mut found = false;
        for (_, retired) in edges.chain(minters).filter(|(of, _)| *of == id) {
            *retired = Some(retired.map_or(at, |before| before.min(at)));
            found = true;
        }
        found
    }

    fn check(&self) -> Result<(), KeyFileError> {
        self.keyring()?;
        let mut names: Vec<&str> = self.minters.iter().map(|entry| &*entry.name).collect();
        names.sort_unstable();
        for pair in names.windows(2) {
            if let [one, other] = pair
                && one == other
            {
                return Err(KeyFileError::DuplicateName((*one).to_owned()));
            }
        }
        Ok(())
    }
}

impl MinterFile {
    /// Reads the file.
    ///
    /// # Errors
    /// When anything in it cannot be used.
    pub fn parse(json: &[u8]) -> Result<Self, KeyFileError> {
        let file: wire::OwnFile = wire::read(json)?;
        check_name(&file.name)?;
        let edge = key(&file.edge_public_key, "the edge's public key")?;
        let edge = EdgePublicKey::from_bytes(*edge)
            .map_err(|_| KeyFileError::Key("the edge's public key".to_owned()))?;
        Ok(Self {
            edge,
            key: MinterKey::from_bytes(&key(&file.key, "the minter's key")?),
            scope: file.scope.read(&file.name)?,
            name: file.name.clone(),
        })
    }

    /// Writes the file.
    #[must_use]
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        wire::write(&wire::OwnFile {
            version: VERSION,
            name: self.name.clone(),
            edge_public_key: text(self.edge.as_bytes()),
            key: text(self.key.expose()),
            scope: wire::Scope::write(&self.scope),
        })
    }
}

/// A key as text, overwritten when dropped.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
struct KeyText(String);

fn text(key: &[u8; KEY_LEN]) -> KeyText {
    KeyText(Base64UrlUnpadded::encode_string(key))
}

fn key(text: &KeyText, what: &str) -> Result<Zeroizing<[u8; KEY_LEN]>, KeyFileError> {
    let mut bytes = Zeroizing::new([0; KEY_LEN]);
    match Base64UrlUnpadded::decode(&text.0, bytes.as_mut()) {
        Ok(decoded) if decoded.len() == KEY_LEN => Ok(bytes),
        _ => Err(KeyFileError::Key(what.to_owned())),
    }
}

fn check_name(name: &str) -> Result<(), KeyFileError> {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    // It could be taken for a key's.
    let is_identifier = name.len() == 8 && name.bytes().all(|b| b.is_ascii_hexdigit());
    if (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_plain) && !is_identifier {
        Ok(())
    } else {
        Err(KeyFileError::Name(name.chars().take(MAX_NAME).collect()))
    }
}

#[cfg(test)]
mod tests;
