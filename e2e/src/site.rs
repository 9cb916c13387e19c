//! Starts the site itself to be tested, with its database: the one place that knows how that is done.

mod instance;
mod library;
mod shelves;

use std::{
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use gatefold_media::bucket::Buckets;
use gatefold_testkit::{
    databases::{Database, Postgres},
    network::{CLIENT_DOMAIN, Network, Pds},
};
use tempfile::TempDir;

pub use instance::Instance;
pub use library::Library;
pub use shelves::Shelves;

use self::shelves::Servers;
use crate::{Result, actors::Reach, command, links::form};

/// What is asked of people's accounts, in the order of its spelling.
pub const SCOPES: &str = "atproto repo:fm.plyr.like repo:fm.plyr.track";

/// Where a site keeps everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// In a file.
    Sqlite,
    /// In a database server.
    Postgres,
}

/// What a site is to authorization servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// One without a key, on a loopback address.
    Public,
    /// One with a key, at an https name behind a proxy.
    Confidential,
}

/// How a site is to be set up.
pub struct Setup {
    /// Where it keeps everything.
    pub keeping: Keeping,
    /// What it is to authorization servers.
    pub client: Client,
    /// The PDS that it asks for handles; that of everybody, unless it is said.
    pub pds: Option<Pds>,
    /// How many steps of signing in it takes in a minute.
    pub auth: u32,
    /// Where it counts requests together with others.
    pub redis: Option<String>,
    /// The registry that it asks who supports whom; none, unless it is said.
    pub registry: Option<String>,
    /// Where the bytes of tracks are.
    pub shelves: Shelves,
    /// How what is not for everybody is delivered.
    pub delivery: &'static str,
    /// Further lines of `[server]`.
    pub more: &'static str,
    /// What it logs, which [`Instance::log`] gives.
    pub log: &'static str,
}

/// Whoever runs all tests at once is one client.
const UNLIMITED: u32 = 1_000_000;

impl Setup {
    /// The usual one.
    #[must_use]
    pub fn new(keeping: Keeping, client: Client) -> Self {
        Self {
            keeping,
            client,
            pds: None,
            auth: UNLIMITED,
            redis: None,
            registry: None,
            shelves: Shelves::Folders,
            delivery: "sealed",
            more: "",
            log: "warn",
        }
    }

    /// A public client that keeps all in a file.
    #[must_use]
    pub fn small() -> Self {
        Self::new(Keeping::Sqlite, Client::Public)
    }

    /// A confidential client that keeps all in a database server.
    #[must_use]
    pub fn large() -> Self {
        Self::new(Keeping::Postgres, Client::Confidential)
    }
}

/// A site in a process of its own, which ends with this.
pub struct Site {
    /// Its address, as the world writes it: scheme, host and port.
    pub origin: String,
    /// The process that it began with.
    pub first: Instance,
    ground: Ground,
}

/// What a site stands on.
struct Ground {
    network: Network,
    servers: Servers,
    database: Option<Database>,
    setup: Setup,
    folder: TempDir,
}

