//! What keeps anything at all from being answered.

use std::error::Error;

use gatefold_media::bucket::BucketError;
use gatefold_store::StoreError;

/// What lies behind a failure: for the log, not for people.
pub type Cause = Box<dyn Error + Send + Sync>;

/// What keeps anything at all from being answered, whatever was asked.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The database, or something else that is needed, cannot be asked at the moment.
    #[error("this cannot be answered at the moment")]
    Unavailable(#[source] Cause),
    /// A defect.
    #[error("something is broken")]
    Broken(#[source] Cause),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(Box::new(error)),
            StoreError::KeyMissing(_)
            | StoreError::Damaged { .. }
            | StoreError::Conflict
            | StoreError::LeasePassed
            | StoreError::Defect(_) => Self::Broken(Box::new(error)),
        }
    }
}

impl From<BucketError> for Trouble {
    fn from(error: BucketError) -> Self {
        match error {
            BucketError::NotSigned | BucketError::Options(_) => Self::Broken(Box::new(error)),
            _ => Self::Unavailable(Box::new(error)),
        }
    }
}
