//! The command line: what can be asked, and where each request goes.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

use crate::commands;

/// Self-hosted audio for the AT Protocol, in which supporter-only tracks are for supporters only.
#[derive(Parser)]
#[command(name = "gatefold", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// What to log, for example `info` or `warn,gatefold_edge=debug`
    #[arg(long, global = true, env = "GATEFOLD_LOG", value_name = "FILTER")]
    log: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Run an edge, which opens sealed URLs and streams what they name
    Edge(commands::edge::Arguments),
    /// Make, list and retire the keys of an edge and of those who seal for it
    Keys(commands::keys::Arguments),
    /// Make a sealed URL
    Seal(commands::seal::Arguments),
    /// Say what a sealed URL holds, and whether its edge would accept it
    Unseal(commands::unseal::Arguments),
}

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let Cli { command, log } = Cli::parse();
    let outcome = gatefold_ops::logging::start(log.as_deref())
        .map_err(commands::Error::from)
        .and_then(|()| match command {
            Command::Edge(arguments) => commands::edge::run(&arguments),
            Command::Keys(arguments) => commands::keys::run(&arguments),
            Command::Seal(arguments) => commands::seal::run(&arguments),
            Command::Unseal(arguments) => commands::unseal::run(&arguments),
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::from(error.exit_status())
        }
    }
}

/// Tells the person who ran the command what went wrong, if they still listen.
fn complain(error: &commands::Error) {
    let _ = writeln!(io::stderr(), "gatefold: {error}");
}
