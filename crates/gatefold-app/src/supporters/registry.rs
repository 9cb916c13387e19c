//! Whoever knows who supports whom.

use std::{pin::Pin, time::Duration};

use gatefold_domain::Did;

/// A question that is being asked.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<bool, RegistryError>> + Send + 'a>>;

/// Whoever knows who supports whom.
pub trait Registry: Send + Sync {
    /// Whether somebody supports an artist.
    fn ask<'a>(&'a self, supporter: &'a Did, artist: &'a Did) -> Asking<'a>;
}

/// Why a registry does not tell. Neither is a "no".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// It does not tell of these two, which says nothing of others.
    #[error("the registry does not tell of this person")]
    Refused,
    /// It cannot tell of anybody at the moment.
    #[error("the registry cannot be asked at the moment")]
    Failed {
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
}

/// There is no registry: nobody knows.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRegistry;

impl Registry for NoRegistry {
    fn ask<'a>(&'a self, _: &'a Did, _: &'a Did) -> Asking<'a> {
        Box::pin(std::future::ready(Err(RegistryError::Refused)))
    }
}
