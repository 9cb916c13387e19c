//! Starts an edge to be tested: the one place that knows how that is done.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, ExitStatus, Stdio},
    sync::Arc,
};

use gatefold_testkit::origins::{
    ACCESS_KEY, BUCKET, Nginx, Object, REGION, S3, SECRET_KEY, put, shelf,
};
use tempfile::TempDir;

use crate::{
    Result, command,
    keys::{FOLDER, HOST, Keys},
    process::Vitals,
    subject::{Kind, Subject},
};

/// How an edge is to be set up.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The folder below which upload folders are.
    pub files: Option<PathBuf>,
    /// An S3 server with the private bucket.
    pub bucket: Option<SocketAddr>,
    /// Where [`HOST`] really is.
    pub web: Option<SocketAddr>,
    /// How much is kept in memory.
    pub memory: &'static str,
    /// Where on disk, and how much there.
    pub disk: Option<(PathBuf, &'static str)>,
    /// How long what an origin said of an object is trusted.
    pub fresh: &'static str,
    /// How long a web host may keep silent, before its answer and in it.
    pub patience: &'static str,
    /// The lines of `[edge.limits]`.
    pub limits: &'static str,
    /// Further lines of `[edge]`.
    pub more: &'static str,
    /// What it logs, which [`Edge::log`] gives.
    pub log: &'static str,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            files: None,
            bucket: None,
            web: None,
            memory: "16 MiB",
            disk: None,
            fresh: "30s",
            patience: "15s",
            limits: UNLIMITED,
            more: "",
            log: "warn",
        }
    }
}

/// Whoever runs all tests at once is one client.
const UNLIMITED: &str = "per_client = 0\nfailed_opens = 0\nmin_rate = \"0 B\"";

/// Where the world reaches an edge under test, as it is told; tickets name it.
const AUTHORITY: &str = "edge.example";

/// Where an edge under test logs, in its folder.
const LOG: &str = "edge.log";

/// The size of the pieces in which edges under test fetch, in bytes.
pub const SLICE: usize = 256 * 1024;

impl Setup {
    fn toml(&self, keyring: &Path, secrets: &Path) -> Result<String> {
        let (keyring, secrets) = (keyring.display(), secrets.display());
        let (limits, more, log) = (self.limits, self.more, self.log);
        let mut toml = format!(
            r#"[edge]
listen = "127.0.0.1:0"
admin = "127.0.0.1:0"
url = "https://{AUTHORITY}"
keyring = '{keyring}'
secrets = '{secrets}'
{more}
[log]
filter = "{log}"
[edge.limits]
{limits}
"#
        );
        if let Some(folder) = &self.files {
            let folder = folder.display();
            write!(toml, "[edge.files]\nfolder = '{folder}'\n")?;
        }
        if let Some(server) = self.bucket {
            write!(
                toml,
                r#"[edge.private]
bucket = "{BUCKET}"
endpoint = "http://{server}"
region = "{REGION}"
access_key_id = "{ACCESS_KEY}"
secret_access_key = "{SECRET_KEY}"
"#
            )?;
        }
        if let Some(server) = self.web {
            let patience = self.patience;
            write!(
                toml,
                r#"[edge.https]
hosts = ["{HOST}"]
upstreams = {{ "{HOST}" = "http://{server}" }}
answer_time = "{patience}"
stall_time = "{patience}"
"#
            )?;
        }
        let (memory, fresh) = (self.memory, self.fresh);
        write!(
            toml,
            r#"[edge.cache]
memory = "{memory}"
slice = "256 KiB"
fresh = "{fresh}"
"#
        )?;
        if let Some((folder, size)) = &self.disk {
            let folder = folder.display();
            write!(toml, "folder = '{folder}'\ndisk = \"{size}\"\n")?;
        }
        Ok(toml)
    }
}

/// An edge in a process of its own, which ends with this.
pub struct Edge {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it listens for those who run it.
    pub admin: SocketAddr,
    /// Who mints for it.
    pub keys: Arc<Keys>,
    process: Process,
    folder: TempDir,
}

