//! One file per command; here is what they share.

pub(crate) mod admin;
pub(crate) mod config;
pub(crate) mod delete;
pub(crate) mod doctor;
pub(crate) mod download;
pub(crate) mod edge;
pub(crate) mod gate;
pub(crate) mod keys;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod logout;
mod output;
pub(crate) mod profile;
pub(crate) mod read_media;
mod remote;
pub(crate) mod seal;
pub(crate) mod serve;
pub(crate) mod shell;
pub(crate) mod ticket;
mod time;
pub(crate) mod tokens;
pub(crate) mod unseal;
pub(crate) mod upload;
pub(crate) mod whoami;

use std::{io, net::SocketAddr, path::PathBuf};

use gatefold_edge_core::InvalidEdgeUrl;
use gatefold_ops::{config::ConfigError, logging::LoggingError, secrets::SecretError};
use gatefold_seal::{KeyFileError, MintError, Refusal, Stage, TicketError};

use crate::{
    demo::DemoError,
    edge::EdgeError,
    site::{SiteError, keys::KeysError},
};

/// Why a command failed, in words for the person who ran it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Logging(#[from] LoggingError),
    #[error(transparent)]
    Demo(#[from] DemoError),
    #[error(transparent)]
    Edge(#[from] EdgeError),
    #[error(transparent)]
    Site(#[from] SiteError),
    #[error(transparent)]
    Database(#[from] gatefold_store::StoreError),
    #[error(transparent)]
    SiteKeys(#[from] KeysError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("something is wrong with this deployment: see above")]
    Unwell,
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        address: SocketAddr,
        cause: io::Error,
    },
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("{path}: {cause}", path = path.display())]
    KeyFile { path: PathBuf, cause: KeyFileError },
    #[error("{path}: {cause}", path = path.display())]
    ClientKeys {
        path: PathBuf,
        cause: gatefold_oauth::KeyFileError,
    },
    #[error(transparent)]
    Rotation(#[from] gatefold_oauth::RotationError),
    #[error("{path}: there is no such file; {remedy}", path = path.display())]
    NoFile { path: PathBuf, remedy: &'static str },
    #[error("{path} exists already and is left as it is", path = .0.display())]
    Exists(PathBuf),
    #[error("no key and no minter is called {0:?}: see `gatefold keys list`")]
    UnknownKey(String),
    #[error("the keyring holds no edge key that is in use: run `gatefold keys new edge` first")]
    NoEdgeKey,
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Ticket(#[from] TicketError),
    #[error(transparent)]
    EdgeUrl(#[from] InvalidEdgeUrl),
    #[error("say which edge the ticket is for: --edge https://edge.example.com")]
    NoEdge,
    #[error(
        "{0:?} cannot be sealed: a source is https://HOST/PATH (host in lower case, no user, no \
         port 443, no fragment), private:KEY, or files:NAME together with --folder"
    )]
    Source(String),
    #[error(transparent)]
    Remote(#[from] remote::RemoteError),
    #[error("refused at the stage {stage}: {refusal}", stage = .0.stage().as_str(), refusal = .0)]
    Refused(Refusal),
    #[error("{0}")]
    System(#[from] io::Error),
}

impl Error {
    /// The process's exit status: 1, or 3 when a sealed URL was opened properly but is not good; what
    /// speaks to a server in a person's name has more of them.
    pub(crate) fn exit_status(&self) -> u8 {
        match self {
            Self::Remote(error) => error.exit_status(),
            Self::Refused(refusal) if refusal.stage() >= Stage::Scope => 3,
            _ => 1,
        }
    }
}
