//! What a site stands on: a database with people and tracks, made before it starts; and the site, a
//! process of the command that was built beside this program.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_app::{
    accounts::SecretHash,
    publishing::{Publishing, Recording},
};
use gatefold_domain::{AudioFormat, Clock, Did, Gate, SessionId, Timestamp, Visibility};
use gatefold_media::bucket::{Bucket, Buckets};
use gatefold_ops::{SystemClock, system_random};
use gatefold_store::{
    Crypter, KeyFile, NewExchangeToken, NewSecret, Options, Profile, Shown, Store, TokenFor,
};
use gatefold_testkit::registry::Registry;
use rand_core::Rng;
use tempfile::TempDir;

use crate::error::{Doing, Error};

/// Stands for the site's address in requests that are made before it has one.
pub(crate) const HOST: &str = "the-site";
/// How many tracks there are besides those that are asked for.
const TRACKS: u32 = 1000;
const ARTIST: &str = "did:web:artist.example.com";
const FAN: &str = "did:web:fan.example.com";
const DAY: Duration = Duration::from_hours(24);

/// Everything that is there before the site is.
pub(crate) struct Ground {
    folder: TempDir,
    registry: Registry,
    _runtime: tokio::runtime::Runtime,
    /// Paths under `/audio/`.
    pub(super) public: String,
    pub(super) gated: String,
    /// The session of somebody who supports the artist.
    pub(super) fan: String,
}

impl Ground {
    pub(super) fn make() -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .doing("start a runtime")?;
        let folder = tempfile::tempdir().doing("make a folder")?;
        let (registry, public, gated, fan) = runtime
            .block_on(furnish(folder.path()))
            .map_err(|error| Error::wrong(format_args!("cannot furnish a site: {error}")))?;
        Ok(Self {
            folder,
            registry,
            _runtime: runtime,
            public,
            gated,
            fan,
        })
    }
}

/// A request, as a browser would send it, of somebody with this session.
pub(crate) fn get(path: &str, session: Option<&str>) -> String {
    let cookie = session.map(|session| format!("Cookie: session_id={session}\r\n"));
    let cookie = cookie.unwrap_or_default();
    format!(
        "GET {path} HTTP/1.1\r\nHost: {HOST}\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n\
         Accept: */*\r\nAccept-Language: en\r\nSec-Fetch-Site: same-origin\r\n{cookie}\r\n"
    )
}

/// A database in a folder.
pub(crate) fn database_in(folder: &Path) -> String {
    format!("sqlite:{}/gatefold.db", folder.display())
}

/// Opens a new database, whose keys are kept in a folder.
pub(crate) async fn open(folder: &Path, database: &str, now: Timestamp) -> Result<Store, Anything> {
    let keys = KeyFile::generate(&mut system_random(), now);
    std::fs::create_dir(folder.join("secrets"))?;
    gatefold_ops::secrets::write_new(&folder.join("secrets/columns.json"), &keys.to_json())?;
    let crypter = Crypter::new(&keys, Box::new(system_random()))?;
    Ok(Store::open(&database.parse()?, crypter, Options::default(), now).await?)
}

pub(crate) type Anything = Box<dyn std::error::Error + Send + Sync>;

async fn furnish(folder: &Path) -> Result<(Registry, String, String, String), Anything> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let now = Timestamp::from(clock.now());
    let store = open(folder, &database_in(folder), now).await?;
    let (artist, fan): (Did, Did) = (ARTIST.parse()?, FAN.parse()?);
    for did in [&artist, &fan] {
        store.accounts().seen(did, None, now).await?;
    }
    let profile = Profile {
        display_name: "The Tram",
        support_url: None,
        ..Profile::default()
    };
    store.artists().put(&artist, profile, now).await?;
    let buckets = Buckets {
        private: Bucket::folder(&folder.join("media/private"))?,
        public: Bucket::folder(&folder.join("media/public"))?,
    };
    let publishing = Publishing::new(store.clone(), buckets, clock, Box::new(system_random()));
    let publish = async |gate| -> Result<String, Anything> {
        let recording = Recording {
            artist: &artist,
            title: "Night Tram",
            format: AudioFormat::Mp3,
            duration: Duration::from_mins(3),
            gate,
            visibility: Visibility::Public,
        };
        let published = publishing.publish(recording, &b"a song"[..]).await?;
        Ok(format!("/audio/{}", published.file))
    };
    for _ in 0..TRACKS {
        publish(Gate::SignedIn).await?;
    }
    let (public, gated) = (publish(Gate::Open).await?, publish(Gate::Supporters).await?);
    let session = sign_in(&store, &fan, now).await?;
    store.close().await;
    let registry = Registry::start().await?;
    registry.add(FAN, ARTIST);
    Ok((registry, public, gated, session))
}

