//! From the configuration to what plays: links, and the edge that opens them.

use std::sync::Arc;

use gatefold_app::{
    playing::{DeliveryParts, Sealer},
    supporters::{Atprotofans, NoRegistry, Registry, Supporters, SupportersParts},
};
use gatefold_domain::Clock;
use gatefold_edge::{
    CacheOptions, Edge, EdgeOptions, Freshness, Origins, PUBLIC_PREFIX,
    server::{Limits, Server},
};
use gatefold_net::Client;
use gatefold_ops::config::Parsed;
use gatefold_web::{Site, SiteSessions};
use tokio::runtime::Handle;

use super::{Kind, SiteError, buckets, demo, sealing::Sealing};
use crate::{config, edge::token};

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

pub(super) fn delivery(config: &config::Server, site: &Site, sealer: Sealer) -> DeliveryParts {
    DeliveryParts {
        sealer,
        edge: site.origin().to_owned(),
        public: config.media.public_base(site.origin(), PUBLIC_PREFIX),
    }
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
