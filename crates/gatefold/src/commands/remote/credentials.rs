//! What this person shows to servers: a file that only they may read, with a session for each server.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use gatefold_client::{Server, Token};
use gatefold_ops::secrets::{self, SecretError};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::RemoteError;

/// The name of the file.
const FILE: &str = "credentials.json";
/// The version of its form.
const VERSION: u32 = 1;

/// The file.
pub(in crate::commands) struct Credentials(PathBuf);

/// What is in it.
#[derive(Default)]
pub(in crate::commands) struct Kept {
    current: Option<Server>,
    entries: Vec<(Server, Entry)>,
}

/// A session at a server.
#[derive(Clone)]
pub(in crate::commands) struct Entry {
    /// Whose it is.
    pub(in crate::commands) did: String,
    /// What they were called when they signed in.
    pub(in crate::commands) handle: String,
    /// What is shown.
    pub(in crate::commands) token: Token,
    /// When it ends, as ISO 8601 has it, if the server said so.
    pub(in crate::commands) expires_at: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    /// The server that is asked when none is named.
    current: Option<String>,
    servers: BTreeMap<String, WrittenEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenEntry {
    did: String,
    handle: String,
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
}

impl Drop for WrittenEntry {
    fn drop(&mut self) {
        self.token.zeroize();
    }
}

impl Credentials {
    /// Those in a folder.
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    /// What is kept; nothing, where there is no file. Blocks.
    pub(in crate::commands) fn read(&self) -> Result<Kept, RemoteError> {
        self.understood(secrets::read(&self.0)?.as_deref().map(Vec::as_slice))
    }

    /// Keeps a session, whose server is the current one from then on; gives the one in whose place it
    /// is. Blocks.
    pub(in crate::commands) fn keep(
        &self,
        server: &Server,
        entry: Entry,
    ) -> Result<Option<Entry>, RemoteError> {
        self.change(|kept| {
            let before = kept.remove(server);
            kept.entries.push((server.clone(), entry));
            kept.current = Some(server.clone());
            before
        })
    }

    /// Forgets the session at a server. Blocks.
    pub(in crate::commands) fn forget(&self, server: &Server) -> Result<(), RemoteError> {
        self.change(|kept| {
            kept.remove(server);
            if kept.current.as_ref() == Some(server) {
                // Of several that are left, none is meant more than the others.
                kept.current = match kept.entries.as_slice() {
                    [(server, _)] => Some(server.clone()),
                    _ => None,
                };
            }
        })
    }

    fn change<T>(&self, change: impl FnOnce(&mut Kept) -> T) -> Result<T, RemoteError> {
        let mut changed = None;
        secrets::update(&self.0, |before| {
            let mut kept = self.understood(before)?;
            changed = Some(change(&mut kept));
            Ok::<_, RemoteError>(kept.to_json())
        })?;
        // It was called, or the update had failed.
        changed.ok_or_else(|| RemoteError::Secret(SecretError::NotAFile(self.0.clone())))
    }

    fn understood(&self, json: Option<&[u8]>) -> Result<Kept, RemoteError> {
        let Some(json) = json else {
            return Ok(Kept::default());
        };
        Kept::of_json(json).ok_or_else(|| RemoteError::Credentials(self.0.clone()))
    }
}

impl Kept {
    /// The server that is asked when none is named.
    pub(super) fn current(&self) -> Option<Server> {
        self.current.clone()
    }

    /// The session at a server.
    pub(in crate::commands) fn entry(&self, server: &Server) -> Option<&Entry> {
        let mut entries = self.entries.iter();
        entries
            .find(|(other, _)| other == server)
            .map(|(_, entry)| entry)
    }

    fn remove(&mut self, server: &Server) -> Option<Entry> {
        let place = self.entries.iter().position(|(other, _)| other == server)?;
        Some(self.entries.remove(place).1)
    }

    fn of_json(json: &[u8]) -> Option<Self> {
        let written: Written = serde_json::from_slice(json).ok()?;
        if written.version != VERSION {
            return None;
        }
        let current = match &written.current {
            Some(current) => Some(current.parse().ok()?),
            None => None,
        };
        let entries = written.servers.iter().map(|(server, entry)| {
            let kept = Entry {
                did: entry.did.clone(),
                handle: entry.handle.clone(),
                token: entry.token.parse().ok()?,
                expires_at: entry.expires_at.clone(),
            };
            Some((server.parse().ok()?, kept))
        });
        Some(Self {
            current,
            entries: entries.collect::<Option<_>>()?,
        })
    }

