//! `gatefold keys`: the keys of an edge, of those who seal for it, and of a site.

mod columns;
mod export;
mod list;
mod made;
mod new;
mod oauth;
mod retire;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use gatefold_ops::secrets;
use gatefold_seal::{EdgeEntry, KeyringFile, UnixSeconds};

use super::Error;

/// What `gatefold keys` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// The edge's keyring
    #[arg(
        long,
        global = true,
        env = "GATEFOLD_KEYRING",
        value_name = "FILE",
        default_value = "data/keyring.json"
    )]
    keyring: PathBuf,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Make a new key
    New(new::Arguments),
    /// Write a minter's own file once more, for the newest edge key
    Export(export::Arguments),
    /// List the keys, without their secrets
    List,
    /// The keys by which a site shows authorization servers who it is: list them, or make the first
    Oauth(oauth::Arguments),
    /// The keys that encrypt columns of a site's database: list them, or make the first
    Columns(columns::Arguments),
    /// Retire a key: from then on the edge opens nothing that needs it
    Retire(retire::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let Arguments {
        command,
        keyring,
        json,
    } = arguments;
    match command {
        Command::New(arguments) => new::run(arguments, keyring, *json),
        Command::Export(arguments) => export::run(arguments, keyring, *json),
        Command::List => list::run(keyring, *json),
        Command::Oauth(arguments) => oauth::run(arguments, *json),
        Command::Columns(arguments) => columns::run(arguments, *json),
        Command::Retire(arguments) => retire::run(arguments, keyring, *json),
    }
}

/// Reads a keyring.
pub(super) fn load(path: &Path) -> Result<KeyringFile, Error> {
    let json = secrets::read(path)?.ok_or_else(|| Error::NoFile {
        path: path.to_owned(),
        remedy: "`gatefold keys new edge` makes it, or name another with --keyring",
    })?;
    parse(path, &json)
}

/// The edge key that new URLs are sealed to.
fn newest_edge_key(file: &KeyringFile, now: UnixSeconds) -> Result<&EdgeEntry, Error> {
    file.edge_keys
        .iter()
        .filter(|entry| entry.retired.is_none_or(|retired| now < retired))
        .max_by_key(|entry| entry.created)
        .ok_or(Error::NoEdgeKey)
}

fn parse(path: &Path, json: &[u8]) -> Result<KeyringFile, Error> {
    KeyringFile::parse(json).map_err(|cause| Error::KeyFile {
        path: path.to_owned(),
        cause,
    })
}
