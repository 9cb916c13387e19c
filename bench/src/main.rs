//! Compares whole server processes: this project's media edge and nginx, which serve the same
//! files behind signed URLs, in alternating rounds. `README.md` says how to read the result.

mod clock;
mod connection;
mod cores;
mod error;
mod load;
mod peers;
mod report;
mod response;
mod server;
mod stats;
mod workload;

use std::{
    io::{Write, stderr, stdout},
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use gatefold_ops::{shutdown, system_random};

use crate::{
    cores::Cores,
    error::{Doing, Error},
    load::{Load, Sample},
    peers::{Peer, Place, gatefold, nginx},
    report::{Comparison, Pair, Report, Setting},
    server::cpu_time,
    workload::{Library, Part, WORKLOADS, Workload},
};

/// How long the rounds are that come before those that count.
const WARM_UP: Duration = Duration::from_millis(300);

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

/// This program is also the peers' processes.
#[derive(Subcommand)]
enum PeerCommand {
    #[command(name = gatefold::COMMAND, hide = true)]
    Gatefold(gatefold::Arguments),
    #[command(name = nginx::COMMAND, hide = true)]
    Nginx(nginx::Arguments),
}

#[derive(Args)]
struct Options {
    /// Pairs of rounds for each kind of request
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Length of a round
    #[arg(long, default_value_t = 1.2, value_parser = seconds)]
    seconds: f64,
    /// Connections that ask at the same time
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    connections: u16,
    /// Compare only kinds of requests whose name contains this, for example `64 KiB`
    #[arg(long, default_value = "")]
    only: String,
    /// Which of tokio's schedulers drives the edge
    #[arg(long, value_enum, default_value_t)]
    edge_runtime: gatefold::Runtime,
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
        Some(PeerCommand::Gatefold(arguments)) => gatefold::serve(&arguments),
        Some(PeerCommand::Nginx(arguments)) => nginx::serve(&arguments),
        None => compare(&options).and_then(|report| {
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

fn compare(options: &Options) -> Result<Report, Error> {
    if cfg!(debug_assertions) && !options.allow_debug {
        return Err(Error::DebugBuild);
    }
    let stop = watch_for_interrupts()?;
    let program = std::env::current_exe().doing("find this program")?;
    let beside = program.parent().unwrap_or(&program);
    let library = Library::create(beside, &mut system_random())?;
    let cores = cores::choose();
    let place = Place::new(
        library.scratch().to_owned(),
        cores.map(|cores| cores.server),
    );
    let gatefold = gatefold::start(&place, options.edge_runtime)?;
    let nginx = nginx::start(&place, &options.nginx, options.nginx_open_file_cache)?;
    // Only now, so that a peer that could not be pinned does not inherit the load's core.
    let pinned = cores.filter(|cores| {
        gatefold.server.ready.pinned && nginx.server.ready.pinned && cores::pin(cores.load)
    });
    gatefold.check()?;
    nginx.check()?;

    let rounds = Rounds {
        options,
        stop: &stop,
        gatefold: &gatefold,
        nginx: &nginx,
    };
    let chosen = WORKLOADS
        .into_iter()
        .filter(|workload| workload.name.contains(&options.only));
    let comparisons = chosen.map(|workload| {
        say(&mut stderr(), &format!("{} …", workload.name));
        rounds.compare(workload, &library.parts(workload))
    });
    let comparisons: Vec<_> = comparisons.collect::<Result<_, _>>()?;
    if comparisons.is_empty() {
        return Err(Error::wrong(
            "no kind of request is called that: see --only",
        ));
    }
    Ok(Report {
        comparisons,
        setting: setting(options, &gatefold, &nginx, pinned),
    })
}

struct Rounds<'a> {
    options: &'a Options,
    stop: &'a AtomicBool,
    gatefold: &'a Peer,
    nginx: &'a Peer,
}

impl Rounds<'_> {
    fn compare(&self, workload: Workload, parts: &[Part]) -> Result<Comparison, Error> {
        let round = |peer: &Peer, span: Duration| self.round(peer, parts, span);
        round(self.gatefold, WARM_UP)?;
        round(self.nginx, WARM_UP)?;
        let span = Duration::from_secs_f64(self.options.seconds);
        let mut pairs = Vec::new();
        for number in 0..self.options.rounds {
            // Who goes first changes, so that neither always runs on a core that the other heated.
            let pair = if number % 2 == 0 {
                let gatefold = round(self.gatefold, span)?;
                let nginx = round(self.nginx, span)?;
                Pair { gatefold, nginx }
            } else {
                let nginx = round(self.nginx, span)?;
                let gatefold = round(self.gatefold, span)?;
                Pair { gatefold, nginx }
            };
            pairs.push(pair);
        }
        Comparison::of(workload.name, pairs)
            .ok_or_else(|| Error::wrong("rounds are too short to measure: raise --seconds"))
    }

    fn round(&self, peer: &Peer, parts: &[Part], span: Duration) -> Result<Sample, Error> {
        let requests = peer.requests(parts)?;
        let load = Load {
            address: peer.server.ready.address,
            requests: &requests,
            connections: usize::from(self.options.connections),
            stop: self.stop,
        };
        let processes = peer.server.processes()?;
        let sample = load.round(span, || cpu_time(&processes));
        sample.map_err(|error| match error {
            Error::Wrong(what) => Error::Wrong(format!("{}: {what}", peer.name)),
            error => error,
        })
    }
}

/// Notes an interrupt instead of dying of it, so that processes and files are cleaned up.
fn watch_for_interrupts() -> Result<Arc<AtomicBool>, Error> {
    let stop = Arc::new(AtomicBool::new(false));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .doing("listen for interrupts")?;
    let noted = Arc::clone(&stop);
    std::thread::spawn(move || {
        if runtime.block_on(shutdown::requested()).is_ok() {
            noted.store(true, Ordering::Relaxed);
        }
    });
    Ok(stop)
}

fn setting(options: &Options, gatefold: &Peer, nginx: &Peer, pinned: Option<Cores>) -> Setting {
    let system = rustix::system::uname();
    let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let of_processors = |field: &'static str| {
        let lines = processors.lines().filter_map(|line| line.split_once(':'));
        lines.filter(move |(name, _)| name.trim() == field)
    };
    let processor = of_processors("model name").next();
    Setting {
        gatefold: gatefold.version.clone(),
        nginx: nginx.version.clone(),
        edge_runtime: options.edge_runtime.name(),
        nginx_open_file_cache: options.nginx_open_file_cache,
        debug_build: cfg!(debug_assertions),
        kernel: format!("{} {}", text(system.sysname()), text(system.release())),
        processor: processor
            .map_or("unknown processor", |(_, name)| name.trim())
            .to_owned(),
        cores: of_processors("processor").count(),
        pinned,
        connections: usize::from(options.connections),
        rounds: usize::from(options.rounds),
        seconds: options.seconds,
    }
}
