//! How a granted play becomes an address.

use std::sync::Arc;

use arc_swap::ArcSwap;
use gatefold_domain::{Did, ObjectKey};
use gatefold_seal::{MintError, Minter, Source, UnixSeconds, Window};

/// Seals links for the edge.
pub struct Sealer {
    /// Makes them.
    pub minter: Minter,
    /// How long after its window the edge still takes one, in seconds.
    pub grace: u64,
}

/// What links are made of.
pub struct DeliveryParts {
    /// Seals what is not for everybody.
    pub sealer: Sealer,
    /// The edge's address: scheme, host and port, without a slash at the end.
    pub edge: String,
    /// Where the public bucket is read, with a slash at the end.
    pub public: String,
}

/// Makes links.
pub struct Delivery {
    sealer: ArcSwap<Sealer>,
    edge: Box<str>,
    public: Box<str>,
}

/// Where something can be heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Where everybody hears it.
    Public {
        /// The address.
        url: String,
    },
    /// Where one listener hears it, for a while.
    Sealed {
        /// The address.
        url: String,
        /// The window in which it is that one.
        window: Window,
        /// How long after the window it is still taken, in seconds.
        grace: u64,
    },
}

impl Link {
    /// The address.
    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Self::Public { url } | Self::Sealed { url, .. } => url,
        }
    }
}

impl Delivery {
    /// Makes links out of these.
    #[must_use]
    pub fn new(parts: DeliveryParts) -> Self {
        Self {
            sealer: ArcSwap::from_pointee(parts.sealer),
            edge: parts.edge.into(),
            public: parts.public.into(),
        }
    }

    pub(super) fn set_sealer(&self, sealer: Sealer) {
        self.sealer.store(Arc::new(sealer));
    }

    pub(super) fn public(&self, key: &ObjectKey) -> Link {
        let url = [&*self.public, key.as_str()].concat();
        Link::Public { url }
    }

    pub(super) fn sealed(
        &self,
        source: &Source,
        listener: &Did,
        now: UnixSeconds,
    ) -> Result<Link, MintError> {
        let sealer = self.sealer.load();
        let minted = sealer.minter.mint(source.clone(), listener.as_str(), now)?;
        Ok(Link::Sealed {
            url: [&*self.edge, &minted.path()].concat(),
            window: minted.window,
            grace: sealer.grace,
        })
    }
}