    fn to_json(&self) -> Zeroizing<Vec<u8>> {
        let servers = self.entries.iter().map(|(server, entry)| {
            let written = WrittenEntry {
                did: entry.did.clone(),
                handle: entry.handle.clone(),
                token: entry.token.expose().to_owned(),
                expires_at: entry.expires_at.clone(),
            };
            (server.to_string(), written)
        });
        let written = Written {
            version: VERSION,
            current: self.current.as_ref().map(ToString::to_string),
            servers: servers.collect(),
        };
        // Text and numbers always become JSON.
        Zeroizing::new(serde_json::to_vec_pretty(&written).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn entry(token: &str) -> Entry {
        Entry {
            did: "did:plc:ewvi7nxzyoun6zhxrhs64oiz".to_owned(),
            handle: "robin.example.com".to_owned(),
            token: token.parse().unwrap(),
            expires_at: None,
        }
    }

    fn server(text: &str) -> Server {
        text.parse().unwrap()
    }

    #[test]
    fn the_server_of_the_last_sign_in_is_the_one_that_is_meant() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = Credentials::in_folder(&folder.path().join("new"));
        assert!(credentials.read().unwrap().current().is_none());
        let (a, b) = (server("https://a.example"), server("https://b.example"));
        assert!(credentials.keep(&a, entry("1")).unwrap().is_none());
        assert!(credentials.keep(&b, entry("2")).unwrap().is_none());
        let kept = credentials.read().unwrap();
        assert_eq!(kept.current(), Some(b.clone()));
        assert_eq!(kept.entry(&a).unwrap().token.expose(), "1");
        assert!(kept.entry(&server("https://c.example")).is_none());
        let mode = std::fs::metadata(&credentials.0).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);

        let before = credentials.keep(&a, entry("3")).unwrap().unwrap();
        assert_eq!(before.token.expose(), "1");
        assert_eq!(credentials.read().unwrap().current(), Some(a.clone()));
        credentials.forget(&a).unwrap();
        let kept = credentials.read().unwrap();
        assert!(kept.entry(&a).is_none());
        assert_eq!(kept.current(), Some(b.clone()));
        credentials.forget(&b).unwrap();
        assert!(credentials.read().unwrap().current().is_none());
    }

    #[test]
    fn of_several_that_are_left_none_is_meant() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = Credentials::in_folder(folder.path());
        let all = [
            "https://a.example",
            "https://b.example",
            "https://c.example",
        ]
        .map(server);
        for server in &all {
            credentials.keep(server, entry("1")).unwrap();
        }
        credentials.forget(&all[0]).unwrap();
        assert_eq!(credentials.read().unwrap().current(), Some(all[2].clone()));
        credentials.keep(&all[0], entry("1")).unwrap();
        credentials.forget(&all[0]).unwrap();
        assert!(credentials.read().unwrap().current().is_none());
    }

    #[test]
    fn what_is_not_understood_is_neither_used_nor_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = Credentials::in_folder(folder.path());
        for text in [
            "",
            "{}",
            r#"{"version":2,"current":null,"servers":{}}"#,
            r#"{"version":1,"current":"http://a.example","servers":{}}"#,
            r#"{"version":1,"current":null,"servers":{},"more":1}"#,
            r#"{"version":1,"current":null,"servers":{"https://a.example":{"did":"d","handle":"h","token":"a b"}}}"#,
        ] {
            let path = &credentials.0;
            let _ = std::fs::remove_file(path);
            secrets::write_new(path, text.as_bytes()).unwrap();
            let wrong = |error| matches!(error, RemoteError::Credentials(_));
            assert!(wrong(credentials.read().map(drop).unwrap_err()), "{text}");
            let kept = credentials.keep(&server("https://a.example"), entry("1"));
            assert!(wrong(kept.map(drop).unwrap_err()), "{text}");
            assert_eq!(std::fs::read(path).unwrap(), text.as_bytes());
        }
    }
}
