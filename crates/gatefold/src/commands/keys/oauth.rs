//! `gatefold keys oauth`: the keys by which a site shows authorization servers who it is.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use gatefold_domain::{Clock, Timestamp};
use gatefold_oauth::{ClientKeys, KeyId};
use gatefold_ops::{SystemClock, secrets, system_random};
use gatefold_seal::UnixSeconds;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::commands::{Error, output, time};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The file of the keys
    #[arg(
        long,
        global = true,
        env = "GATEFOLD_SERVER_OAUTH_KEYS",
        value_name = "FILE",
        default_value = "data/secrets/oauth.json"
    )]
    file: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// Add a key: it is published at once, and signs for new sign-ins a quarter of an hour later
    Rotate,
    /// Take a key away: whoever signed in with it has to sign in again
    Retire {
        /// The key's identifier, as `gatefold keys oauth` lists it
        id: String,
    },
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), Error> {
    let path = &arguments.file;
    let now = Timestamp::from(SystemClock.now());
    let (keys, did) = match &arguments.command {
        None => made_or_read(path, now)?,
        Some(Command::Rotate) => {
            let mut made = None;
            let keys = change(path, |keys| {
                made = Some(keys.rotate(&mut system_random(), now)?);
                Ok(())
            })?;
            (keys, made.map(|id| Did::Added(id.as_str().to_owned())))
        }
        Some(Command::Retire { id }) => {
            let id = KeyId::from(id.clone());
            let keys = change(path, |keys| Ok(keys.retire(&id, now)?))?;
            (keys, Some(Did::Retired(id.as_str().to_owned())))
        }
    };
    Ok(output::show(&Listing::of(path, &keys, did, now), json)?)
}

/// The keys as they are; the first one is made when there is no file.
fn made_or_read(path: &Path, now: Timestamp) -> Result<(ClientKeys, Option<Did>), Error> {
    if let Some(json) = secrets::read(path)? {
        return Ok((parse(path, &json)?, None));
    }
    let keys = ClientKeys::generate(&mut system_random(), now);
    secrets::write_new(path, &keys.to_bytes())?;
    let id = keys.primary(now).map(|key| key.id().as_str().to_owned());
    Ok((keys, id.map(Did::Made)))
}

fn change(
    path: &Path,
    change: impl FnOnce(&mut ClientKeys) -> Result<(), Error>,
) -> Result<ClientKeys, Error> {
    let mut changed = None;
    secrets::update(path, |json| {
        let json = json.ok_or_else(|| Error::NoFile {
            path: path.to_owned(),
            remedy: "`gatefold keys oauth` makes it, or name another with --file",
        })?;
        let mut keys = parse(path, json)?;
        change(&mut keys)?;
        let bytes = Zeroizing::new(keys.to_bytes().to_vec());
        changed = Some(keys);
        Ok::<_, Error>(bytes)
    })?;
    Ok(changed.unwrap_or_default())
}

fn parse(path: &Path, json: &[u8]) -> Result<ClientKeys, Error> {
    ClientKeys::parse(json).map_err(|cause| Error::ClientKeys {
        path: path.to_owned(),
        cause,
    })
}

/// What was done.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Did {
    Made(String),
    Added(String),
    Retired(String),
}

/// The keys, without their secrets.
#[derive(Serialize)]
struct Listing {
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    did: Option<Did>,
    file: String,
    keys: Vec<Key>,
}

#[derive(Serialize)]
struct Key {
    id: String,
    created: String,
    signs_from: String,
    #[serde(flatten)]
    state: State,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(tag = "state", rename_all = "snake_case")]
enum State {
    /// It signs for new sign-ins.
    Primary,
    /// It is published, so that servers know it when it takes over.
    Published,
    /// It keeps those signed in who signed in with it.
    Older,
}

impl Listing {
    fn of(path: &Path, keys: &ClientKeys, did: Option<Did>, now: Timestamp) -> Self {
        let primary = keys.primary(now).map(|key| key.id().clone());
        let listed = keys.iter().map(|key| Key {
            id: key.id().as_str().to_owned(),
            created: shown(key.created()),
            signs_from: shown(key.signs_from()),
            state: if primary.as_ref() == Some(key.id()) {
                State::Primary
            } else if key.signs_from() > now {
                State::Published
            } else {
                State::Older
            },
        });
        Self {
            did,
            file: path.display().to_string(),
            keys: listed.collect(),
        }
    }
}

fn shown(moment: Timestamp) -> String {
    time::show(UnixSeconds::from(std::time::SystemTime::from(moment)))
}

impl fmt::Display for Listing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.did {
            Some(Did::Made(id)) => writeln!(
                out,
                "Made the client key {id}, in {}.\nSet server.oauth.keys to this file; keep it secret.",
                self.file
            )?,
            Some(Did::Added(id)) => writeln!(
                out,
                "Added the client key {id}. Let the server read it now (SIGHUP, or a restart): it is \
                 published at once and takes over at the time below."
            )?,
            Some(Did::Retired(id)) => writeln!(
                out,
                "Retired the client key {id}. Whoever signed in with it has to sign in again."
            )?,
            None => {}
        }
        write!(out, "Client keys")?;
        for key in &self.keys {
            let state = match key.state {
                State::Primary => "signs for new sign-ins".to_owned(),
                State::Published => format!("signs from {}", key.signs_from),
                State::Older => "keeps older sign-ins alive".to_owned(),
            };
            write!(out, "\n  {}  made {}  {state}", key.id, key.created)?;
        }
        Ok(())
    }
}
