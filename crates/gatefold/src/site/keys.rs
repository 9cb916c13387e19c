//! The secrets of a site: what its columns are encrypted with, and by what authorization servers
//! know it.

use std::path::{Path, PathBuf};

use gatefold_domain::Timestamp;
use gatefold_oauth::ClientKeys;
use gatefold_ops::{secrets, secrets::SecretError, system_random};
use gatefold_store::{Crypter, KeyFile};
use zeroize::Zeroizing;

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("{path}: {cause}", path = path.display())]
    Columns {
        path: PathBuf,
        cause: gatefold_store::KeyFileError,
    },
    #[error("{path}: {cause}", path = path.display())]
    Client {
        path: PathBuf,
        cause: gatefold_oauth::KeyFileError,
    },
    #[error(
        "{path}: there is no such file (server.database.keys); take the one that belongs to this \
         database, or make it with `gatefold keys columns` for a new one",
        path = .0.display()
    )]
    NoColumns(PathBuf),
    #[error(
        "{path}: there is no such file (server.oauth.keys); `gatefold keys oauth` makes it",
        path = .0.display()
    )]
    NoClient(PathBuf),
}

/// The keys of columns. They are made where `may_make`, which is for a database that is new.
pub(crate) fn columns(path: &Path, may_make: bool, now: Timestamp) -> Result<KeyFile, KeysError> {
    let json = if may_make {
        let make = || {
            Zeroizing::new(
                KeyFile::generate(&mut system_random(), now)
                    .to_json()
                    .to_vec(),
            )
        };
        secrets::read_or_make(path, make)?
    } else {
        secrets::read(path)?.ok_or_else(|| KeysError::NoColumns(path.to_owned()))?
    };
    parse_columns(path, &json)
}

/// Reads the file of column keys.
pub(crate) fn parse_columns(path: &Path, json: &[u8]) -> Result<KeyFile, KeysError> {
    KeyFile::parse(json).map_err(|cause| KeysError::Columns {
        path: path.to_owned(),
        cause,
    })
}

/// What encrypts columns with these keys.
pub(crate) fn crypter(path: &Path, keys: &KeyFile) -> Result<Crypter, KeysError> {
    Crypter::new(keys, Box::new(system_random())).map_err(|cause| KeysError::Columns {
        path: path.to_owned(),
        cause,
    })
}

/// The keys of the client.
pub(crate) fn client(path: &Path) -> Result<ClientKeys, KeysError> {
    let json = secrets::read(path)?.ok_or_else(|| KeysError::NoClient(path.to_owned()))?;
    ClientKeys::parse(&json).map_err(|cause| KeysError::Client {
        path: path.to_owned(),
        cause,
    })
}
