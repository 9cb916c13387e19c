//! `gatefold keys list`.

use std::{fmt, path::Path};

use gatefold_seal::{KeyringFile, Scope, UnixSeconds};
use serde::Serialize;

use crate::commands::{
    Error,
    output::{self, plain},
    time,
};

pub(super) fn run(keyring: &Path, json: bool) -> Result<(), Error> {
    let listing = Listing::of(&super::load(keyring)?, time::or_now(None));
    Ok(output::show(&listing, json)?)
}

/// A keyring without its secrets.
#[derive(Serialize)]
struct Listing {
    edge_keys: Vec<EdgeKey>,
    minters: Vec<Minter>,
}

#[derive(Serialize)]
struct EdgeKey {
    id: String,
    public_key: String,
    created: String,
    #[serde(flatten)]
    state: State,
}

#[derive(Serialize)]
struct Minter {
    name: String,
    id: String,
    created: String,
    #[serde(flatten)]
    state: State,
    scope: ScopeFacts,
}

#[derive(Serialize)]
struct State {
    /// Whether the edge opens with it now.
    in_use: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    retired: Option<String>,
}

#[derive(Serialize)]
struct ScopeFacts {
    hosts: Vec<String>,
    folders: Vec<String>,
    private: bool,
    clients: Vec<String>,
    longest_lifetime_seconds: u64,
    grace_seconds: u64,
}

impl Listing {
    fn of(file: &KeyringFile, now: UnixSeconds) -> Self {
        let state = |retired: Option<UnixSeconds>| State {
            in_use: retired.is_none_or(|retired| now < retired),
            retired: retired.map(time::show),
        };
        let edge_keys = file.edge_keys.iter().map(|entry| EdgeKey {
            id: entry.key.public().id().to_string(),
            public_key: entry.key.public().to_string(),
            created: time::show(entry.created),
            state: state(entry.retired),
        });
        let minters = file.minters.iter().map(|entry| Minter {
            name: entry.name.clone(),
            id: entry.key.id().to_string(),
            created: time::show(entry.created),
            state: state(entry.retired),
            scope: ScopeFacts::of(&entry.scope),
        });
        Self {
            edge_keys: edge_keys.collect(),
            minters: minters.collect(),
        }
    }
}

impl ScopeFacts {
    fn of(scope: &Scope) -> Self {
        Self {
            hosts: scope.hosts.iter().map(ToString::to_string).collect(),
            folders: scope.folders.clone(),
            private: scope.private,
            clients: scope.clients.iter().map(ToString::to_string).collect(),
            longest_lifetime_seconds: scope.longest_lifetime,
            grace_seconds: scope.grace,
        }
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Edge keys")?;
        if self.edge_keys.is_empty() {
            write!(out, "\n  none: run `gatefold keys new edge`")?;
        }
        for key in &self.edge_keys {
            write!(out, "\n  {}  made {}  {}", key.id, key.created, key.state)?;
        }
        write!(out, "\n\nMinters")?;
        if self.minters.is_empty() {
            write!(out, "\n  none: run `gatefold keys new minter`")?;
        }
        for minter in &self.minters {
            let Minter {
                name,
                id,
                created,
                state,
                scope,
            } = minter;
            write!(out, "\n  {id}  made {created}  {state}  {name}\n{scope}")?;
        }
        Ok(())
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.retired, self.in_use) {
            (None, _) => write!(out, "in use"),
            (Some(at), true) => write!(out, "in use until {at}"),
            (Some(at), false) => write!(out, "retired {at}"),
        }
    }
}

impl fmt::Display for ScopeFacts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.hosts.iter().map(|host| format!("https://{host}/"));
        let folders = self.folders.iter().map(|name| format!("the folder {name}"));
        let private = self.private.then(|| "the private bucket".to_owned());
        let sources: Vec<String> = hosts.chain(folders).chain(private).collect();
        let sources = if sources.is_empty() {
            "nothing".to_owned()
        } else {
            sources.join(", ")
        };
        write!(
            out,
            "            seals {sources}\n            for {}\n            for at most {}, and {} of grace",
            plain(&self.clients.join(", ")),
            time::show_seconds(self.longest_lifetime_seconds),
            time::show_seconds(self.grace_seconds)
        )
    }
}
