//! A whole run: starts the servers, compares them, and sums up.

use std::{
    io::stderr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use gatefold_ops::{shutdown, system_random};
use rustix::process::{Resource, getrlimit, setrlimit};

use crate::{
    Options,
    cores::{self, Cores},
    error::{Doing, Error},
    matrix::{Measure, Pairing, pairings},
    memory::{Footprint, Footprints, Hold, growth},
    peers::{Home, Peer, gatefold, nginx},
    report::{Compared, Comparison, Report, Setting},
    rounds::{Asked, Rounds},
    say,
    server::Server,
    workload::{Library, Part, WORKLOADS, Workload},
};

/// Compares all that was chosen.
pub(crate) fn compare(options: &Options) -> Result<Report, Error> {
    if cfg!(debug_assertions) && !options.allow_debug {
        return Err(Error::DebugBuild);
    }
    let named = |workload: &Workload| workload.name.contains(&options.only);
    let workloads: Vec<_> = WORKLOADS.into_iter().filter(named).collect();
    if workloads.is_empty() {
        return Err(Error::wrong(
            "no kind of request is called that: see --only",
        ));
    }
    let stop = watch_for_interrupts()?;
    raise_open_files();
    let program = std::env::current_exe().doing("find this program")?;
    let beside = program.parent().unwrap_or(&program);
    let library = Library::create(beside, &mut system_random())?;
    let cores = cores::choose();
    let home = Home::create(library.scratch(), cores.map(|cores| cores.server))?;
    let origin = nginx::origin(&home.place, &options.nginx)?;
    let bench = Bench {
        options,
        library: &library,
        cores,
        origin: &origin,
        rounds: Rounds {
            count: options.rounds,
            span: Duration::from_secs_f64(options.seconds),
            connections: usize::from(options.connections),
            stop: &stop,
        },
    };
    let chosen = pairings(options.kept, options.against);
    let mut setting = None;
    let (mut compared, mut flood) = (Vec::new(), Vec::new());
    for (number, pairing) in chosen.into_iter().enumerate() {
        let peers = bench.start(pairing)?;
        setting.get_or_insert_with(|| bench.setting(&peers));
        // What nobody may have is refused before it matters where it is kept.
        if number == 0 && options.measure.contains(&Measure::Flood) {
            flood = bench.flood(pairing, &peers)?;
        }
        let comparisons = if options.measure.contains(&Measure::Speed) {
            bench.speed(pairing, &peers, &workloads)?
        } else {
            Vec::new()
        };
        drop(peers);
        let memory = if options.measure.contains(&Measure::Memory) {
            Some(bench.memory(pairing)?)
        } else {
            None
        };
        compared.push(Compared {
            pairing,
            comparisons,
            memory,
        });
    }
    Ok(Report {
        setting: setting.ok_or_else(|| Error::wrong("nothing to compare"))?,
        pairings: compared,
        flood,
    })
}

struct Bench<'a> {
    options: &'a Options,
    library: &'a Library,
    cores: Option<Cores>,
    origin: &'a Server,
    rounds: Rounds<'a>,
}

/// Which of a peer's targets are meant.
type Targets = fn(&Peer) -> &[String];

/// Two servers that have been checked.
struct Peers {
    gatefold: Peer,
    nginx: Peer,
    /// The cores of servers and load, where all of them stay on theirs.
    pinned: Option<Cores>,
}

