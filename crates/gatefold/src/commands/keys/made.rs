//! What `gatefold keys` has made, and where it is.

use std::{fmt, io, path::Path};

use gatefold_ops::secrets::{self, SecretError};
use gatefold_seal::{EdgePublicKey, KeyId, MinterFile};
use serde::Serialize;

use crate::commands::Error;

/// A new edge key, or a minter's own file.
#[derive(Serialize)]
pub(super) struct Made {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    keyring: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

impl Made {
    pub(super) fn edge_key(key: &EdgePublicKey, keyring: &Path) -> Self {
        Self {
            kind: "edge key",
            name: None,
            id: key.id().to_string(),
            public_key: Some(key.to_string()),
            keyring: keyring.display().to_string(),
            file: None,
        }
    }

    pub(super) fn minter(name: &str, id: KeyId, keyring: &Path, file: &Path) -> Self {
        Self {
            kind: "minter",
            name: Some(name.to_owned()),
            id: id.to_string(),
            public_key: None,
            keyring: keyring.display().to_string(),
            file: Some(file.display().to_string()),
        }
    }
}

impl fmt::Display for Made {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, keyring, .. } = self;
        match (&self.name, &self.file) {
            (Some(name), Some(file)) => write!(
                out,
                "The minter {name}, identifier {id}, is in {keyring}.\n\
                 Give {file} to it, and to nobody else: it is a secret."
            ),
            _ => write!(out, "Made an edge key, identifier {id}, in {keyring}."),
        }
    }
}

/// Writes a minter's own file, once it is certain that it reads back.
pub(super) fn write_minter_file(path: &Path, own: &MinterFile) -> Result<(), Error> {
    let json = own.to_json();
    MinterFile::parse(&json).map_err(|cause| Error::KeyFile {
        path: path.to_owned(),
        cause,
    })?;
    match secrets::write_new(path, &json) {
        Err(SecretError::Io { cause, .. }) if cause.kind() == io::ErrorKind::AlreadyExists => {
            Err(Error::Exists(path.to_owned()))
        }
        written => Ok(written?),
    }
}
