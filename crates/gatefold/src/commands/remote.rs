//! What the commands share that speak to a server in a person's name.

pub(super) mod browser;
pub(super) mod credentials;
mod error;
pub(super) mod loopback;
pub(super) mod patience;
pub(super) mod progress;
pub(super) mod several;
pub(super) mod table;
pub(super) mod words;

use std::path::{Path, PathBuf};

use clap::Args;
use gatefold_client::{Client, Server, Token};
use gatefold_ops::{config::variable, secrets, shutdown::Stops};
use tokio::runtime;

use self::credentials::{Credentials, Kept};
pub(crate) use error::{RemoteError, Shown};

/// The variable with a token. It is no option: what is typed is read by whoever looks at processes.
const TOKEN: &str = "GATEFOLD_TOKEN";

/// Which server, and where what it is shown is kept.
#[derive(Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct Place {
    /// The server, for example `https://music.example.com`; otherwise the one that you signed in to
    /// last
    #[arg(long, env = "GATEFOLD_URL", value_name = "URL")]
    server: Option<Server>,
    /// Where `gatefold login` keeps what it shows to servers (~/.config/gatefold otherwise)
    #[arg(long, env = "GATEFOLD_HOME", value_name = "FOLDER")]
    home: Option<PathBuf>,
}

/// How to reach a server, and as whom.
#[derive(Args)]
pub(crate) struct Connection {
    #[command(flatten)]
    place: Place,
    /// Show the token in this file, which only you may read, instead of what `gatefold login` keeps.
    /// The variable `GATEFOLD_TOKEN` may hold a token, too
    #[arg(long, env = "GATEFOLD_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// A server that can be asked.
pub(super) struct Remote {
    pub(super) client: Client,
    pub(super) shown: Shown,
    /// When that ends, as the server said, if it is known.
    pub(super) expires_at: Option<String>,
}

impl Place {
    /// Where sessions are kept.
    pub(super) fn credentials(&self) -> Result<Credentials, RemoteError> {
        let folder = match &self.home {
            Some(folder) => folder.clone(),
            None => usual_folder().ok_or(RemoteError::NoHome)?,
        };
        Ok(Credentials::in_folder(&folder))
    }

    /// The server that is named, or the one of the last sign-in.
    pub(super) fn server(&self, kept: &Kept) -> Result<Server, RemoteError> {
        let named = self.server.clone().or_else(|| kept.current());
        named.ok_or(RemoteError::NoServer)
    }
}

impl Connection {
    /// The server, with a token where there is one.
    pub(super) fn open(&self) -> Result<Remote, RemoteError> {
        let kept = self.place.credentials()?.read()?;
        let server = self.place.server(&kept)?;
        let client = Client::new(server)?;
        if let Some(path) = &self.token_file {
            let token = token_in(path)?;
            return Ok(Remote::new(client, token, Shown::File(path.clone())));
        }
        if let Some(text) = variable(TOKEN) {
            let token = text
                .parse()
                .map_err(|_| RemoteError::NoToken(TOKEN.to_owned()))?;
            return Ok(Remote::new(client, token, Shown::Variable));
        }
        match kept.entry(client.server()) {
            None => Ok(Remote {
                client,
                shown: Shown::Nothing,
                expires_at: None,
            }),
            Some(entry) => Ok(Remote {
                expires_at: entry.expires_at.clone(),
                ..Remote::new(client, entry.token.clone(), Shown::Kept)
            }),
        }
    }

    /// The same where nothing can be done without a token.
    pub(super) fn open_signed_in(&self) -> Result<Remote, RemoteError> {
        let remote = self.open()?;
        if remote.client.shows_token() {
            return Ok(remote);
        }
        Err(remote.not_signed_in())
    }
}

impl Remote {
    fn new(client: Client, token: Token, shown: Shown) -> Self {
        Self {
            client: client.with_token(token),
            shown,
            expires_at: None,
        }
    }

    /// Works until it is done or interrupted; either way, what it has begun and not finished is undone
    /// by dropping it.
    pub(super) fn run<T>(
        &self,
        work: impl AsyncFnOnce(&Client) -> Result<T, RemoteError>,
    ) -> Result<T, RemoteError> {
        let done = run(work(&self.client));
        done.map_err(|error| match error {
            RemoteError::Client(gatefold_client::ClientError::NotSignedIn { .. }) => {
                self.not_signed_in()
            }
            error => error,
        })
    }

    fn not_signed_in(&self) -> RemoteError {
        RemoteError::NotSignedIn {
            server: self.client.server().clone(),
            shown: self.shown.clone(),
        }
    }
}

/// Works until it is done or interrupted.
pub(super) fn run<T>(work: impl Future<Output = Result<T, RemoteError>>) -> Result<T, RemoteError> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(async {
        let stops = Stops::listen()?;
        tokio::select! {
            biased;
            done = work => done,
            () = stops.requested() => Err(RemoteError::Interrupted),
        }
    });
    // Nothing is waited for that still reads.
    runtime.shutdown_background();
    done
}

/// The day of a moment that ISO 8601 writes.
pub(super) fn day(moment: &str) -> &str {
    moment.split('T').next().unwrap_or(moment)
}

/// The token in a file.
fn token_in(path: &Path) -> Result<Token, RemoteError> {
    let none = || RemoteError::NoToken(path.display().to_string());
    let text = secrets::read(path)?.ok_or_else(none)?;
    let text = str::from_utf8(&text).map_err(|_| none())?;
    text.parse().map_err(|_| none())
}

/// The folder of this person's settings, as the XDG Base Directory Specification has it.
fn usual_folder() -> Option<PathBuf> {
    let said = variable("XDG_CONFIG_HOME").map(PathBuf::from);
    let said = said.filter(|folder| folder.is_absolute());
    let folder = said.or_else(|| Some(std::env::home_dir()?.join(".config")));
    Some(folder?.join("gatefold"))
}
