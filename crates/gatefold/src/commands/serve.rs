//! `gatefold serve`: the site, with its accounts and pages.

use std::net::SocketAddr;

use clap::Args;
use gatefold_ops::logging;
use tokio::runtime;

use crate::{
    commands::{Error, output},
    config::{Config, ConfigArguments},
    site,
};

/// What `gatefold serve` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// Where to listen, in place of what is configured (127.0.0.1:8080 otherwise); port 0 takes any
    /// free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

/// Runs until it is interrupted.
pub(crate) fn run(arguments: &Arguments, log: Option<&str>) -> Result<(), Error> {
    let mut sources = arguments.config.sources()?;
    if let Some(address) = arguments.listen {
        sources = sources.with_option("server.listen", "--listen", address.to_string());
    }
    let loaded = sources.load::<Config>()?;
    logging::start(Some(log.unwrap_or(&loaded.config.log.filter)))?;
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    Ok(runtime.block_on(site::run(loaded, |line| {
        // Nobody has to listen.
        let _ = output::print(&format!("{line}\n"));
    }))?)
}
