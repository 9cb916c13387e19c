//! This project's edge in a process of its own, over a folder of files.

use std::sync::Arc;

use axum::Router;
use clap::{Args, ValueEnum};
use gatefold_domain::Clock;
use gatefold_edge::{
    CacheOptions, Edge, EdgeOptions, Freshness, Origins, TagKey,
    origin::folder::Folders,
    server::{self, Limits},
    sessions::NoSessions,
};
use gatefold_ops::{SystemClock, shutdown, system_random};
use gatefold_seal::{
    EdgePrivateKey, Keyring, LONGEST_LIFETIME, Minter, MinterKey, Opener, Scope, Source,
    UnixSeconds,
};
use tokio::{
    net::TcpListener,
    runtime::{self, Handle},
};

use crate::{
    cores,
    error::{Doing, Error},
    peers::{Peer, Place, SITE},
    server::{Ready, Server, stop_with_parent},
    workload::{self, FOLDER},
};

/// The name of the hidden command that is this peer.
pub(crate) const COMMAND: &str = "serve-gatefold";

/// How the edge's process runs.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: Place,
    #[arg(long, value_enum)]
    pub(crate) runtime: Runtime,
}

/// Which of tokio's schedulers drives the edge.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Runtime {
    /// As the product does: a worker per core that the process may use
    #[default]
    MultiThread,
    /// One thread
    CurrentThread,
}

impl Runtime {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::MultiThread => "multi-thread",
            Self::CurrentThread => "current-thread",
        }
    }
}

/// Starts the edge.
pub(crate) fn start(place: &Place, runtime: Runtime) -> Result<Peer, Error> {
    let mut command = place.command(COMMAND)?;
    command.args(["--runtime", runtime.name()]);
    Ok(Peer {
        name: "gatefold",
        version: env!("CARGO_PKG_VERSION").to_owned(),
        server: Server::start("gatefold", &mut command)?,
    })
}

/// Is the edge.
pub(crate) fn serve(arguments: &Arguments) -> Result<(), Error> {
    stop_with_parent()?;
    gatefold_ops::logging::start(None).map_err(Error::wrong)?;
    // Before the runtime, which counts the cores that it may use.
    let pinned = arguments.place.core.is_some_and(cores::pin);
    let mut builder = match arguments.runtime {
        Runtime::MultiThread => runtime::Builder::new_multi_thread(),
        Runtime::CurrentThread => runtime::Builder::new_current_thread(),
    };
    let runtime = builder.enable_all().build().doing("start a runtime")?;
    let (edge, targets) = edge(&arguments.place, runtime.handle().clone())?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.doing("listen")?;
        let ready = Ready {
            address: listener.local_addr().doing("listen")?,
            pinned,
            targets,
        };
        ready.announce()?;
        let stop = async {
            let _ = shutdown::requested().await;
        };
        let limits = Limits::default();
        let served = server::serve(listener, Arc::new(edge), Router::new(), limits, stop);
        served.await.doing("serve")
    })
}

/// The edge, and a sealed URL for each file.
fn edge(place: &Place, background: Handle) -> Result<(Edge, Vec<String>), Error> {
    let rng = &mut system_random();
    let (edge, minter) = (EdgePrivateKey::generate(rng), MinterKey::generate(rng));
    let clock = Arc::new(SystemClock);
    let now = UnixSeconds::from(clock.now());
    let seal = Minter::new(*edge.public(), minter.clone(), LONGEST_LIFETIME);
    let seal = seal.map_err(Error::wrong)?;
    let targets = workload::names().map(|name| {
        let source = Source::parse(&format!("files:{name}"), Some(FOLDER));
        let sealed = seal.mint(source.map_err(Error::wrong)?, SITE, now);
        Ok(sealed.map_err(Error::wrong)?.path())
    });
    let targets = targets.collect::<Result<_, Error>>()?;

    let mut keyring = Keyring::new();
    keyring.add_edge(edge).map_err(Error::wrong)?;
    let scope = Scope {
        folders: vec![FOLDER.to_owned()],
        clients: vec![SITE.parse().map_err(Error::wrong)?],
        // A window that ends during the run does not end the run.
        grace: LONGEST_LIFETIME,
        ..Scope::default()
    };
    keyring.add_minter(minter, scope).map_err(Error::wrong)?;
    let root = place.scratch.join("files");
    let edge = Edge::new(EdgeOptions {
        opener: Arc::new(Opener::new(keyring)),
        origins: Origins {
            files: Some(Arc::new(Folders::new(&root).doing("read the files")?)),
            ..Origins::default()
        },
        cache: CacheOptions::default(),
        freshness: Freshness::default(),
        sessions: Arc::new(NoSessions),
        tag_key: TagKey::from_bytes([1; 32].into()),
        clock,
        overrun: 600,
        background,
    });
    Ok((edge.map_err(Error::wrong)?, targets))
}