impl Site {
    /// Starts a site, and blocks until it takes connections.
    ///
    /// # Errors
    /// When it, its database or the network does not start.
    pub async fn start(setup: Setup) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let ground = Ground {
            network: Network::start().await?,
            servers: Servers::start(setup.shelves, &folder.path().join(MEDIA))?,
            database: match setup.keeping {
                Keeping::Sqlite => None,
                Keeping::Postgres => Some(Postgres::start()?.database()?),
            },
            folder,
            setup,
        };
        if ground.database.is_some() {
            command::run(["keys", "columns", "--file", &ground.path(COLUMNS)])?;
        }
        if ground.setup.client == Client::Public {
            let first = ground.instance("first", None)?;
            let origin = format!("http://{}", first.address);
            return Ok(Self {
                origin,
                first,
                ground,
            });
        }
        command::run(["keys", "oauth", "--file", &ground.path(CLIENT)])?;
        let name = own_name();
        let origin = format!("https://{name}");
        let first = ground.instance("first", Some(&origin))?;
        let base = format!("http://{}", first.address);
        ground.network.client(&name, Some(&base)).await?;
        Ok(Self {
            origin,
            first,
            ground,
        })
    }

    /// Starts another process of the same site, on the same database.
    ///
    /// # Errors
    /// When it does not start.
    pub fn another(&self) -> Result<Instance> {
        self.ground.instance("another", Some(&self.origin))
    }

    /// Kills the process that it began with, at once and without a word, and starts another one where that
    /// listened.
    ///
    /// # Errors
    /// When it does not start.
    pub fn kill_and_restart(&mut self) -> Result {
        self.first.kill()?;
        let url = match self.ground.setup.client {
            Client::Public => None,
            Client::Confidential => Some(self.origin.clone()),
        };
        let address = self.first.address;
        self.first = self.ground.instance_at("first", url.as_deref(), address)?;
        Ok(())
    }

    /// The network in which its people are.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.ground.network
    }

    /// Its database, when that is one of a server.
    #[must_use]
    pub fn database(&self) -> Option<&Database> {
        self.ground.database.as_ref()
    }

    /// How it is reached.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.at(&self.first)
    }

    /// How it is reached when one of its processes is the one that answers.
    #[must_use]
    pub fn at(&self, instance: &Instance) -> Reach {
        Reach::new(instance.address, &self.origin)
    }

    /// By what authorization servers know it.
    #[must_use]
    pub fn client_id(&self) -> String {
        match self.ground.setup.client {
            Client::Confidential => format!("{}/oauth-client-metadata.json", self.origin),
            Client::Public => {
                let redirect = format!("{}/auth/callback", self.origin);
                let query = form(&[("redirect_uri", &redirect), ("scope", SCOPES)]);
                format!("http://localhost?{query}")
            }
        }
    }

    /// Where it keeps the bytes of tracks.
    #[must_use]
    pub fn media(&self) -> PathBuf {
        self.ground.folder.path().join(MEDIA)
    }

    /// The buckets in which it keeps them, for another process.
    ///
    /// # Errors
    /// When they cannot be opened.
    pub fn buckets(&self) -> Result<Buckets> {
        self.ground.servers.buckets(&self.media())
    }

    /// Where its public copies are read: what stands before their keys.
    #[must_use]
    pub fn public_base(&self) -> String {
        let public = self.ground.servers.public();
        public.map_or_else(
            || format!("{}/media/", self.origin),
            |url| format!("{url}/"),
        )
    }

    /// The S3 server that has its buckets, when they are not folders.
    #[must_use]
    pub fn s3(&self) -> Option<String> {
        self.ground.servers.endpoint()
    }

    /// How what is not for everybody is delivered.
    #[must_use]
    pub fn delivery(&self) -> &'static str {
        self.ground.setup.delivery
    }

    /// The file with its client's keys.
    #[must_use]
    pub fn client_keys(&self) -> PathBuf {
        self.ground.folder.path().join(CLIENT)
    }

    /// The file with the keys of its columns.
    #[must_use]
    pub fn column_keys(&self) -> PathBuf {
        self.ground.folder.path().join(COLUMNS)
    }

    /// The address of its database.
    #[must_use]
    pub fn database_url(&self) -> String {
        self.ground.database_url()
    }

    /// The file of its database, together with what SQLite keeps beside it.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn database_files(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for entry in fs::read_dir(self.ground.folder.path())? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(FILE) {
                bytes.extend(fs::read(entry.path())?);
            }
        }
        Ok(bytes)
    }
}

impl Ground {
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn database_url(&self) -> String {
        match &self.database {
            Some(database) => database.url.clone(),
            None => format!("sqlite:{}", self.path(FILE)),
        }
    }

    fn instance(&self, name: &str, url: Option<&str>) -> Result<Instance> {
        self.instance_at(name, url, SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    fn instance_at(&self, name: &str, url: Option<&str>, address: SocketAddr) -> Result<Instance> {
        let config = self.folder.path().join(format!("{name}.toml"));
        fs::write(&config, self.toml(url, address)?)?;
        let log = self.folder.path().join(format!("{name}.log"));
        Instance::start(&config, log, url.is_some())
    }

    fn toml(&self, url: Option<&str>, address: SocketAddr) -> Result<String> {
        let Setup {
            client,
            auth,
            log,
            delivery,
            ..
        } = self.setup;
        let more = self.setup.more;
        let folder = self.folder.path().display();
        let mut toml = format!(
            r#"[log]
filter = "{log}"
[server]
listen = "{address}"
admin = "127.0.0.1:0"
name = "The site under test"
secrets = '{folder}'
development = true
{more}
"#
        );
        if let Some(url) = url {
            writeln!(toml, "url = \"{url}\"")?;
        }
        let kept = self.database_url();
        write!(
            toml,
            "[server.database]
url = '{kept}'
keys = '{folder}/{COLUMNS}'
[server.rates]
general = {UNLIMITED}
auth = {auth}
upload = {UNLIMITED}
"
        )?;
        if let Some(redis) = &self.setup.redis {
            writeln!(toml, "redis = '{redis}'")?;
        }
        let registry = self.setup.registry.as_deref().unwrap_or_default();
        write!(
            toml,
            "[server.delivery]
kind = '{delivery}'
[server.supporters]
registry = '{registry}'
[server.media]
folder = '{folder}/{MEDIA}'
"
        )?;
        self.servers.write(&mut toml)?;
        let network = &self.network;
        let pds = self.setup.pds.as_ref();
        let handles = pds.map_or(&network.pds_url, |pds| &pds.url);
        write!(
            toml,
            r#"[server.oauth]
scope = "{SCOPES}"
plc = "{}"
handle_resolver = "{handles}"
"#,
            network.plc_url
        )?;
        if client == Client::Confidential {
            writeln!(toml, "keys = '{folder}/{CLIENT}'")?;
        }
        Ok(toml)
    }
}

/// The names of a site's files.
const FILE: &str = "gatefold.db";
const COLUMNS: &str = "columns.json";
const CLIENT: &str = "oauth.json";
const MEDIA: &str = "media";

/// A name that no other site has, in this run and in no other of this machine.
fn own_name() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    format!("site-{}-{number}.{CLIENT_DOMAIN}", process::id())
}
