//! `gatefold seal`: makes one sealed URL.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use clap::Args;
use gatefold_ops::secrets;
use gatefold_seal::{MintError, Minter, MinterFile, Source, UnixSeconds};
use serde::Serialize;

use super::{Error, output, time};

/// What `gatefold seal` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Where the bytes are: `https://HOST/PATH`, `private:KEY`, or `files:NAME` with --folder
    source: String,
    /// The upload folder of a files: source
    #[arg(long, value_name = "NAME")]
    folder: Option<String>,
    /// Whom the URL is for: an origin such as `https://music.example`, or a DID
    #[arg(long, value_name = "CLIENT")]
    client: String,
    /// The minter's own file, from `gatefold keys new minter`
    #[arg(long, env = "GATEFOLD_MINTER", value_name = "FILE")]
    minter: PathBuf,
    /// The length of a window
    #[arg(long, value_name = "DURATION", value_parser = time::seconds, default_value = "30m")]
    lifetime: u64,
    /// Let the source decide where its windows begin, so that not all of them end at once
    #[arg(long)]
    spread: bool,
    /// The edge's address, for example `https://edge.example.com`; without it the URL's path is
    /// printed
    #[arg(long, value_name = "URL")]
    edge: Option<String>,
    /// The moment whose window is meant, for example 2026-11-22T20:15:00Z; now unless given
    #[arg(long, value_name = "TIME", value_parser = time::moment)]
    at: Option<UnixSeconds>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let file = read_minter(&arguments.minter)?;
    let source = Source::parse(&arguments.source, arguments.folder.as_deref())
        .map_err(|_| Error::Source(arguments.source.clone()))?;
    let mut minter = Minter::new(file.edge, file.key, arguments.lifetime)
        .map_err(MintError::from)?
        .with_scope(file.scope)?;
    if arguments.spread {
        minter = minter.with_spread_boundaries();
    }
    let minted = minter.mint(source, &arguments.client, time::or_now(arguments.at))?;
    let edge = arguments.edge.as_deref().unwrap_or_default();
    let sealed = Sealed {
        url: format!("{}{}", edge.trim_end_matches('/'), minted.path()),
        valid_from: time::show(minted.window.starts()),
        valid_until: time::show(minted.window.valid_until()),
    };
    Ok(output::show(&sealed, arguments.json)?)
}

/// Reads a minter's own file.
pub(super) fn read_minter(path: &Path) -> Result<MinterFile, Error> {
    let json = secrets::read(path)?.ok_or_else(|| Error::NoFile {
        path: path.to_owned(),
        remedy: "`gatefold keys new minter` makes it",
    })?;
    MinterFile::parse(&json).map_err(|cause| Error::KeyFile {
        path: path.to_owned(),
        cause,
    })
}

#[derive(Serialize)]
struct Sealed {
    url: String,
    valid_from: String,
    valid_until: String,
}

impl fmt::Display for Sealed {
    /// The URL alone, so that it can be used as it is printed.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.url)
    }
}
