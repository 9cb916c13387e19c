//! Why there is no comparison.

use std::{fmt::Display, io};

/// Why there is no comparison, in words for the person who asked for it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot {doing}: {cause}")]
    System { doing: String, cause: io::Error },
    #[error("{0}")]
    Wrong(String),
    #[error(
        "there is no {0}: install nginx with the secure_link and slice modules, on Debian and \
         Ubuntu by `apt install nginx-light` (no service needs to run), or name another binary with --nginx"
    )]
    NginxMissing(String),
    #[error(
        "this is a debug build, whose figures say nothing: run \
         `cargo run --release -p gatefold-bench`, or add --allow-debug to try the bench itself"
    )]
    DebugBuild,
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// An answer or a peer is not as it should be.
    pub(crate) fn wrong(what: impl Display) -> Self {
        Self::Wrong(what.to_string())
    }

    /// Says of which peer something is wrong.
    pub(crate) fn of(self, peer: &str) -> Self {
        match self {
            Self::Wrong(what) => Self::Wrong(format!("{peer}: {what}")),
            other => other,
        }
    }
}

/// Says what could not be done.
pub(crate) trait Doing<T> {
    /// Names the failed operation, as in "cannot {doing}".
    fn doing(self, doing: impl Display) -> Result<T, Error>;
}

impl<T, E: Into<io::Error>> Doing<T> for Result<T, E> {
    fn doing(self, doing: impl Display) -> Result<T, Error> {
        self.map_err(|cause| Error::System {
            doing: doing.to_string(),
            cause: cause.into(),
        })
    }
}
