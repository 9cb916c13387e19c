//! An edge that stands alone: its keys, its addresses, its start and its end.

pub(crate) mod admin;
pub(crate) mod build;
pub(crate) mod keys;
pub(crate) mod listener;
mod public;
pub(crate) mod token;

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use gatefold_domain::Clock;
use gatefold_edge::server::Listeners;
use gatefold_ops::{
    SystemClock, config::Loaded, reload::Hangups, secrets::SecretError, shutdown::Stops,
};
use tokio::{net::TcpListener, sync::oneshot};

use crate::config::Config;
use admin::Admin;
use build::{BuildError, Built};
use keys::{Keys, KeysError};

/// Why an edge does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EdgeError {
    #[error("cannot listen on {address}: {cause} (set {key} to another address)")]
    Listen {
        key: &'static str,
        address: SocketAddr,
        cause: io::Error,
    },
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("{} does not hold what the edge put there: move it away, and a new one is made", .0.display())]
    NotASecret(PathBuf),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error("{0}")]
    System(#[from] io::Error),
}

/// Runs an edge until it is asked to stop. `say` is told what the person who runs it wants to know.
pub(crate) async fn run(
    loaded: Loaded<Config>,
    say: impl Fn(&str) + Clone + Send + Sync + 'static,
) -> Result<(), EdgeError> {
    let config = loaded.config.edge;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    // First, so that nothing is made by an edge that cannot listen.
    let listeners = listen(config.listen, cores(config.cores))?;
    let admin_listener = match config.admin {
        Some(address) => Some(bind("edge.admin", address).await?),
        None => None,
    };
    let (mut hangups, stops) = (Hangups::listen()?, Stops::listen()?);

    let keyring_is_usual = !loaded.places.contains_key("edge.keyring");
    if keyring_is_usual && config.listen.ip().is_loopback() {
        keys::make_if_missing(&config.keyring, &*clock, &say)?;
    }
    room_for(config.limits.connections);
    let keys = Arc::new(Keys::load(&config.keyring, Arc::clone(&clock))?);
    let Built { server, hooks } = build::build(&config, keys.opener(), Arc::clone(&clock))?;

    let stopping = Arc::new(AtomicBool::new(false));
    let admin = match admin_listener {
        Some(listener) => {
            let address = listener.local_addr()?;
            let admin = Admin {
                token: token::admin(&config)?,
                is_open: address.ip().is_loopback(),
                started: clock.now(),
                clock,
                stopping: Arc::clone(&stopping),
                keys: Arc::clone(&keys),
                hooks,
            };
            let (done, until) = oneshot::channel::<()>();
            let task = tokio::spawn(listener::serve(listener, admin.router(), async {
                let _ = until.await;
            }));
            say(&format!("Admin: http://{address}/"));
            Some((task, done))
        }
        None => None,
    };
    let reloading = tokio::spawn({
        let (keys, say) = (Arc::clone(&keys), say.clone());
        async move {
            loop {
                hangups.next().await;
                match keys.reload().await {
                    Ok(counts) => say(&format!("Read the keyring again: {counts}")),
                    Err(error) => {
                        tracing::error!(%error, "the keyring is as it was");
                    }
                }
            }
        }
    });

    let counts = keys.counts();
    say(&format!("Keys: {counts}"));
    if counts.minters == 0 {
        say(
            "Nobody can seal for this edge yet: see `gatefold keys new minter --help`, then reload",
        );
    }
    say(&format!("Ready: http://{}/", listeners.address()));
    let stop = {
        let stopping = Arc::clone(&stopping);
        async move {
            stops.requested().await;
            stopping.store(true, Ordering::Relaxed);
        }
    };
    let served = server
        .serve_on_cores(listeners, public::router(stopping), stop)
        .await;
    reloading.abort();
    if let Some((task, done)) = admin {
        drop(done);
        let _ = task.await;
    }
    Ok(served?)
}

/// Asks for as many open files as so many connections can need: each its own, one to an origin and one
/// of a slice that it is sent, and those that the cache holds open. What the system does not allow is
/// said, and found out by those who come last.
fn room_for(connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX);
    let wanted = wanted.saturating_mul(3).saturating_add(1024);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return;
    }
    let allowed = maximum.map_or(wanted, |maximum| wanted.min(maximum));
    let limit = Rlimit {
        current: Some(allowed),
        maximum,
    };
    if allowed < wanted || setrlimit(Resource::Nofile, limit).is_err() {
        tracing::warn!(
            wanted,
            allowed,
            "the system allows fewer open files than so many connections can need"
        );
    }
}

/// So many cores; 0 for as many as the process may use.
pub(crate) fn cores(configured: u16) -> usize {
    match configured {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        cores => cores.into(),
    }
}

/// Listens for the public.
fn listen(address: SocketAddr, cores: usize) -> Result<Listeners, EdgeError> {
    Listeners::bind(address, cores).map_err(|cause| EdgeError::Listen {
        key: "edge.listen",
        address,
        cause,
    })
}

async fn bind(key: &'static str, address: SocketAddr) -> Result<TcpListener, EdgeError> {
    TcpListener::bind(address)
        .await
        .map_err(|cause| EdgeError::Listen {
            key,
            address,
            cause,
        })
}
