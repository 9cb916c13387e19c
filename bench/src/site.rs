//! The site itself: what a play costs before a byte of it is heard, and who asks.
//!
//! There is no other server to run beside it: what the reference service reaches was recorded
//! elsewhere, on a similar machine, and is printed as such.

pub(crate) mod ground;
mod report;

use std::{io::stderr, sync::atomic::AtomicBool, time::Duration};

use clap::Args;
use sha2::{Digest, Sha256};

use self::{
    ground::{Ground, Site, get},
    report::{Measured, Report},
};
use crate::{
    connection::{Connection, Request},
    cores,
    error::Error,
    load::{Load, Sample},
    run, say, seconds,
    server::cpu_time,
    workload::Expected,
};

/// How long the rounds are that come before those that count.
const WARM_UP: Duration = Duration::from_millis(500);

/// What `gatefold-bench site` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Rounds for each kind of request
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Length of a round
    #[arg(long, default_value_t = 1.0, value_parser = seconds)]
    seconds: f64,
    /// Connections that ask at the same time
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    connections: u16,
    /// Run even though this is a debug build
    #[arg(long)]
    allow_debug: bool,
}

/// A kind of request, and what the reference service was seen to reach with it.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) recorded: Recorded,
    /// How many times as much we want to reach.
    pub(crate) aim: f64,
    status: u16,
    request: fn(&Ground) -> String,
}

/// What was recorded of the reference service, elsewhere.
#[derive(Clone, Copy)]
pub(crate) struct Recorded {
    /// Requests per second of one core.
    pub(crate) requests: f64,
    /// Milliseconds at 8 connections.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "GET /audio, public",
        recorded: recorded(277.0, 29.0, 42.0),
        aim: 100.0,
        status: 307,
        request: |ground| get(&ground.public, None),
    },
    Kind {
        name: "GET /audio, gated",
        recorded: recorded(56.0, 118.0, 498.0),
        aim: 300.0,
        status: 307,
        request: |ground| get(&ground.gated, Some(&ground.fan)),
    },
    Kind {
        name: "GET /audio, 401",
        recorded: recorded(258.0, 31.0, 47.0),
        aim: 100.0,
        status: 401,
        request: |ground| get(&ground.gated, None),
    },
    Kind {
        name: "GET /auth/me",
        recorded: recorded(206.0, 38.0, 53.0),
        aim: 100.0,
        status: 200,
        request: |ground| get("/auth/me", Some(&ground.fan)),
    },
];

const fn recorded(requests: f64, p50: f64, p99: f64) -> Recorded {
    Recorded { requests, p50, p99 }
}

/// Measures a site, and prints what it found.
pub(crate) fn measure(arguments: &Arguments) -> Result<Report, Error> {
    if cfg!(debug_assertions) && !arguments.allow_debug {
        return Err(Error::DebugBuild);
    }
    let stop = run::watch_for_interrupts()?;
    let ground = Ground::make()?;
    let cores = cores::choose();
    let is_pinned = cores.is_some_and(|cores| cores::pin(cores.server));
    let site = Site::start(&ground)?;
    let is_pinned = is_pinned && cores.is_some_and(|cores| cores::pin(cores.load));
    let bench = Bench {
        arguments,
        site: &site,
        stop: &stop,
    };
    let mut asked = Vec::new();
    for kind in KINDS {
        asked.push((kind, bench.request(kind, &ground)?, Vec::new()));
    }
    for (kind, request, _) in &asked {
        say(&mut stderr(), &format!("{} …", kind.name));
        bench.round(request, WARM_UP)?;
    }
    // In turns, so that none of them has all of a good or a bad time.
    for _ in 0..arguments.rounds {
        for (_, request, samples) in &mut asked {
            let span = Duration::from_secs_f64(arguments.seconds);
            samples.push(bench.round(request, span)?);
        }
    }
    let measured = asked
        .into_iter()
        .map(|(kind, _, samples)| Measured::of(kind, &samples));
    let measured = measured.collect::<Option<Vec<_>>>();
    Ok(Report {
        measured: measured.ok_or_else(|| Error::wrong("rounds are too short: raise --seconds"))?,
        connections: arguments.connections,
        is_pinned,
        resident: site.resident()?,
    })
}

struct Bench<'a> {
    arguments: &'a Arguments,
    site: &'a Site,
    stop: &'a AtomicBool,
}

impl Bench<'_> {
    /// A request, with the answer that it has to have: the first one, if its status is right.
    fn request(&self, kind: Kind, ground: &Ground) -> Result<Request, Error> {
        let bytes = (kind.request)(ground).replace(ground::HOST, &self.site.address.to_string());
        let mut connection = Connection::open(self.site.address)?;
        let (status, body) = connection.fetch(bytes.as_bytes())?;
        if status != kind.status {
            let body = String::from_utf8_lossy(&body);
            return Err(Error::wrong(format_args!(
                "{}: {status}, {body}",
                kind.name
            )));
        }
        Ok(Request {
            bytes: bytes.into_bytes(),
            expected: Expected {
                status,
                len: body.len() as u64,
                content_range: None,
                sha256: Sha256::digest(&body).into(),
            },
        })
    }

    fn round(&self, request: &Request, span: Duration) -> Result<Sample, Error> {
        let load = Load {
            address: self.site.address,
            requests: std::slice::from_ref(request),
            connections: usize::from(self.arguments.connections),
            stop: self.stop,
        };
        let process = self.site.process();
        load.round(span, || cpu_time(&[process]))
    }
}
