//! `gatefold serve`: the site, with its accounts and pages.

use std::{net::SocketAddr, path::PathBuf};

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
    /// Show what a site does: tracks of its own making, and people whom you can be, on this machine
    /// only; reads no configuration
    #[arg(long)]
    demo: bool,
    /// Where the demonstration keeps what it makes (data/demonstration otherwise)
    #[arg(long, value_name = "FOLDER", requires = "demo")]
    data: Option<PathBuf>,
}

/// Runs until it is interrupted.
pub(crate) fn run(arguments: &Arguments, log: Option<&str>) -> Result<(), Error> {
    let (config, kind) = if arguments.demo {
        logging::start(log)?;
        let data = arguments.data.clone();
        let data = data.unwrap_or_else(site::demo::usual_data);
        let config = site::demo::config(&data, arguments.listen)?;
        (config, site::Kind::Demonstration)
    } else {
        let mut sources = arguments.config.sources()?;
        if let Some(address) = arguments.listen {
            sources = sources.with_option("server.listen", "--listen", address.to_string());
        }
        let loaded = sources.load::<Config>()?;
        logging::start(Some(log.unwrap_or(&loaded.config.log.filter)))?;
        (loaded.config.server, site::Kind::Site)
    };
    let runtime = runtime::Builder::new_multi_thread().enable_all().build()?;
    Ok(runtime.block_on(site::run(config, kind, |line| {
        // Nobody has to listen.
        let _ = output::print(&format!("{line}\n"));
    }))?)
}
