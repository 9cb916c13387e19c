//! `gatefold keys retire`.

use std::{fmt, path::Path};

use clap::Args;
use gatefold_ops::secrets;
use gatefold_seal::{KeyId, KeyringFile, UnixSeconds};
use serde::Serialize;

use crate::commands::{Error, output, time};

#[derive(Args)]
pub(super) struct Arguments {
    /// A key's identifier, or a minter's name
    key: String,
    /// From when on, for example 2026-12-01T00:00:00Z; at once unless given
    #[arg(long, value_name = "TIME", value_parser = time::moment)]
    at: Option<UnixSeconds>,
}

pub(super) fn run(arguments: &Arguments, keyring: &Path, json: bool) -> Result<(), Error> {
    // An empty keyring must not come into being by this.
    super::load(keyring)?;
    let at = time::or_now(arguments.at);
    let mut retired = None;
    secrets::update(keyring, |json| {
        let mut file = super::parse(keyring, json.unwrap_or_default())?;
        let id =
            find(&file, &arguments.key).ok_or_else(|| Error::UnknownKey(arguments.key.clone()))?;
        file.retire(id, at);
        retired = Some(Retired::of(&file, id, at));
        Ok::<_, Error>(file.to_json())
    })?;
    Ok(retired.map_or(Ok(()), |retired| output::show(&retired, json))?)
}

fn find(file: &KeyringFile, wanted: &str) -> Option<KeyId> {
    let edges = file.edge_keys.iter().map(|entry| entry.key.public().id());
    let minters = file.minters.iter();
    let ids = edges.chain(minters.clone().map(|entry| entry.key.id()));
    minters
        .filter(|entry| entry.name == wanted)
        .map(|entry| entry.key.id())
        .chain(ids.filter(|id| id.to_string() == wanted))
        .next()
}

#[derive(Serialize)]
struct Retired {
    id: String,
    /// From when on nothing is opened with it: its earlier retirement, when there was one.
    since: String,
    /// Whether the keyring still has an edge key for what is sealed from then on.
    edge_keys_left: usize,
}

impl Retired {
    fn of(file: &KeyringFile, id: KeyId, at: UnixSeconds) -> Self {
        let edges = file.edge_keys.iter();
        let minters = file.minters.iter();
        let times = edges
            .clone()
            .map(|entry| (entry.key.public().id(), entry.retired))
            .chain(minters.map(|entry| (entry.key.id(), entry.retired)));
        let retired = times.filter(|(of, _)| *of == id).find_map(|(_, at)| at);
        Self {
            id: id.to_string(),
            since: time::show(retired.unwrap_or(at)),
            edge_keys_left: edges
                .filter(|entry| entry.retired.is_none_or(|retired| at < retired))
                .count(),
        }
    }
}

impl fmt::Display for Retired {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} is retired from {} on. A running edge learns it when it reads its keyring again.",
            self.id, self.since
        )?;
        if self.edge_keys_left == 0 {
            write!(
                out,
                "\nNo edge key is left in use then: run `gatefold keys new edge`."
            )?;
        }
        Ok(())
    }
}