impl Bench<'_> {
    /// A folder for one more server.
    fn home(&self) -> Result<Home, Error> {
        let core = self.cores.map(|cores| cores.server);
        Home::create(self.library.scratch(), core)
    }

    /// Starts two servers with nothing in their caches.
    fn start(&self, Pairing { kept, against }: Pairing) -> Result<Peers, Error> {
        let origin = self.origin.ready.address;
        let options = self.options;
        let gatefold = gatefold::start(self.home()?, kept, origin, false)?;
        let open_file_cache = options.nginx_open_file_cache;
        let nginx = nginx::start(
            self.home()?,
            &options.nginx,
            open_file_cache,
            against,
            origin,
        )?;
        // Only now, so that a peer that could not be pinned does not inherit the load's core.
        let pinned = self.cores.filter(|cores| {
            gatefold.server.ready.pinned && nginx.server.ready.pinned && cores::pin(cores.load)
        });
        gatefold.check()?;
        nginx.check()?;
        Ok(Peers {
            gatefold,
            nginx,
            pinned,
        })
    }

    /// Answers per CPU second, from caches that have everything.
    fn speed(
        &self,
        pairing: Pairing,
        peers: &Peers,
        workloads: &[Workload],
    ) -> Result<Vec<Comparison>, Error> {
        let all = self.everything();
        for peer in [&peers.gatefold, &peers.nginx] {
            peer.warm(&peer.requests(&all)?)?;
        }
        let compare = |workload: &Workload| {
            say(&mut stderr(), &format!("{pairing}: {} …", workload.name));
            let parts = self.library.parts(*workload);
            self.rounds.compare(
                workload.name,
                Asked {
                    peer: &peers.gatefold,
                    requests: &peers.gatefold.requests(&parts)?,
                },
                Asked {
                    peer: &peers.nginx,
                    requests: &peers.nginx.requests(&parts)?,
                },
            )
        };
        workloads.iter().map(compare).collect()
    }

    /// Refusals per CPU second: of the edge that looks at every token, and of the edge as it is,
    /// which no longer looks at those of a client who has sent so many wrong ones.
    fn flood(&self, pairing: Pairing, peers: &Peers) -> Result<Vec<Comparison>, Error> {
        let origin = self.origin.ready.address;
        let limited = gatefold::start(self.home()?, pairing.kept, origin, true)?;
        let (open, nginx) = (&peers.gatefold, &peers.nginx);
        let unknown: Targets = |peer| &peer.server.ready.unknown;
        let broken: Targets = |peer| &peer.server.ready.broken;
        let kinds = [
            ("unknown key", open, unknown, 403),
            ("broken ciphertext", open, broken, 403),
            ("broken, limited", &limited, broken, 429),
        ];
        let compare = |(name, gatefold, targets, status): (_, &Peer, Targets, _)| {
            say(&mut stderr(), &format!("flood: {name} …"));
            self.rounds.compare(
                name,
                Asked {
                    peer: gatefold,
                    requests: &gatefold.refused(targets(gatefold), status)?,
                },
                Asked {
                    peer: nginx,
                    requests: &nginx.refused(targets(nginx), 403)?,
                },
            )
        };
        kinds.into_iter().map(compare).collect()
    }

    /// Memory per connection, each time of servers that have just been started.
    fn memory(&self, pairing: Pairing) -> Result<Footprints, Error> {
        say(&mut stderr(), &format!("{pairing}: memory …"));
        Ok(Footprints {
            idle: self.footprint(pairing, Hold::Idle)?,
            stalled: self.footprint(pairing, Hold::Stalled)?,
        })
    }

    fn footprint(&self, pairing: Pairing, hold: Hold) -> Result<Footprint, Error> {
        let peers = self.start(pairing)?;
        let [small, _, whole] = WORKLOADS;
        let parts = match hold {
            Hold::Idle => self.library.parts(small),
            Hold::Stalled => self.library.parts(whole),
        };
        let grown = |peer: &Peer| {
            peer.warm(&peer.requests(&self.everything())?)?;
            let grown = growth(peer, &peer.requests(&parts)?, hold, self.rounds.stop);
            grown.map_err(|error| error.of(peer.name))
        };
        Ok(Footprint {
            gatefold: grown(&peers.gatefold)?,
            nginx: grown(&peers.nginx)?,
        })
    }

    /// Every part that is ever asked for.
    fn everything(&self) -> Vec<Part> {
        let parts = |workload| self.library.parts(workload);
        WORKLOADS.into_iter().flat_map(parts).collect()
    }

    fn setting(&self, peers: &Peers) -> Setting {
        let options = self.options;
        let system = rustix::system::uname();
        let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
        let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let of_processors = |field: &'static str| {
            let lines = processors.lines().filter_map(|line| line.split_once(':'));
            lines.filter(move |(name, _)| name.trim() == field)
        };
        let processor = of_processors("model name").next();
        Setting {
            gatefold: peers.gatefold.version.clone(),
            nginx: peers.nginx.version.clone(),
            nginx_open_file_cache: options.nginx_open_file_cache,
            debug_build: cfg!(debug_assertions),
            kernel: format!("{} {}", text(system.sysname()), text(system.release())),
            processor: processor
                .map_or("unknown processor", |(_, name)| name.trim())
                .to_owned(),
            cores: of_processors("processor").count(),
            pinned: peers.pinned,
            connections: usize::from(options.connections),
            rounds: usize::from(options.rounds),
            seconds: options.seconds,
        }
    }
}

/// Lets this process and those that it starts have as many connections as the system allows.
fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where that fails, whatever it is too little for says so.
    let _ = setrlimit(Resource::Nofile, limit);
}

/// Notes an interrupt instead of dying of it, so that processes and files are cleaned up.
pub(crate) fn watch_for_interrupts() -> Result<Arc<AtomicBool>, Error> {
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
