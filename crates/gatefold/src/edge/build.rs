//! From the configuration to an edge: the one place that knows both.

use std::{io, path::PathBuf, sync::Arc};

use gatefold_domain::Clock;
use gatefold_edge::{Edge, EdgeOptions, folder::Folders, server::Limits};
use gatefold_seal::Opener;

use super::{
    EdgeError,
    admin::{Fill, Hooks},
    token,
};
use crate::config::{self, Place};

/// Why the configuration makes no edge.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    #[error(
        "{key}: the folder {path} cannot be read: {cause} (make it, give the edge's user access, or \
         name another)",
        path = path.display()
    )]
    Folder {
        key: &'static str,
        path: PathBuf,
        cause: io::Error,
    },
    #[error("{0}: this edge cannot do that yet: take the setting away")]
    NotYet(&'static str),
}

/// An edge that is ready to serve.
pub(super) struct Built {
    pub(super) edge: Arc<Edge>,
    pub(super) limits: Limits,
    pub(super) hooks: Hooks,
}

/// Makes the edge. Blocks.
pub(super) fn build(
    config: &config::Edge,
    opener: Arc<Opener>,
    clock: Arc<dyn Clock>,
) -> Result<Built, EdgeError> {
    let edge = Arc::new(Edge::new(EdgeOptions {
        opener,
        folders: files(config)?,
        tag_key: token::tags(config)?,
        clock,
        overrun: config.overrun.as_secs(),
    }));
    if config.private.place().is_some() {
        return Err(BuildError::NotYet("edge.private").into());
    }
    if !config.https.hosts.is_empty() {
        return Err(BuildError::NotYet("edge.https.hosts").into());
    }
    Ok(Built {
        edge,
        limits: limits(config),
        hooks: Hooks {
            metrics: Box::new(String::new),
            fill: Box::new(|| Fill {
                memory_bytes: 0,
                disk_bytes: 0,
            }),
            // Nothing is kept, so that nothing is removed.
            purge: Box::new(|_| Box::pin(async { Ok(0) })),
        },
    })
}

/// Opens the upload folders; where nothing was said about them, they are begun.
fn files(config: &config::Edge) -> Result<Folders, BuildError> {
    let (place, was_said) = config.files();
    let Place::Folder(folder) = place else {
        return Err(BuildError::NotYet("edge.files.bucket"));
    };
    let made = if was_said {
        Ok(())
    } else {
        std::fs::create_dir_all(folder)
    };
    made.and_then(|()| Folders::new(folder))
        .map_err(|cause| BuildError::Folder {
            key: "edge.files.folder",
            path: folder.to_owned(),
            cause,
        })
}

fn limits(config: &config::Edge) -> Limits {
    let limits = &config.limits;
    Limits {
        connections: limits.connections,
        header_time: limits.header_time,
        stall_time: limits.stall_time,
        header_len: usize::try_from(limits.header_len.0).unwrap_or(usize::MAX),
        shutdown_time: limits.shutdown_time,
    }
}
