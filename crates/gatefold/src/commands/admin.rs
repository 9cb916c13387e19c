//! `gatefold admin`: work on a site's database, beside running servers.

mod reencrypt;

use clap::{Args, Subcommand};
use gatefold_ops::logging;

use super::Error;
use crate::config::{Config, ConfigArguments};

/// What `gatefold admin` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    config: ConfigArguments,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Encrypt everything under the key that encrypts now, so that older keys can be removed
    Reencrypt,
}

pub(crate) fn run(arguments: &Arguments, log: Option<&str>) -> Result<(), Error> {
    let config = arguments.config.sources()?.load::<Config>()?.config;
    logging::start(Some(log.unwrap_or(&config.log.filter)))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match arguments.command {
        Command::Reencrypt => runtime.block_on(reencrypt::run(&config.server, arguments.json)),
    }
}
