//! Why a command that speaks to a server failed, in one line that says what to do.

use std::{io, path::PathBuf};

use gatefold_client::{ClientError, Server};
use gatefold_ops::secrets::SecretError;

use crate::commands::output::plain;

/// Why it failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RemoteError {
    #[error(
        "no server is known: name one with --server, or sign in with \
         `gatefold login --server https://music.example.com`"
    )]
    NoServer,
    #[error("this system does not say where your folder is: name one with --home")]
    NoHome,
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("{path} cannot be understood: move it away and sign in again", path = .0.display())]
    Credentials(PathBuf),
    #[error("there is no token in {0}: a token is a single line, made on the site under Settings")]
    NoToken(String),
    #[error("{}", not_signed_in(.server, .shown))]
    NotSignedIn { server: Server, shown: Shown },
    /// What a server says is somebody else's text.
    #[error("{}", plain(&.0.to_string()))]
    Client(#[from] ClientError),
    #[error("{0}")]
    Usage(String),
    #[error("nobody came back within {0} minutes: run `gatefold login` again")]
    NobodyCame(u64),
    #[error(
        "this code is not good: it is for one minute and one use, and for the sign-in whose address is \
         above; run `gatefold login` again"
    )]
    CodeRefused,
    #[error("{path}: {cause}", path = plain(&.path.display().to_string()))]
    File { path: PathBuf, cause: io::Error },
    #[error("{path} is there already: name another with --output, or write over it with --force", path = plain(&.0.display().to_string()))]
    Exists(PathBuf),
    #[error(
        "it is so, but after {0} minutes not everywhere yet: look later with `gatefold list --mine`"
    )]
    StillInProgress(u64),
    /// Each of them was told.
    #[error("{failed} of {of} failed, see above")]
    SomeFailed {
        failed: usize,
        of: usize,
        status: u8,
    },
    #[error("interrupted")]
    Interrupted,
    #[error("{0}")]
    System(#[from] io::Error),
}

/// What was shown to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Nothing,
    /// What `gatefold login` kept.
    Kept,
    /// The token of the environment.
    Variable,
    /// The token of a file.
    File(PathBuf),
}

fn not_signed_in(server: &Server, shown: &Shown) -> String {
    match shown {
        Shown::Nothing => {
            format!("you are not signed in at {server}: run `gatefold login --server {server}`")
        }
        Shown::Kept => format!(
            "your session at {server} has ended: run `gatefold login --server {server}` again"
        ),
        Shown::Variable => {
            format!(
                "{server} does not take the token in GATEFOLD_TOKEN: it has ended or is another site's"
            )
        }
        Shown::File(path) => format!(
            "{server} does not take the token in {}: it has ended or is another site's",
            path.display()
        ),
    }
}

impl RemoteError {
    /// The exit status of a process that ends with this.
    pub(crate) fn exit_status(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::NoServer => 2,
            Self::NotSignedIn { .. } | Self::CodeRefused | Self::NobodyCame(_) => 3,
            Self::Client(error) => match error {
                ClientError::NotSignedIn { .. } => 3,
                ClientError::Refused(_) | ClientError::NoProfile(_) | ClientError::NotMade(_) => 4,
                ClientError::Unread { .. } => 1,
                ClientError::OtherServer { .. } => 2,
                ClientError::NotFound(_) => 5,
                ClientError::Unreachable { .. }
                | ClientError::TimedOut(_)
                | ClientError::TooMany { .. }
                | ClientError::Failed { .. }
                | ClientError::Elsewhere { .. }
                | ClientError::Unwatched(_)
                | ClientError::Unexpected { .. }
                | ClientError::Unable(_) => 6,
            },
            Self::StillInProgress(_) => 6,
            Self::SomeFailed { status, .. } => *status,
            // As a shell says it of a process that an interrupt ended.
            Self::Interrupted => 130,
            Self::NoHome
            | Self::Secret(_)
            | Self::Credentials(_)
            | Self::NoToken(_)
            | Self::File { .. }
            | Self::Exists(_)
            | Self::System(_) => 1,
        }
    }
}
