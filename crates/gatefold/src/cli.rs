//! The command line: what can be asked, and where each request goes.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::{CommandFactory, Parser, Subcommand};

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
    /// Run the site, with its accounts and pages
    Serve(commands::serve::Arguments),
    /// Run an edge, which opens sealed URLs and streams what they name
    Edge(commands::edge::Arguments),
    /// Tell what can be configured, and what is
    Config(commands::config::Arguments),
    /// Look at a deployment, and say what is wrong with it and what to do
    Doctor(commands::doctor::Arguments),
    /// Make, list and retire the keys of an edge, of those who seal for it, and of a site
    Keys(commands::keys::Arguments),
    /// Make a sealed URL
    Seal(commands::seal::Arguments),
    /// Make a ticket, by which a person shows at an edge elsewhere who asks
    Ticket(commands::ticket::Arguments),
    /// Say what a sealed URL holds, and whether its edge would accept it
    Unseal(commands::unseal::Arguments),
    /// Work on a site's database, beside running servers
    Admin(commands::admin::Arguments),
    /// Read uploaded media, as a process of a server; not for people
    #[command(hide = true)]
    ReadMedia(commands::read_media::Arguments),
    /// Sign in to a server, in your browser
    Login(commands::login::Arguments),
    /// Say as whom you are signed in to a server
    Whoami(commands::whoami::Arguments),
    /// Sign out of a server
    Logout(commands::logout::Arguments),
    /// Say how you show yourself as an artist, who can upload then
    Profile(commands::profile::Arguments),
    /// Upload audio, and make tracks of it
    Upload(commands::upload::Arguments),
    /// List tracks, everybody's or your own
    List(commands::list::Arguments),
    /// Keep the files of tracks that you may hear, where their artists let you
    Download(commands::download::Arguments),
    /// Say who may hear a track of yours
    Gate(commands::gate::Arguments),
    /// Delete tracks of yours
    Delete(commands::delete::Arguments),
    /// List, make and revoke your developer tokens, which are for programs
    Tokens(commands::tokens::Arguments),
    /// Print what a shell needs to complete this command
    Completions(commands::shell::Completions),
    /// Print the manual page, or write those of all commands
    Man(commands::shell::Manual),
}

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let Cli { command, log } = Cli::parse();
    let outcome = dispatch(command, log.as_deref());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::from(error.exit_status())
        }
    }
}

fn dispatch(command: Command, log: Option<&str>) -> Result<(), commands::Error> {
    // A server may say in its configuration what is logged; what reads media opens nothing.
    if !matches!(
        command,
        Command::Edge(_) | Command::Serve(_) | Command::Admin(_) | Command::ReadMedia(_)
    ) {
        gatefold_ops::logging::start(log)?;
    }
    match command {
        Command::Serve(arguments) => commands::serve::run(&arguments, log),
        Command::Edge(arguments) => commands::edge::run(&arguments, log),
        Command::Config(arguments) => commands::config::run(&arguments),
        Command::Doctor(arguments) => commands::doctor::run(&arguments),
        Command::Keys(arguments) => commands::keys::run(&arguments),
        Command::Seal(arguments) => commands::seal::run(&arguments),
        Command::Ticket(arguments) => commands::ticket::run(&arguments),
        Command::Unseal(arguments) => commands::unseal::run(&arguments),
        Command::Admin(arguments) => commands::admin::run(&arguments, log),
        Command::ReadMedia(arguments) => commands::read_media::run(&arguments),
        Command::Login(arguments) => commands::login::run(&arguments),
        Command::Whoami(arguments) => commands::whoami::run(&arguments),
        Command::Logout(arguments) => commands::logout::run(&arguments),
        Command::Profile(arguments) => commands::profile::run(&arguments),
        Command::Upload(arguments) => commands::upload::run(&arguments),
        Command::List(arguments) => commands::list::run(&arguments),
        Command::Download(arguments) => commands::download::run(&arguments),
        Command::Gate(arguments) => commands::gate::run(&arguments),
        Command::Delete(arguments) => commands::delete::run(&arguments),
        Command::Tokens(arguments) => commands::tokens::run(&arguments),
        Command::Completions(arguments) => commands::shell::completions(&arguments, Cli::command()),
        Command::Man(arguments) => commands::shell::manual(&arguments, Cli::command()),
    }
}

/// Tells the person who ran the command what went wrong, if they still listen.
fn complain(error: &commands::Error) {
    let _ = writeln!(io::stderr(), "gatefold: {error}");
}
