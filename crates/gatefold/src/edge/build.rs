//! From the configuration to an edge: the one place that knows both.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use gatefold_domain::Clock;
use gatefold_edge::{
    CacheOptions, DiskError, Edge, EdgeOptions, Freshness, Origins,
    origin::{
        Origin,
        bucket::{Bucket, BucketError, BucketOptions},
        folder::Folders,
        web::{WebOptions, WebOrigin},
    },
    server::{Limits, LimitsError, Server},
    sessions::{NoSessions, Sessions, Tickets},
};
use gatefold_edge_core::{Binder, InvalidEdgeUrl};
use gatefold_net::{
    Client, ClientOptions, InvalidHost, InvalidUpstream, RootsError, SystemResolver, Upstreams,
};
use gatefold_ops::config::Size;
use gatefold_seal::Opener;
use tokio::runtime::Handle;
use zeroize::Zeroizing;

use super::{
    EdgeError,
    admin::{Fill, Hooks, Purge},
    token,
};
use crate::config::{self, Place};

/// How long connecting to a bucket's server may take.
const BUCKET_CONNECT_TIME: Duration = Duration::from_secs(5);
/// How long that server may send nothing while it is waited for.
const BUCKET_IDLE_TIME: Duration = Duration::from_secs(15);

/// Why the configuration makes no edge.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    #[error(
        "{key}.folder: the folder {path} cannot be read: {cause} (make it, give the edge's user access, or \
         name another)",
        path = path.display()
    )]
    Folder {
        key: &'static str,
        path: PathBuf,
        cause: io::Error,
    },
    #[error("{key}: {cause}")]
    Bucket {
        key: &'static str,
        cause: BucketError,
    },
    #[error("edge.https: {0}")]
    Roots(#[from] RootsError),
    #[error("edge.https.upstreams: {0}")]
    Host(#[from] InvalidHost),
    #[error("edge.https.upstreams: {0}")]
    Upstream(#[from] InvalidUpstream),
    #[error("edge.url: {0}")]
    Url(#[from] InvalidEdgeUrl),
    #[error("edge.{0}")]
    Limits(#[from] LimitsError),
    #[error("edge.cache.folder: {0}")]
    Disk(#[from] DiskError),
}

/// An edge that is ready to serve.
pub(super) struct Built {
    pub(super) server: Server,
    pub(super) hooks: Hooks,
}

/// Makes the edge. Blocks, within a tokio runtime.
pub(super) fn build(
    config: &config::Edge,
    opener: Arc<Opener>,
    clock: Arc<dyn Clock>,
) -> Result<Built, EdgeError> {
    let edge = Edge::new(EdgeOptions {
        sessions: sessions(config, &opener)?,
        opener,
        origins: origins(config)?,
        cache: cache(config),
        freshness: freshness(config),
        tag_key: token::tags(&config.secrets)?,
        clock,
        overrun: config.overrun.as_secs(),
        background: Handle::current(),
    });
    let edge = Arc::new(edge.map_err(BuildError::from)?);
    let hooks = hooks(&edge);
    let server = Server::new(edge, limits(config)).map_err(BuildError::from)?;
    Ok(Built { server, hooks })
}

/// Persons are known where there is a public URL, which tickets name.
fn sessions(config: &config::Edge, opener: &Arc<Opener>) -> Result<Arc<dyn Sessions>, EdgeError> {
    let Some(url) = &config.url else {
        return Ok(Arc::new(NoSessions));
    };
    let binder = Binder::new(url.0.as_str(), token::binding(config)?).map_err(BuildError::from)?;
    Ok(Arc::new(Tickets::new(binder, Arc::clone(opener))))
}

fn origins(config: &config::Edge) -> Result<Origins, BuildError> {
    let (files, was_said) = config.files();
    if let (Place::Folder(path), false) = (&files, was_said) {
        // Nobody said where uploads are: they begin here.
        std::fs::create_dir_all(path).map_err(|cause| BuildError::Folder {
            key: "edge.files",
            path: (*path).to_owned(),
            cause,
        })?;
    }
    let private = config.private.place();
    Ok(Origins {
        https: web(config)?,
        private: private
            .map(|place| store("edge.private", &place))
            .transpose()?,
        files: Some(store("edge.files", &files)?),
        public: None,
    })
}

fn store(key: &'static str, place: &Place<'_>) -> Result<Arc<dyn Origin>, BuildError> {
    match place {
        Place::Folder(path) => match Folders::new(path) {
            Ok(folders) => Ok(Arc::new(folders)),
            Err(cause) => Err(BuildError::Folder {
                key,
                path: (*path).to_owned(),
                cause,
            }),
        },
        Place::Bucket(bucket) => match Bucket::new(&bucket_options(bucket)) {
            Ok(bucket) => Ok(Arc::new(bucket)),
            Err(cause) => Err(BuildError::Bucket { key, cause }),
        },
    }
}

/// How a bucket is reached.
pub(crate) fn bucket_options(bucket: &config::Bucket<'_>) -> BucketOptions {
    BucketOptions {
        endpoint: bucket.endpoint.as_str().to_owned(),
        region: bucket.region.to_owned(),
        bucket: bucket.name.to_owned(),
        prefix: (!bucket.prefix.is_empty()).then(|| bucket.prefix.to_owned()),
        access_key_id: bucket.access_key_id.to_owned(),
        secret_access_key: Zeroizing::new(bucket.secret_access_key.expose().to_owned()),
        connect_time: BUCKET_CONNECT_TIME,
        idle_time: BUCKET_IDLE_TIME,
    }
}

fn web(config: &config::Edge) -> Result<Option<Arc<dyn Origin>>, BuildError> {
    let https = &config.https;
    if https.hosts.is_empty() {
        return Ok(None);
    }
    let mut upstreams = Upstreams::default();
    for (host, upstream) in &https.upstreams {
        upstreams.insert(host, upstream.0.as_str().parse()?)?;
    }
    let options = ClientOptions {
        connect_time: https.connect_time,
        first_byte_time: https.answer_time,
        idle_time: https.stall_time,
        max_redirects: https.redirects.into(),
        upstreams,
        ..ClientOptions::default()
    };
    let client = Client::new(options, Arc::new(SystemResolver))?;
    let hosts = https.hosts.iter().map(|host| host.0.clone()).collect();
    let options = WebOptions { hosts, fresh: None };
    Ok(Some(Arc::new(WebOrigin::new(client, options))))
}

fn cache(config: &config::Edge) -> CacheOptions {
    CacheOptions {
        memory: config.cache.memory.0,
        folder: config.cache.folder.clone(),
        disk: config.cache.disk.0,
        slice: config.cache.slice.0,
    }
}

fn freshness(config: &config::Edge) -> Freshness {
    Freshness {
        fresh: config.cache.fresh,
        stale: config.cache.stale,
        whole: config.cache.whole.0,
    }
}

fn limits(config: &config::Edge) -> Limits {
    let limits = &config.limits;
    let usual = Limits::default();
    let len = |size: Size| usize::try_from(size.0).unwrap_or(usize::MAX);
    Limits {
        connections: limits.connections,
        header_time: limits.header_time,
        idle_time: limits.idle_time,
        header_len: len(limits.header_len),
        url_len: len(limits.url_len),
        stall_time: limits.stall_time,
        least_rate: limits.min_rate.0,
        at_once: limits.per_client,
        failed_opens: limits.failed_opens,
        clients: usual.clients.max(limits.connections.saturating_mul(2)),
        proxies: limits.trusted_proxies.clone(),
        shutdown_time: limits.shutdown_time,
        ..usual
    }
}

fn hooks(edge: &Arc<Edge>) -> Hooks {
    let (counted, filled, purged) = (Arc::clone(edge), Arc::clone(edge), Arc::clone(edge));
    Hooks {
        metrics: Box::new(move || counted.metrics().render()),
        fill: Box::new(move || {
            let (memory_bytes, disk_bytes) = filled.fill();
            Fill {
                memory_bytes,
                disk_bytes,
            }
        }),
        purge: Box::new(move |purge: Purge| {
            let edge = Arc::clone(&purged);
            Box::pin(async move {
                let purging = move || edge.purge(|source| purge.means(source));
                Ok(tokio::task::spawn_blocking(purging).await?)
            })
        }),
    }
}
