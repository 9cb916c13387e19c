//! The files' shape in JSON.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use super::{KeyFileError, KeyText, VERSION};
use crate::{
    payload::Count,
    scope,
    source::Segment,
    window::{LONGEST_LIFETIME, SHORTEST_LIFETIME},
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keyring {
    pub(super) version: u64,
    pub(super) edge_keys: Vec<EdgeKey>,
    pub(super) minters: Vec<Minter>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EdgeKey {
    pub(super) private_key: KeyText,
    pub(super) created_unix: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retired_unix: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Minter {
    pub(super) name: String,
    pub(super) key: KeyText,
    pub(super) created_unix: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retired_unix: Option<u64>,
    pub(super) scope: Scope,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnFile {
    pub(super) version: u64,
    pub(super) name: String,
    pub(super) edge_public_key: KeyText,
    pub(super) key: KeyText,
    pub(super) scope: Scope,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scope {
    hosts: Vec<String>,
    folders: Vec<String>,
    private: bool,
    clients: Vec<String>,
    longest_lifetime_seconds: u64,
    grace_seconds: u64,
}

/// A shape of which several versions may come to exist.
pub(super) trait Versioned {
    fn version(&self) -> u64;
}

impl Versioned for Keyring {
    fn version(&self) -> u64 {
        self.version
    }
}

impl Versioned for OwnFile {
    fn version(&self) -> u64 {
        self.version
    }
}

pub(super) fn read<T: DeserializeOwned + Versioned>(json: &[u8]) -> Result<T, KeyFileError> {
    let file: T = serde_json::from_slice(json).map_err(|error| KeyFileError::Shape {
        line: error.line(),
        column: error.column(),
        // The parser's own words may quote what it found, which may be a secret.
        problem: match error.classify() {
            serde_json::error::Category::Eof => "the file ends too early",
            serde_json::error::Category::Data => {
                "a field is missing, unknown, repeated or of the wrong type"
            }
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
                "this is not JSON"
            }
        },
    })?;
    match file.version() {
        VERSION => Ok(file),
        other => Err(KeyFileError::Version(other)),
    }
}

pub(super) fn write<T: Serialize>(file: &T) -> Zeroizing<Vec<u8>> {
    // Counted first: a buffer that grew would leave copies behind. Strings and integers always
    // serialise.
    let mut count = Count::default();
    let _ = serde_json::to_writer_pretty(&mut count, file);
    let mut json = Zeroizing::new(Vec::with_capacity(count.0.saturating_add(1)));
    let _ = serde_json::to_writer_pretty(&mut *json, file);
    json.push(b'\n');
    json
}

impl Scope {
    pub(super) fn write(scope: &scope::Scope) -> Self {
        Self {
            hosts: scope.hosts.iter().map(ToString::to_string).collect(),
            folders: scope.folders.clone(),
            private: scope.private,
            clients: scope.clients.iter().map(ToString::to_string).collect(),
            longest_lifetime_seconds: scope.longest_lifetime,
            grace_seconds: scope.grace,
        }
    }

    pub(super) fn read(&self, name: &str) -> Result<scope::Scope, KeyFileError> {
        let invalid = |problem: String| KeyFileError::Scope {
            name: name.to_owned(),
            problem,
        };
        if let Some(folder) = self.folders.iter().find(|name| !Segment::is_valid(name)) {
            return Err(invalid(format!("{folder:?} is not the name of a folder")));
        }
        let (lifetime, grace) = (self.longest_lifetime_seconds, self.grace_seconds);
        if !(SHORTEST_LIFETIME..=LONGEST_LIFETIME).contains(&lifetime) {
            return Err(invalid(format!(
                "the longest lifetime is {SHORTEST_LIFETIME} to {LONGEST_LIFETIME} seconds, not {lifetime}"
            )));
        }
        if grace > LONGEST_LIFETIME {
            return Err(invalid(format!(
                "the grace is at most {LONGEST_LIFETIME} seconds, not {grace}"
            )));
        }
        let hosts = self.hosts.iter().map(|host| host.parse());
        let clients = self.clients.iter().map(|client| client.parse());
        Ok(scope::Scope {
            hosts: hosts
                .collect::<Result<_, scope::InvalidPattern>>()
                .map_err(|error| invalid(error.to_string()))?,
            folders: self.folders.clone(),
            private: self.private,
            clients: clients
                .collect::<Result<_, scope::InvalidPattern>>()
                .map_err(|error| invalid(error.to_string()))?,
            longest_lifetime: lifetime,
            grace,
        })
    }
}
