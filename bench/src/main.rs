//! Compares whole server processes: this project's media edge and nginx, which serve the same
//! files behind signed URLs, in alternating rounds. `README.md` says how to read the result.

mod catalogue;
mod clock;
mod connection;
mod cores;
mod error;
mod load;
mod matrix;
mod memory;
mod peers;
mod report;
mod response;
mod rounds;
mod run;
mod server;
mod site;
mod stats;
mod workload;

use std::{
    io::{Write, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};

use crate::{
    error::Error,
    matrix::{Against, Kept, Measure},
    peers::{gatefold, nginx},
};

/// Compares the media edge with nginx: both serve the same files behind signed URLs on one core,
/// and are asked in alternating rounds from another
#[derive(Parser)]
#[command(name = "gatefold-bench", version)]
struct Cli {
    #[command(subcommand)]
    peer: Option<PeerCommand>,
    #[command(flatten)]
    options: Options,
}

/// What else there is to measure; and this program is also the peers' processes.
#[derive(Subcommand)]
enum PeerCommand {
    /// Measures the site itself: what a play costs before a byte of it is heard, and who asks
    Site(site::Arguments),
    /// Measures whether the site answers from a great many tracks as it does from a few
    Catalogue(catalogue::Arguments),
    #[command(name = gatefold::COMMAND, hide = true)]
    Gatefold(gatefold::Arguments),
    #[command(name = nginx::COMMAND, hide = true)]
    Nginx(nginx::Arguments),
}

#[derive(Args)]
struct Options {
    /// Pairs of rounds for each kind of request
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Length of a round
    #[arg(long, default_value_t = 1.0, value_parser = seconds)]
    seconds: f64,
    /// Connections that ask at the same time
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    connections: u16,
    /// Compare only kinds of requests whose name contains this, for example `64 KiB`
    #[arg(long, default_value = "")]
    only: String,
    /// Where the edge keeps what it serves; all comparisons without
    #[arg(long, value_enum)]
    kept: Option<Kept>,
    /// Where nginx has what it serves; all comparisons without
    #[arg(long, value_enum)]
    against: Option<Against>,
    /// What to measure
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["speed", "memory", "flood"])]
    measure: Vec<Measure>,
    /// The nginx to compare with
    #[arg(long, value_name = "PROGRAM", default_value = "/usr/sbin/nginx")]
    nginx: PathBuf,
    /// Let nginx keep files open and trust what it knows of them for a minute
    #[arg(long)]
    nginx_open_file_cache: bool,
    /// Print JSON with every round instead of a table
    #[arg(long)]
    json: bool,
    /// Run even though this is a debug build
    #[arg(long)]
    allow_debug: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.1..=60.0).contains(&seconds) {
        Ok(seconds)
    } else {
        Err("a round takes 0.1 to 60 seconds".to_owned())
    }
}

fn main() -> ExitCode {
    let Cli { peer, options } = Cli::parse();
    let outcome = match peer {
        Some(PeerCommand::Site(arguments)) => site::measure(&arguments)
            .map(|report| say(&mut stdout(), report.to_string().trim_end())),
        Some(PeerCommand::Catalogue(arguments)) => catalogue::measure(&arguments)
            .map(|report| say(&mut stdout(), report.to_string().trim_end())),
        Some(PeerCommand::Gatefold(arguments)) => gatefold::serve(&arguments),
        Some(PeerCommand::Nginx(arguments)) => nginx::serve(&arguments),
        None => run::compare(&options).and_then(|report| {
            let text = if options.json {
                serde_json::to_string_pretty(&report).map_err(Error::wrong)?
            } else {
                report.to_string()
            };
            say(&mut stdout(), text.trim_end());
            Ok(())
        }),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&mut stderr(), &format!("gatefold-bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes one line. A closed output is no reason to stop.
fn say(to: &mut impl Write, line: &str) {
    let _ = writeln!(to, "{line}").and_then(|()| to.flush());
}
