//! A demonstration on one machine: an edge, a minter, music and a page that plays it.
//!
//! Everything here is real but the people: the page's own origin is the client that its URLs are
//! bound to. Nothing of it is meant to be reached from elsewhere, so it listens on loopback only.

mod api;
mod keys;
mod library;
mod page;

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use gatefold_domain::Clock;
use gatefold_edge::{
    CacheOptions, DiskError, Edge, EdgeOptions, Freshness, Origins,
    origin::folder::Folders,
    server::{self, Limits},
    sessions::NoSessions,
};
use gatefold_ops::secrets::SecretError;
use gatefold_seal::{DuplicateId, Keyring, Minter, Opener, Scope, WindowError};
use rand_core::CryptoRng;
use tokio::{net::TcpListener, runtime::Handle};

/// The upload folder that the demonstration's URLs name.
const FOLDER: &str = "demo";

/// How a demonstration is set up.
pub struct DemoOptions {
    /// Where keys and music are kept.
    pub data: PathBuf,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The length of a window in seconds: the shortest there is, so that one can watch it end.
    pub lifetime: u64,
    /// How long after its window a URL is still good, in seconds.
    pub grace: u64,
    /// How long after its URL's window an answer may still be on its way, in seconds.
    pub overrun: u64,
}

impl DemoOptions {
    /// The usual demonstration.
    #[must_use]
    pub fn new(data: &Path, clock: Arc<dyn Clock>) -> Self {
        Self {
            data: data.to_owned(),
            clock,
            lifetime: gatefold_seal::SHORTEST_LIFETIME,
            grace: 5,
            overrun: 600,
        }
    }
}

/// Why there is no demonstration.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// It would be reachable from other machines.
    #[error("the demonstration listens on loopback only, not on {0}: try 127.0.0.1:{port}", port = .0.port())]
    NotLoopback(SocketAddr),
    /// A key file is unusable.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A key file holds something else.
    #[error("{} does not hold a key: move it away, and a new one is made", .0.display())]
    NotAKey(PathBuf),
    /// Two keys look alike.
    #[error(transparent)]
    Keyring(#[from] DuplicateId),
    /// The lifetime is out of range.
    #[error(transparent)]
    Window(#[from] WindowError),
    /// The page's own address cannot be a client.
    #[error(transparent)]
    Pattern(#[from] gatefold_seal::InvalidPattern),
    /// The edge cannot be built.
    #[error(transparent)]
    Edge(#[from] DiskError),
    /// The music cannot be written.
    #[error("cannot write the music to {path}: {cause}", path = path.display())]
    Music {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// A demonstration that is ready to serve.
pub struct Demo {
    site: String,
    edge: Arc<Edge>,
    api: api::Api,
}

impl Demo {
    /// Makes keys and music where they are missing, which takes some seconds the first time;
    /// `say` is told what takes long. Blocks, within a tokio runtime.
    ///
    /// # Errors
    /// When `address` is not on loopback, or keys or music can be neither read nor written.
    pub fn prepare(
        options: &DemoOptions,
        address: SocketAddr,
        rng: &mut impl CryptoRng,
        say: impl Fn(&str),
    ) -> Result<Self, DemoError> {
        if !address.ip().is_loopback() {
            return Err(DemoError::NotLoopback(address));
        }
        // As a browser spells it: without the port that http has anyway.
        let site = format!("http://{address}");
        let site = site.strip_suffix(":80").unwrap_or(&site).to_owned();
        let keys = keys::load_or_make(&options.data.join("keys"), rng)?;
        let uploads = options.data.join("uploads");
        library::compose(&uploads.join(FOLDER), say)?;
        let folders = Folders::new(&uploads).map_err(|cause| DemoError::Music {
            path: uploads,
            cause,
        })?;

        let minter = Minter::new(*keys.edge.public(), keys.minter.clone(), options.lifetime)?;
        let mut keyring = Keyring::new();
        keyring.add_edge(keys.edge)?;
        let scope = Scope {
            folders: vec![FOLDER.to_owned()],
            clients: vec![site.parse()?],
            longest_lifetime: options.lifetime,
            grace: options.grace,
            ..Scope::default()
        };
        keyring.add_minter(keys.minter, scope)?;

        let edge = Arc::new(Edge::new(EdgeOptions {
            opener: Arc::new(Opener::new(keyring)),
            origins: Origins {
                files: Some(Arc::new(folders)),
                ..Origins::default()
            },
            cache: CacheOptions::default(),
            freshness: Freshness::default(),
            sessions: Arc::new(NoSessions),
            tag_key: keys.tags,
            clock: Arc::clone(&options.clock),
            overrun: options.overrun,
            background: Handle::current(),
        })?);
        let api = api::Api::new(api::Site {
            origin: site.clone(),
            port: address.port(),
            minter,
            clock: Arc::clone(&options.clock),
            grace: options.grace,
        });
        Ok(Self { site, edge, api })
    }

    /// The address of the page, without a slash at its end.
    #[must_use]
    pub fn site(&self) -> &str {
        &self.site
    }

    /// Serves until `stop` completes.
    ///
    /// # Errors
    /// When no connection can be accepted any more.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        server::serve(
            listener,
            self.edge,
            self.api.router(),
            Limits::default(),
            stop,
        )
        .await
    }
}
