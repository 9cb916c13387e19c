//! What handlers are given.

use std::{net::IpAddr, ops::Deref, sync::Arc};

use gatefold_app::demonstration::Demonstration;
use gatefold_domain::Clock;
use gatefold_ops::{
    client_address::{Peer, client_address},
    config::Network,
};
use http::{Extensions, HeaderMap};

use crate::{
    accounts::Accounts, artists::Artists, demo::Demo, limits::RateLimiter, perimeter::Rules,
    playing::Playing, service::Stopping, tracks::Tracks, works::Works,
};

/// What all handlers share.
#[derive(Clone)]
pub(crate) struct WebState(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) playing: Arc<Playing>,
    pub(crate) tracks: Arc<Tracks>,
    pub(crate) artists: Arc<Artists>,
    /// What is published here.
    pub(crate) works: Option<Works>,
    /// Who lets one be somebody else, at a demonstration.
    pub(crate) demonstration: Option<Demonstration>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) demo: Option<Demo>,
    pub(crate) limiter: Arc<dyn RateLimiter>,
    pub(crate) stopping: Stopping,
    /// Whose word on addresses is believed.
    pub(crate) proxies: Vec<Network>,
}

impl WebState {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    /// Who sent a request. Without a peer, which is a defect of the server around this one, all
    /// senders are one.
    pub(crate) fn client(&self, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
        let Some(Peer(peer)) = extensions.get::<Peer>().copied() else {
            tracing::error!("a request came from nowhere");
            return IpAddr::from([0, 0, 0, 0]);
        };
        let forwarded = headers.get_all("x-forwarded-for");
        let values = forwarded.iter().map(http::HeaderValue::as_bytes);
        client_address(peer, values, &self.proxies)
    }
}

impl Deref for WebState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// From where, for a person who reads what happened to their account: near enough to recognise,
/// and no address.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            format!("{}/64", std::net::Ipv6Addr::from_bits(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_no_address() {
        for (address, told) in [
            ("192.0.2.17", "192.0.2.0/24"),
            ("::ffff:192.0.2.17", "192.0.2.0/24"),
            ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ] {
            assert_eq!(network(address.parse().unwrap()), told);
        }
    }
}