/// A session of somebody's browser, as it is when they have signed in.
pub(crate) async fn sign_in(store: &Store, did: &Did, now: Timestamp) -> Result<String, Anything> {
    let mut random = system_random();
    let mut secret = [0; 32];
    random.fill_bytes(&mut secret);
    let shown = Base64UrlUnpadded::encode_string(&secret);
    let hash = SecretHash::of(&shown).ok_or("no secret")?;
    let mut id = || {
        let mut bytes = [0; 16];
        random.fill_bytes(&mut bytes);
        bytes
    };
    let (browser, session) = (SessionId::from_bytes(id()), SessionId::from_bytes(id()));
    let tokens = store.exchange_tokens();
    let token = hash.as_bytes();
    tokens
        .put(NewExchangeToken {
            hash: token,
            did,
            grant: &id(),
            what: TokenFor::Browser {
                browser,
                binding: token,
            },
            session_expires: now.after(DAY),
            expires: now.after(DAY),
        })
        .await?;
    let proof = Shown {
        binding: Some(token),
        ..Shown::default()
    };
    let new = NewSecret {
        id: session,
        hash: *token,
        public_id: None,
    };
    let redeemed = tokens.redeem(token, proof, None, now, |_| new).await?;
    redeemed.ok_or("no session")?;
    Ok(shown)
}

/// The site, which ends with this.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    child: Child,
    /// It may say more, and must not end because nobody listens.
    _output: BufReader<ChildStdout>,
}

impl Site {
    /// Starts it where this thread runs.
    pub(super) fn start(ground: &Ground) -> Result<Self, Error> {
        let folder = ground.folder.path();
        Self::start_in(folder, &database_in(folder), &ground.registry.url)
    }

    /// Starts one that keeps its files in a folder, on this database.
    pub(crate) fn start_in(folder: &Path, database: &str, registry: &str) -> Result<Self, Error> {
        let config = folder.join("gatefold.toml");
        let folder = folder.display();
        let toml = format!(
            "[log]\nfilter = \"warn\"\n[server]\nlisten = \"127.0.0.1:0\"\nadmin = \"\"\n\
             secrets = '{folder}/secrets'\ndevelopment = true\n\
             [server.database]\nurl = '{database}'\nkeys = '{folder}/secrets/columns.json'\n\
             [server.media]\nfolder = '{folder}/media'\n\
             [server.supporters]\nregistry = '{registry}'\n\
             [server.rates]\ngeneral = 1000000000\n"
        );
        std::fs::write(&config, toml).doing("write a configuration")?;
        let program = program()?;
        let mut child = Command::new(&program)
            .args(["serve", "--config"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .doing(format_args!("start {}", program.display()))?;
        let output = child.stdout.take();
        let mut output = BufReader::new(output.ok_or_else(|| Error::wrong("no output"))?);
        let mut line = String::new();
        while output.read_line(&mut line).doing("hear of the site")? > 0 {
            if let Some(there) = line.trim_end().strip_prefix("Ready: http://") {
                let address = there.trim_end_matches('/').parse().map_err(Error::wrong)?;
                return Ok(Self {
                    address,
                    child,
                    _output: output,
                });
            }
            line.clear();
        }
        let _ = child.wait();
        Err(Error::wrong("the site ended before it was ready"))
    }

    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Its resident memory in bytes.
    pub(super) fn resident(&self) -> Result<u64, Error> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).doing("read what the site takes")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        kib.map(|kib| kib.saturating_mul(1024))
            .ok_or_else(|| Error::wrong("the site's memory is unreadable"))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command, which was built beside this program.
fn program() -> Result<PathBuf, Error> {
    let this = std::env::current_exe().doing("find this program")?;
    let command = this.with_file_name("gatefold");
    if command.is_file() {
        return Ok(command);
    }
    Err(Error::wrong(
        "there is no gatefold beside this program: build it with `cargo build --release -p gatefold`",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_one_head_with_a_session_or_none() {
        for (session, cookie) in [(None, None), (Some("s3"), Some("session_id=s3"))] {
            let text = get("/auth/me", session);
            assert!(text.starts_with("GET /auth/me HTTP/1.1\r\n"), "{text}");
            // An empty line would end the head, and what follows would be another request.
            let head = text.strip_suffix("\r\n\r\n").unwrap();
            assert!(head.split("\r\n").all(|line| !line.is_empty()), "{text}");
            assert_eq!(text.matches(HOST).count(), 1, "{text}");
            let mut lines = text.lines();
            let found = lines.find_map(|line| line.strip_prefix("Cookie: "));
            assert_eq!(found, cookie);
        }
    }
}
