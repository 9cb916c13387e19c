//! Why something is not played.

use std::{error::Error, sync::Arc, time::Duration};

use gatefold_seal::MintError;
use gatefold_store::StoreError;

use crate::tracks::Playable;

/// Why something is not played.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// For whoever asks, there is no such thing.
    #[error("there is no such track")]
    Absent,
    /// Whoever asks has to sign in first.
    #[error("only who is signed in may hear this")]
    SignIn,
    /// Whoever asks has to support the artist first, of whom the track tells.
    #[error("only supporters of its artist may hear this")]
    Support(Arc<Playable>),
    /// Whether they support the artist cannot be asked at the moment.
    #[error("whether somebody supports the artist cannot be asked at the moment")]
    Unknown {
        /// When it may be worth asking again.
        retry_after: Duration,
    },
    /// It is being made public, and has no public address yet.
    #[error("it is being published")]
    Publishing,
    /// The database cannot be asked at the moment.
    #[error("the database cannot be asked at the moment")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// A defect.
    #[error("something is broken here")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}

impl From<StoreError> for PlayError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(Box::new(error)),
            StoreError::KeyMissing(_)
            | StoreError::Damaged { .. }
            | StoreError::Conflict
            | StoreError::Defect(_) => Self::Broken(Box::new(error)),
        }
    }
}

impl From<MintError> for PlayError {
    fn from(error: MintError) -> Self {
        Self::Broken(Box::new(error))
    }
}
