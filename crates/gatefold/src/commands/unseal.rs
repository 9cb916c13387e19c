//! `gatefold unseal`: says what a sealed URL holds, and whether its edge would accept it.

use std::{fmt, path::PathBuf};

use clap::Args;
use gatefold_seal::{PATH_PREFIX, Payload, Refusal, UnixSeconds};
use serde::Serialize;

use super::{
    Error, keys,
    output::{self, plain},
    time,
};

/// What `gatefold unseal` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A sealed URL, its path or its token
    url: String,
    /// The edge's keyring
    #[arg(
        long,
        env = "GATEFOLD_KEYRING",
        value_name = "FILE",
        default_value = "data/keyring.json"
    )]
    keyring: PathBuf,
    /// Judge it as if this client asked; otherwise the rightful one is assumed
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
    /// Judge it at this moment, for example 2026-11-22T20:15:00Z; now unless given
    #[arg(long, value_name = "TIME", value_parser = time::moment)]
    at: Option<UnixSeconds>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let now = time::or_now(arguments.at);
    let keyring = keys::load(&arguments.keyring)?;
    let url = arguments.url.trim();
    let token = url.split_once(PATH_PREFIX).map_or(url, |(_, token)| token);
    let keys = keyring.keyring().map_err(|cause| Error::KeyFile {
        path: arguments.keyring.clone(),
        cause: cause.into(),
    })?;
    let unsealed = keys.unseal(token, now).map_err(Error::Refused)?;
    let verdict = unsealed.verdict.and_then(|()| match &arguments.client {
        Some(client) if client != unsealed.payload.client() => Err(Refusal::WrongClient),
        _ => Ok(()),
    });
    let minter = keyring
        .minters
        .iter()
        .find(|entry| entry.key.id() == unsealed.minter);
    let facts = Facts::of(
        &unsealed.payload,
        minter.map_or("", |entry| &entry.name),
        verdict,
    );
    output::show(&facts, arguments.json)?;
    verdict.map_err(Error::Refused)
}

#[derive(Serialize)]
struct Facts {
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<String>,
    client: String,
    minter: String,
    valid_from: String,
    valid_until: String,
    window_index: u64,
    lifetime_seconds: u64,
    phase_seconds: u64,
    /// `accepted`, or the code of the refusal.
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<&'static str>,
}

impl Facts {
    fn of(payload: &Payload, minter: &str, verdict: Result<(), Refusal>) -> Self {
        let window = payload.window();
        Self {
            source: payload.source().original(),
            folder: payload.source().folder().map(str::to_owned),
            client: payload.client().to_owned(),
            minter: minter.to_owned(),
            valid_from: time::show(window.starts()),
            valid_until: time::show(window.valid_until()),
            window_index: window.index(),
            lifetime_seconds: window.lifetime(),
            phase_seconds: window.phase(),
            verdict: verdict.map_or_else(Refusal::code, |()| "accepted"),
            stage: verdict.err().map(|refusal| refusal.stage().as_str()),
        }
    }
}

impl fmt::Display for Facts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "source   {}", plain(&self.source))?;
        if let Some(folder) = &self.folder {
            writeln!(out, "folder   {}", plain(folder))?;
        }
        writeln!(out, "client   {}", plain(&self.client))?;
        writeln!(out, "minter   {}", self.minter)?;
        writeln!(out, "window   {} to {}", self.valid_from, self.valid_until)?;
        write!(
            out,
            "         number {}, {} long",
            self.window_index,
            time::show_seconds(self.lifetime_seconds)
        )?;
        if self.phase_seconds > 0 {
            let phase = time::show_seconds(self.phase_seconds);
            write!(out, ", shifted by {phase}")?;
        }
        write!(out, "\nverdict  {}", self.verdict)
    }
}
