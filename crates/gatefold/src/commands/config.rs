//! `gatefold config`: what can be set, and what is.

use clap::{Args, Subcommand};
use gatefold_ops::config;

use super::{Error, output};
use crate::config::{self as settings, ConfigArguments};

/// What `gatefold config` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the reference of all settings, as Markdown
    Reference,
    /// Print what is in force here and where it was said, as TOML, with secrets hidden
    Show(ConfigArguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let text = match &arguments.command {
        Command::Reference => settings::reference(),
        Command::Show(which) => {
            let mut loaded = which.load()?;
            config::show(&mut loaded.config, &loaded.places)
        }
    };
    Ok(output::print(&text)?)
}
