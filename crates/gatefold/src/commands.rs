//! One file per command.

pub(crate) mod edge;

use std::io;

use gatefold_ops::logging::LoggingError;

use crate::demo::DemoError;

/// Why a command failed, in words for the person who ran it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Logging(#[from] LoggingError),
    #[error(transparent)]
    Demo(#[from] DemoError),
    #[error("there is only a demonstration so far: run `gatefold edge --demo`")]
    OnlyDemo,
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        address: std::net::SocketAddr,
        cause: io::Error,
    },
    #[error("{0}")]
    System(#[from] io::Error),
}
