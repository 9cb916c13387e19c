//! `gatefold keys new`: an edge's private key, or a minter.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use gatefold_ops::{secrets, system_random};
use gatefold_seal::{
    ClientPattern, EdgeEntry, EdgePrivateKey, HostPattern, KeyFileError, KeyringFile, MinterEntry,
    MinterFile, MinterKey, Scope,
};

use super::made::{Made, write_minter_file};
use crate::commands::{Error, output, time};

#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Subcommand)]
enum Kind {
    /// A private key of the edge; new URLs are sealed to the newest one
    Edge,
    /// A minter: somebody who may seal URLs for the edge, and what
    Minter(Minter),
}

#[derive(Args)]
struct Minter {
    /// What to call it
    name: String,
    /// Where to write the minter's own file, which it needs to seal
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// A client that it may seal for: an origin such as `https://music.example` or
    /// `https://*.example.com`, a DID, `did:plc:*`, or `*` for everybody; may be repeated
    #[arg(long = "client", value_name = "PATTERN", required = true)]
    clients: Vec<ClientPattern>,
    /// An https host that it may seal: cdn.example.com, or *.example.com for all below it; may be
    /// repeated
    #[arg(long = "host", value_name = "PATTERN")]
    hosts: Vec<HostPattern>,
    /// An upload folder that it may seal; may be repeated
    #[arg(long = "folder", value_name = "NAME")]
    folders: Vec<String>,
    /// Let it seal objects of the private bucket
    #[arg(long)]
    private: bool,
    /// The longest lifetime that it may choose, 1m to 7days
    #[arg(long, value_name = "DURATION", value_parser = time::seconds, default_value = "30m")]
    longest_lifetime: u64,
    /// How long a URL is still good after its window
    #[arg(long, value_name = "DURATION", value_parser = time::seconds, default_value = "30s")]
    grace: u64,
}

pub(super) fn run(arguments: &Arguments, keyring: &Path, json: bool) -> Result<(), Error> {
    let made = match &arguments.kind {
        Kind::Edge => edge(keyring)?,
        Kind::Minter(minter) => new_minter(minter, keyring)?,
    };
    Ok(output::show(&made, json)?)
}

fn edge(keyring: &Path) -> Result<Made, Error> {
    let key = EdgePrivateKey::generate(&mut system_random());
    let made = Made::edge_key(key.public(), keyring);
    let created = time::or_now(None);
    change(keyring, |file| {
        file.add_edge_key(EdgeEntry {
            key,
            created,
            retired: None,
        })
        .map_err(|cause| at(keyring, cause))
    })?;
    Ok(made)
}

fn new_minter(wanted: &Minter, keyring: &Path) -> Result<Made, Error> {
    let key = MinterKey::generate(&mut system_random());
    let made = Made::minter(&wanted.name, key.id(), keyring, &wanted.out);
    let scope = Scope {
        hosts: wanted.hosts.clone(),
        folders: wanted.folders.clone(),
        private: wanted.private,
        clients: wanted.clients.clone(),
        longest_lifetime: wanted.longest_lifetime,
        grace: wanted.grace,
    };
    let now = time::or_now(None);
    let mut own_is_there = false;
    let changed = change(keyring, |file| {
        let own = MinterFile {
            name: wanted.name.clone(),
            edge: *super::newest_edge_key(file, now)?.key.public(),
            key: key.clone(),
            scope: scope.clone(),
        };
        file.add_minter(MinterEntry {
            name: wanted.name.clone(),
            key,
            scope,
            created: now,
            retired: None,
        })
        .map_err(|cause| at(keyring, cause))?;
        // First, because it can be taken back: an edge would open what a minter seals whose file
        // nobody has.
        write_minter_file(&wanted.out, &own)?;
        own_is_there = true;
        Ok(())
    });
    if changed.is_err() && own_is_there {
        let _ = std::fs::remove_file(&wanted.out);
    }
    changed.map(|()| made)
}

/// Changes the keyring, or begins one.
fn change(
    path: &Path,
    change: impl FnOnce(&mut KeyringFile) -> Result<(), Error>,
) -> Result<(), Error> {
    secrets::update(path, |json| {
        let mut file = json.map_or_else(
            || Ok(KeyringFile::default()),
            |json| super::parse(path, json),
        )?;
        change(&mut file)?;
        Ok(file.to_json())
    })
}

fn at(path: &Path, cause: KeyFileError) -> Error {
    Error::KeyFile {
        path: path.to_owned(),
        cause,
    }
}
