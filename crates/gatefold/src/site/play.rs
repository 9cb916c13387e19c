//! From the configuration to what plays: links, and the edge that opens them.

use std::sync::Arc;

use gatefold_app::{
    playing::{DeliveryParts, Presigned, Private, Sealer, Tokens},
    supporters::{Atprotofans, NoRegistry, Registry, Supporters, SupportersParts},
};
use gatefold_domain::Clock;
use gatefold_edge::{
    CacheOptions, Edge, EdgeOptions, Freshness, Origins, PUBLIC_PREFIX,
    server::{Limits, Server},
};
use gatefold_media::bucket::{Bucket, UrlSigner};
use gatefold_net::Client;
use gatefold_ops::config::Parsed;
use gatefold_web::{MediaOrigin, Site, SiteSessions};
use tokio::runtime::Handle;

use super::{Kind, SiteError, buckets, demo, sealing::Sealing};
use crate::{
    config::{self, DeliveryKind, Kept},
    edge::token,
};

/// How long an answer of the edge may go on after its link's window, in seconds. As long as the window
/// of a listener who began at its end.
const OVERRUN: u64 = config::LONGEST_WINDOW.as_secs();

/// Who knows who supports whom.
pub(super) fn registry(
    config: &config::Server,
    kind: Kind,
    net: Client,
) -> Result<Arc<dyn Registry>, SiteError> {
    Ok(match (kind, &config.supporters.registry) {
        (Kind::Demonstration, _) => Arc::new(demo::registry()),
        (Kind::Site, Some(Parsed(url))) => {
            let registry = Atprotofans::new(net, url.as_str());
            Arc::new(registry.map_err(|_| SiteError::Registry)?)
        }
        (Kind::Site, None) => Arc::new(NoRegistry),
    })
}

pub(super) fn supporters(registry: Arc<dyn Registry>, clock: Arc<dyn Clock>) -> Supporters {
    Supporters::new(SupportersParts {
        registry,
        clock,
        background: Handle::current(),
    })
}

/// How listeners get at what they may hear; `private` is the bucket that it is in.
pub(super) fn delivery(
    config: &config::Server,
    site: &Site,
    private: &Bucket,
    sealer: Sealer,
) -> Result<DeliveryParts, SiteError> {
    Ok(DeliveryParts {
        private: match config.delivery.kind.0 {
            DeliveryKind::Sealed => Private::Sealed(sealer),
            DeliveryKind::Token => {
                let key = token::links(&config.secrets)?;
                Private::Token(Tokens::new(key, config.delivery.window.as_secs()))
            }
            DeliveryKind::Presigned => {
                Private::Presigned(Box::new(Presigned::new(private.clone())))
            }
        },
        site: site.origin().to_owned(),
        public: config.media.public_base(site.origin(), PUBLIC_PREFIX),
    })
}

/// What signs URLs of the private bucket, where that is in a folder and any are signed.
pub(super) fn signer(config: &config::Server, site: &Site) -> Result<Option<UrlSigner>, SiteError> {
    let is_folder = matches!(config.media.private_place(), Kept::Folder(_));
    if !is_folder || config.delivery.kind.0 != DeliveryKind::Presigned {
        return Ok(None);
    }
    let key = token::links(&config.secrets)?;
    Ok(Some(UrlSigner::new(site.origin(), &key)))
}

/// Where media come from that do not come from the site itself.
pub(super) fn origins(config: &config::Server) -> Vec<MediaOrigin> {
    let public = config.media.public_url.as_ref();
    let public = public.and_then(|Parsed(url)| MediaOrigin::of(url.as_str()));
    let private = match config.media.private_place() {
        Kept::Bucket(bucket) if config.delivery.kind.0 == DeliveryKind::Presigned => {
            MediaOrigin::of(bucket.endpoint.as_str())
        }
        Kept::Bucket(_) | Kept::Folder(_) => None,
    };
    public.into_iter().chain(private).collect()
}

/// What the site's own edge is made of, besides the configuration.
pub(super) struct EdgeParts<'a> {
    pub(super) sessions: SiteSessions,
    pub(super) sealing: &'a Sealing,
    pub(super) clock: Arc<dyn Clock>,
}

/// The site's own edge, which knows its sessions and looks at them with every request.
pub(super) fn edge(config: &config::Server, parts: EdgeParts<'_>) -> Result<Edge, SiteError> {
    let edge = Edge::new(EdgeOptions {
        opener: parts.sealing.opener(),
        origins: Origins {
            private: Some(buckets::origin(
                buckets::PRIVATE,
                &config.media.private_place(),
            )?),
            public: Some(buckets::origin(
                buckets::PUBLIC,
                &config.media.public_place(),
            )?),
            ..Origins::default()
        },
        cache: CacheOptions::default(),
        freshness: Freshness::default(),
        sessions: Arc::new(parts.sessions),
        tag_key: token::tags(&config.secrets)?,
        clock: parts.clock,
        overrun: OVERRUN,
        background: Handle::current(),
    });
    Ok(edge.map_err(std::io::Error::other)?)
}

/// What accepts connections.
pub(super) fn server(config: &config::Server, edge: Arc<Edge>) -> Result<Server, SiteError> {
    let limits = Limits {
        // Whoever comes through a proxy is a client of their own here, too: all of them together
        // would soon have as many requests at once as one may have.
        proxies: config.trusted_proxies.clone(),
        ..Limits::default()
    };
    Server::new(edge, limits)
        .map_err(std::io::Error::other)
        .map_err(SiteError::from)
}