impl Edge {
    /// Makes keys and starts an edge; blocks until it takes connections.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(setup: &Setup) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let keys = Arc::new(Keys::make(folder.path())?);
        let toml = setup.toml(
            &folder.path().join("keyring.json"),
            &folder.path().join("secrets"),
        )?;
        fs::write(folder.path().join("gatefold.toml"), toml)?;
        let process = Process::start(folder.path())?;
        Ok(Self {
            address: process.address,
            admin: process.admin,
            keys,
            process,
            folder,
        })
    }

    /// The edge as its suite sees it.
    #[must_use]
    pub fn subject(&self, kind: Kind, objects: Vec<Object>) -> Subject {
        Subject {
            address: self.address,
            host: AUTHORITY.to_owned(),
            keys: Arc::clone(&self.keys),
            kind,
            objects,
        }
    }

    /// Kills it as it stands, and starts another on what it left.
    ///
    /// # Errors
    /// When that one does not start.
    pub fn kill_and_restart(&mut self) -> Result {
        self.process.end();
        self.process = Process::start(self.folder.path())?;
        self.address = self.process.address;
        self.admin = self.process.admin;
        Ok(())
    }

    /// The folder of whoever runs it: `keyring.json`, and `secrets/`.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.child.id()
    }

    /// What it has logged so far.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(self.folder.path().join(LOG))?)
    }

    /// Waits for the next line that begins like this; gives the rest of it. Blocks.
    ///
    /// # Errors
    /// When it ends without saying so.
    pub fn says(&mut self, start: &str) -> Result<String> {
        said(&mut self.process.output, start)
    }

    /// How its process ended, if it has.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.process.child.try_wait()?)
    }

    /// What its process holds at the moment.
    ///
    /// # Errors
    /// When it has ended.
    pub fn vitals(&self) -> Result<Vitals> {
        Vitals::of(self.process.child.id())
    }
}

struct Process {
    child: Child,
    address: SocketAddr,
    admin: SocketAddr,
    /// It may say more, and must not end because nobody listens.
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(folder: &Path) -> Result<Self> {
        let mut command = command::gatefold()?;
        let mut log = fs::OpenOptions::new();
        let log = log.create(true).append(true).open(folder.join(LOG))?;
        command
            .args(["edge", "--config"])
            .arg(folder.join("gatefold.toml"))
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let mut output = BufReader::new(output);
        let mut address = |start| {
            let address = said(&mut output, start).map_err(|error| {
                let log = fs::read_to_string(folder.join(LOG)).unwrap_or_default();
                format!("{error}: {log}")
            })?;
            Ok::<SocketAddr, crate::Error>(address.trim_end_matches('/').parse()?)
        };
        let addresses = address("Admin: http://")
            .and_then(|admin| Ok((admin, address("Ready: http://")?)))
            .inspect_err(|_| {
                let _ = child.kill();
                let _ = child.wait();
            });
        let (admin, address) = addresses?;
        Ok(Self {
            child,
            address,
            admin,
            output,
        })
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Reads until a line that begins like this; gives the rest of it.
fn said(output: &mut impl BufRead, start: &str) -> Result<String> {
    let mut line = String::new();
    while output.read_line(&mut line)? > 0 {
        if let Some(rest) = line.strip_prefix(start) {
            return Ok(rest.trim_end().to_owned());
        }
        line.clear();
    }
    Err(format!("the edge ended before it said {start:?}").into())
}

/// An edge over one kind of origin that holds [`shelf`], and all that runs for it.
pub struct Stand {
    /// What the suite is given.
    pub subject: Subject,
    /// The folder behind the origin: what is written there is what the origin holds.
    pub shelf: PathBuf,
    /// The edge.
    pub edge: Edge,
    _origin: Origin,
    _folder: TempDir,
}

enum Origin {
    Folder,
    Web(#[expect(dead_code, reason = "runs until it is dropped")] Nginx),
    Bucket(#[expect(dead_code, reason = "runs until it is dropped")] S3),
}

impl Stand {
    /// Starts both; blocks until the edge takes connections.
    ///
    /// # Errors
    /// When either does not start.
    pub fn start(kind: Kind) -> Result<Self> {
        Self::start_with(kind, Setup::default(), shelf())
    }

    /// The same with other objects and another setup; its origins are filled in.
    ///
    /// # Errors
    /// When either does not start.
    pub fn start_with(kind: Kind, mut setup: Setup, objects: Vec<Object>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let shelf = folder.path().join(match kind {
            Kind::Folder => FOLDER,
            Kind::Web => "web",
            Kind::Bucket => BUCKET,
        });
        put(&shelf, &objects)?;
        let origin = match kind {
            Kind::Folder => {
                setup.files = Some(folder.path().to_owned());
                Origin::Folder
            }
            Kind::Web => {
                let nginx = Nginx::start(&shelf)?;
                setup.web = Some(nginx.address);
                Origin::Web(nginx)
            }
            Kind::Bucket => {
                let server = S3::start(folder.path())?;
                setup.bucket = Some(server.address);
                Origin::Bucket(server)
            }
        };
        let edge = Edge::start(&setup)?;
        Ok(Self {
            subject: edge.subject(kind, objects),
            shelf,
            edge,
            _origin: origin,
            _folder: folder,
        })
    }
}
