//! The site itself: accounts and pages, from the configuration to a server.

mod admin;
pub(crate) mod buckets;
pub(crate) mod build;
pub(crate) mod demo;
pub(crate) mod keys;
mod play;
pub(crate) mod sealing;
mod works;

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use gatefold_app::{accounts::Accounts, playing::Playing};
use gatefold_domain::Clock;
use gatefold_edge::server::Listeners;
use gatefold_oauth::ClientConfigError;
use gatefold_ops::{SystemClock, reload::Hangups, secrets::SecretError, shutdown::Stops};
use gatefold_store::{InvalidDatabaseUrl, OpenError, StoreError};
use gatefold_web::{InvalidSite, limits::RedisUnavailable};
use tokio::{net::TcpListener, sync::oneshot};

use crate::{
    config,
    edge::{EdgeError, listener},
};
use admin::Admin;
use buckets::BucketsError;
use build::{Address, Built};
use keys::KeysError;
use sealing::{Sealing, SealingError};

/// Why the site does not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SiteError {
    #[error("cannot listen on {address}: {cause} (set server.listen to another address)")]
    Listen {
        address: SocketAddr,
        cause: io::Error,
    },
    #[error("cannot listen on {address}: {cause} (set server.admin to another address)")]
    ListenAdmin {
        address: SocketAddr,
        cause: io::Error,
    },
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("server.database.url: {0}")]
    DatabaseUrl(#[from] InvalidDatabaseUrl),
    #[error("{0}")]
    Database(#[from] OpenError),
    #[error("server.url: {0}")]
    Url(#[from] InvalidSite),
    #[error("server.oauth: {0}")]
    Client(#[from] ClientConfigError),
    #[error("server.oauth.scope: {0}")]
    Scope(#[from] gatefold_oauth::InvalidScopes),
    #[error("server.oauth.{key}: this is no address of a server")]
    Server { key: &'static str },
    #[error("the certificates of the system: {0}")]
    Roots(#[from] gatefold_net::RootsError),
    #[error("the name servers of the system are not configured: {0}")]
    Dns(#[from] gatefold_oauth::dns::DnsError),
    #[error("server.rates.redis: {0}")]
    Redis(#[from] RedisUnavailable),
    #[error(transparent)]
    Sealing(#[from] SealingError),
    #[error(transparent)]
    Edge(#[from] EdgeError),
    #[error(
        "server.supporters.registry: nothing can be asked there (plain http is for server.development)"
    )]
    Registry,
    #[error(transparent)]
    Buckets(#[from] BucketsError),
    #[error("the demonstration listens on loopback only, not on {0}: try 127.0.0.1:{port}", port = .0.port())]
    DemoElsewhere(SocketAddr),
    #[error(
        "this database is a demonstration's, whose people are nobody: take another one \
         (server.database.url), or run `gatefold serve --demo`"
    )]
    IsADemo,
    #[error("this database is a site's, and no demonstration's: name another folder with --data")]
    NotADemo,
    #[error("the demonstration cannot begin: {0}")]
    Demo(Box<dyn std::error::Error + Send + Sync>),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    System(#[from] io::Error),
}

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A site with real people.
    Site,
    /// A demonstration, whose people are nobody.
    Demonstration,
}

/// Runs the site until it is asked to stop. `say` is told what the person who runs it wants to know.
pub(crate) async fn run(
    config: config::Server,
    kind: Kind,
    say: impl Fn(&str) + Clone + Send + Sync + 'static,
) -> Result<(), SiteError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    // First, so that nothing is made by a site that cannot listen.
    let listen = |cause| SiteError::Listen {
        address: config.listen,
        cause,
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let listeners = Listeners::bind(config.listen, cores).map_err(listen)?;
    let admin_listener = match config.admin {
        Some(address) => {
            let bound = TcpListener::bind(address).await;
            let bound = bound.map_err(|cause| SiteError::ListenAdmin { address, cause })?;
            say(&format!("Admin: http://{}/", bound.local_addr()?));
            Some(bound)
        }
        None => None,
    };
    let mut hangups = Hangups::listen()?;
    let stop = Stops::listen()?;

    let address = Address::of(&config, listeners.address());
    if config.url.is_some() {
        // Where the proxy before it finds it: of port 0 nobody knows otherwise what became.
        say(&format!("Listening: http://{}/", listeners.address()));
    }
    let Built {
        server,
        service,
        accounts,
        playing,
        sealing,
        edge,
        news,
        work,
        metrics,
        stopping,
    } = build::build(&config, kind, &address, clock, &say).await?;
    let (done, until) = oneshot::channel::<()>();
    let admin = admin_listener.map(|listener| {
        let admin = Admin {
            accounts: Arc::clone(&accounts),
            edge,
            metrics,
        };
        tokio::spawn(listener::serve(listener, admin.router(), async {
            let _ = until.await;
        }))
    });
    let working = tokio::spawn({
        let accounts = Arc::clone(&accounts);
        async move { tokio::join!(accounts.work(), news.work(), work.work()) }
    });
    let reloading = tokio::spawn({
        let keys = Reloaded {
            client: config.oauth.keys.clone(),
            accounts: Arc::clone(&accounts),
            sealing: Arc::new(sealing),
            playing,
        };
        async move {
            loop {
                hangups.next().await;
                match keys.read().await {
                    Ok(()) => say("Read the keys again"),
                    Err(error) => tracing::error!(%error, "keys are as they were"),
                }
            }
        }
    });
    let served = server
        .serve_on_cores(listeners, service, async {
            stop.requested().await;
            stopping.begin();
        })
        .await;
    reloading.abort();
    working.abort();
    // Aborted, and over now: nothing new is asked for.
    let _ = working.await;
    drop(done);
    if let Some(admin) = admin {
        let _ = admin.await;
    }
    accounts.close().await;
    Ok(served?)
}

/// The keys that are read again when that is asked for.
struct Reloaded {
    client: Option<PathBuf>,
    accounts: Arc<Accounts>,
    sealing: Arc<Sealing>,
    playing: Arc<Playing>,
}

impl Reloaded {
    /// Reads them. What cannot be used stays as it was, and what can is in force.
    async fn read(&self) -> Result<(), SiteError> {
        let sealing = Arc::clone(&self.sealing);
        let read = tokio::task::spawn_blocking(move || sealing.read());
        let sealer = read.await.map_err(io::Error::other)?;
        if let Some(path) = &self.client {
            self.accounts.set_client_keys(keys::client(path)?)?;
        }
        self.playing.set_sealer(sealer?);
        Ok(())
    }
}
