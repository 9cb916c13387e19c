//! Why something is not played.

use std::{sync::Arc, time::Duration};

use gatefold_media::bucket::BucketError;
use gatefold_seal::{MintError, WindowError};

use crate::{Trouble, tracks::Playable};

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
    /// Nothing can be answered.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl From<MintError> for PlayError {
    fn from(error: MintError) -> Self {
        Self::Trouble(Trouble::Broken(Box::new(error)))
    }
}

impl From<WindowError> for PlayError {
    fn from(error: WindowError) -> Self {
        Self::Trouble(Trouble::Broken(Box::new(error)))
    }
}

impl From<BucketError> for PlayError {
    fn from(error: BucketError) -> Self {
        Self::Trouble(error.into())
    }
}
