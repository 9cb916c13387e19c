//! `gatefold keys export`: a minter's own file once more, for the newest edge key.

use std::path::{Path, PathBuf};

use clap::Args;
use gatefold_seal::MinterFile;

use super::made::{Made, write_minter_file};
use crate::commands::{Error, output, time};

#[derive(Args)]
pub(super) struct Arguments {
    /// The minter's name
    name: String,
    /// Where to write the minter's own file
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(arguments: &Arguments, keyring: &Path, json: bool) -> Result<(), Error> {
    let file = super::load(keyring)?;
    let now = time::or_now(None);
    let entry = file
        .minters
        .iter()
        .find(|entry| entry.name == arguments.name)
        .ok_or_else(|| Error::UnknownKey(arguments.name.clone()))?;
    let own = MinterFile {
        name: entry.name.clone(),
        edge: *super::newest_edge_key(&file, now)?.key.public(),
        key: entry.key.clone(),
        scope: entry.scope.clone(),
    };
    write_minter_file(&arguments.out, &own)?;
    let made = Made::minter(&entry.name, entry.key.id(), keyring, &arguments.out);
    Ok(output::show(&made, json)?)
}
