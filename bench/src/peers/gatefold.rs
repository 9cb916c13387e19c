//! This project's edge in a process of its own, which keeps slices of what an origin has.

mod sealed;

use std::{net::SocketAddr, num::NonZero, sync::Arc, thread, time::Duration};

use axum::Router;
use clap::Args;
use gatefold_edge::{
    CacheOptions, Edge, EdgeOptions, Freshness, Origins, TagKey,
    origin::web::{WebOptions, WebOrigin},
    server::{Limits, Listeners, Server as EdgeServer},
    sessions::NoSessions,
};
use gatefold_net::{Client, ClientOptions, SystemResolver, Upstreams};
use gatefold_ops::{SystemClock, shutdown};
use gatefold_seal::Opener;
use tokio::runtime::{self, Handle};

use self::sealed::Sealed;
use crate::{
    cores,
    error::{Doing, Error},
    matrix::Kept,
    peers::{Home, Peer, Place},
    server::{Ready, Server, stop_with_parent},
};

/// The name of the hidden command that is this peer.
pub(crate) const COMMAND: &str = "serve-gatefold";

/// How the edge's process runs.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: Place,
    #[arg(long, value_enum)]
    kept: Kept,
    #[arg(long)]
    origin: SocketAddr,
    #[arg(long)]
    limited: bool,
}

/// Starts the edge, which with `limited` soon stops looking at what a client sends who has sent
/// wrong URLs, as the product does.
pub(crate) fn start(
    home: Home,
    kept: Kept,
    origin: SocketAddr,
    limited: bool,
) -> Result<Peer, Error> {
    let mut command = home.place.command(COMMAND)?;
    command.args(["--kept", kept.name(), "--origin", &origin.to_string()]);
    if limited {
        command.arg("--limited");
    }
    let server = Server::start("gatefold", &mut command)?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(Peer::new("gatefold", version, server, home))
}

/// Is the edge, on as many cores as the process may use.
pub(crate) fn serve(arguments: &Arguments) -> Result<(), Error> {
    stop_with_parent()?;
    gatefold_ops::logging::start(None).map_err(Error::wrong)?;
    // Before the runtime, which counts the cores that it may use.
    let pinned = arguments.place.core.is_some_and(cores::pin);
    let mut builder = runtime::Builder::new_multi_thread();
    let runtime = builder.enable_all().build().doing("start a runtime")?;
    let sealed = Sealed::make()?;
    let edge = edge(arguments, sealed.opener, runtime.handle().clone())?;
    let server = EdgeServer::new(Arc::new(edge), limits(arguments.limited));
    let server = server.map_err(Error::wrong)?;
    runtime.block_on(async {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let listeners = Listeners::bind(([127, 0, 0, 1], 0).into(), cores).doing("listen")?;
        let ready = Ready {
            address: listeners.address(),
            pinned,
            targets: sealed.targets,
            unknown: sealed.unknown,
            broken: sealed.broken,
        };
        ready.announce()?;
        let stop = async {
            let _ = shutdown::requested().await;
        };
        let served = server.serve_on_cores(listeners, Router::new(), stop);
        served.await.doing("serve")
    })
}

/// The product's limits, except for those on one client: the bench is a single one.
fn limits(limited: bool) -> Limits {
    let limits = Limits {
        at_once: 0,
        ..Limits::default()
    };
    if limited {
        Limits {
            // Forgives nothing during a run, so that the answers to a flood are all the same.
            forgiven_after: Duration::from_hours(24 * 365),
            ..limits
        }
    } else {
        Limits {
            failed_opens: 0,
            ..limits
        }
    }
}

/// The edge.
fn edge(arguments: &Arguments, opener: Arc<Opener>, background: Handle) -> Result<Edge, Error> {
    let cache = match arguments.kept {
        Kept::Memory => CacheOptions::default(),
        Kept::Disk => CacheOptions {
            memory: 0,
            folder: Some(arguments.place.own.join("slices")),
            ..CacheOptions::default()
        },
    };
    let edge = Edge::new(EdgeOptions {
        opener,
        origins: Origins {
            https: Some(Arc::new(web(arguments.origin)?)),
            ..Origins::default()
        },
        cache,
        // As long as nginx is told to believe what it keeps: the origin is out of the comparison.
        freshness: Freshness {
            fresh: Duration::from_hours(24),
            ..Freshness::default()
        },
        sessions: Arc::new(NoSessions),
        tag_key: TagKey::from_bytes([1; 32].into()),
        clock: Arc::new(SystemClock),
        overrun: 600,
        background,
    });
    edge.map_err(Error::wrong)
}

/// The way to the origin, which has the name that sealed URLs say.
fn web(origin: SocketAddr) -> Result<WebOrigin, Error> {
    let upstream = format!("http://{origin}").parse().map_err(Error::wrong)?;
    let mut upstreams = Upstreams::default();
    upstreams
        .insert(sealed::HOST, upstream)
        .map_err(Error::wrong)?;
    let options = ClientOptions {
        upstreams,
        ..ClientOptions::default()
    };
    let client = Client::new(options, Arc::new(SystemResolver)).map_err(Error::wrong)?;
    let hosts = vec![sealed::HOST.parse().map_err(Error::wrong)?];
    let options = WebOptions { hosts, fresh: None };
    Ok(WebOrigin::new(client, options))
}
