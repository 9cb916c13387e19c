//! `gatefold keys columns`: the keys that encrypt columns of a site's database.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use gatefold_domain::{Clock, Timestamp};
use gatefold_ops::{SystemClock, secrets, system_random};
use gatefold_seal::UnixSeconds;
use gatefold_store::{ColumnKey, ColumnKeyId, KeyFile, KeyFileError};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    commands::{Error, output, time},
    site::keys::{KeysError, columns, parse_columns},
};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The file of the keys
    #[arg(
        long,
        global = true,
        env = "GATEFOLD_SERVER_DATABASE_KEYS",
        value_name = "FILE",
        default_value = "data/secrets/columns.json"
    )]
    file: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// Add a key, which decrypts: restart every server before it is used
    Add,
    /// Let a key encrypt from now on: restart every server, then run `gatefold admin reencrypt`
    Use {
        /// The key's identifier
        #[arg(value_parser = key_id)]
        id: ColumnKeyId,
    },
    /// Take a key away that nothing is encrypted under any more
    Remove {
        /// The key's identifier
        #[arg(value_parser = key_id)]
        id: ColumnKeyId,
    },
}

pub(super) fn run(arguments: &Arguments, json: bool) -> Result<(), Error> {
    let path = &arguments.file;
    let now = Timestamp::from(SystemClock.now());
    let keys = match &arguments.command {
        None => columns(path, true, now)?,
        Some(Command::Add) => change(path, |keys| {
            keys.add(&mut system_random(), now).map(|(keys, _)| keys)
        })?,
        Some(Command::Use { id }) => change(path, |keys| keys.make_primary(*id))?,
        Some(Command::Remove { id }) => change(path, |keys| keys.remove(*id))?,
    };
    Ok(output::show(&Listing::of(path, &keys), json)?)
}

fn change(
    path: &Path,
    change: impl FnOnce(&KeyFile) -> Result<KeyFile, KeyFileError>,
) -> Result<KeyFile, Error> {
    let mut changed = None;
    secrets::update(path, |json| {
        let json = json.ok_or_else(|| Error::NoFile {
            path: path.to_owned(),
            remedy: "`gatefold keys columns` makes it, or name another with --file",
        })?;
        let keys = change(&parse_columns(path, json)?).map_err(|cause| KeysError::Columns {
            path: path.to_owned(),
            cause,
        })?;
        let json = Zeroizing::new(keys.to_json().to_vec());
        changed = Some(keys);
        Ok::<_, Error>(json)
    })?;
    changed.ok_or_else(|| KeysError::NoColumns(path.to_owned()).into())
}

/// The keys, without their secrets.
#[derive(Serialize)]
struct Listing {
    file: String,
    keys: Vec<Key>,
}

#[derive(Serialize)]
struct Key {
    id: String,
    created: String,
    /// Whether it encrypts; all of them decrypt.
    encrypts: bool,
}

impl Listing {
    fn of(path: &Path, keys: &KeyFile) -> Self {
        let primary = keys.keys().first().map(ColumnKey::id);
        let listed = keys.keys().iter().map(|key| Key {
            id: key.id().to_string(),
            created: time::show(UnixSeconds(key.created_unix())),
            encrypts: primary == Some(key.id()),
        });
        Self {
            file: path.display().to_string(),
            keys: listed.collect(),
        }
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Column keys, in {}", self.file)?;
        for key in &self.keys {
            let use_of = if key.encrypts {
                "encrypts and decrypts"
            } else {
                "decrypts"
            };
            write!(out, "\n  {}  made {}  {use_of}", key.id, key.created)?;
        }
        Ok(())
    }
}

/// Reads an identifier: eight hexadecimal digits.
fn key_id(text: &str) -> Result<ColumnKeyId, &'static str> {
    let is_id = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match u32::from_str_radix(text, 16) {
        Ok(id) if is_id => Ok(ColumnKeyId::from_bytes(id.to_be_bytes())),
        _ => Err("an identifier has eight hexadecimal digits, as `gatefold keys columns` lists it"),
    }
}
