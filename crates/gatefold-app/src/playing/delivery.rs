//! How a granted play becomes an address.

use std::sync::Arc;

use arc_swap::ArcSwap;
use gatefold_domain::{Did, FileId, ObjectKey};
use gatefold_seal::{Minter, UnixSeconds};

use super::{
    PlayError,
    presigned::{self, Presigned},
    token::{self, Tokens},
};
use crate::tracks::Playable;

/// Seals links for the edge.
pub struct Sealer {
    /// Makes them.
    pub minter: Minter,
    /// How long after its window the edge still takes one, in seconds.
    pub grace: u64,
}

/// What links are made of.
pub struct DeliveryParts {
    /// What is not for everybody is delivered so.
    pub private: Private,
    /// The site's address: scheme, host and port, without a slash at the end.
    pub site: String,
    /// Where the public bucket is read, with a slash at the end.
    pub public: String,
}

/// Makes links to what is not for everybody.
pub enum Private {
    /// Sealed URLs, which the site's own edge opens.
    Sealed(Sealer),
    /// Addresses of the site with a token.
    Token(Tokens),
    /// Presigned URLs of the bucket.
    Presigned(Box<Presigned>),
}

/// How a link works that is not for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// By its seal.
    Sealed,
    /// By its token.
    Token,
    /// By itself, whoever has it.
    Presigned,
}

/// Makes links.
pub struct Delivery {
    private: Made,
    site: Box<str>,
    public: Box<str>,
}

enum Made {
    Sealed(ArcSwap<Sealer>),
    Token(Tokens),
    Presigned(Box<Presigned>),
}

/// Where something can be heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Where everybody hears it.
    Public {
        /// The address.
        url: String,
    },
    /// Where it is heard for a while.
    Private(PrivateLink),
}

/// Where something can be heard for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateLink {
    /// The address.
    pub url: String,
    /// How it works.
    pub means: Means,
    /// The first second after its window.
    pub valid_until: UnixSeconds,
    /// How long a window is, in seconds.
    pub lifetime: u64,
    /// How long after its window it is still taken, in seconds.
    pub grace: u64,
}

impl Means {
    /// Its name in answers and in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Token => "token",
            Self::Presigned => "presigned",
        }
    }
}

impl Link {
    /// The address.
    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Self::Public { url } | Self::Private(PrivateLink { url, .. }) => url,
        }
    }
}

impl Delivery {
    /// Makes links out of these.
    #[must_use]
    pub fn new(parts: DeliveryParts) -> Self {
        Self {
            private: match parts.private {
                Private::Sealed(sealer) => Made::Sealed(ArcSwap::from_pointee(sealer)),
                Private::Token(tokens) => Made::Token(tokens),
                Private::Presigned(presigned) => Made::Presigned(presigned),
            },
            site: parts.site.into(),
            public: parts.public.into(),
        }
    }

    /// Seals with something else, where anything is sealed.
    pub(super) fn set_sealer(&self, sealer: Sealer) {
        if let Made::Sealed(used) = &self.private {
            used.store(Arc::new(sealer));
        }
    }

    /// What knows tokens, where there are any.
    pub(super) fn tokens(&self) -> Option<&Tokens> {
        match &self.private {
            Made::Token(tokens) => Some(tokens),
            Made::Sealed(_) | Made::Presigned(_) => None,
        }
    }

    pub(super) fn public(&self, key: &ObjectKey) -> Link {
        let url = [&*self.public, key.as_str()].concat();
        Link::Public { url }
    }

    /// Where a listener hears what is not for everybody.
    pub(super) async fn private(
        &self,
        found: &Playable,
        listener: &Did,
        now: UnixSeconds,
    ) -> Result<Link, PlayError> {
        let audio = &found.track.audio;
        Ok(Link::Private(match &self.private {
            Made::Sealed(sealer) => {
                let sealer = sealer.load();
                let source = found.source.clone();
                let minted = sealer.minter.mint(source, listener.as_str(), now)?;
                PrivateLink {
                    url: [&*self.site, &minted.path()].concat(),
                    means: Means::Sealed,
                    valid_until: minted.window.valid_until(),
                    lifetime: minted.window.lifetime(),
                    grace: sealer.grace,
                }
            }
            Made::Token(tokens) => {
                let (token, window) = tokens.make(&audio.id, listener, now)?;
                PrivateLink {
                    url: self.with_token(&audio.id, &token),
                    means: Means::Token,
                    valid_until: window.valid_until(),
                    lifetime: window.lifetime(),
                    grace: token::GRACE,
                }
            }
            Made::Presigned(presigned) => {
                let object = (&audio.object, audio.format);
                let (signed, valid_until) = presigned.to_hear(object, now).await?;
                PrivateLink {
                    url: signed.expose().to_owned(),
                    means: Means::Presigned,
                    valid_until,
                    lifetime: presigned::LONGEST,
                    grace: 0,
                }
            }
        }))
    }

    /// Where what is not for everybody is saved, when that is the bucket itself.
    pub(super) async fn saved(
        &self,
        found: &Playable,
        disposition: &str,
        now: UnixSeconds,
    ) -> Result<Option<String>, PlayError> {
        let Made::Presigned(presigned) = &self.private else {
            return Ok(None);
        };
        let audio = &found.track.audio;
        let object = (&audio.object, audio.format);
        let signed = presigned.to_save(object, disposition, now).await?;
        Ok(Some(signed.expose().to_owned()))
    }

    fn with_token(&self, file: &FileId, token: &str) -> String {
        format!("{}/audio/{file}/stream?token={token}", self.site)
    }
}
