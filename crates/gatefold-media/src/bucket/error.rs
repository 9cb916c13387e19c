//! Why a bucket does not do what it is asked. No text names a key or a path.

use std::io;

use opendal_core::ErrorKind;

/// Why a bucket does not do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// There is no such object.
    #[error("there is no such object")]
    NotFound,
    /// The key has an object already.
    #[error("the key has an object already")]
    Exists,
    /// The bytes are not what they were when they came.
    #[error("an object is not what it was")]
    Damaged,
    /// A folder's name is no text.
    #[error("the name of the folder is not UTF-8")]
    Name,
    /// The system refuses.
    #[error("the folder of the bucket cannot be used: {0}")]
    System(#[from] io::Error),
    /// Anything else.
    #[error("the bucket cannot be used: {0}")]
    Unavailable(&'static str),
}

/// Why an object was not kept.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// What was to be kept cannot be read to its end.
    #[error("what was to be kept cannot be read: {0}")]
    Source(io::Error),
    /// The bucket does not keep it.
    #[error(transparent)]
    Bucket(#[from] BucketError),
}

impl From<opendal_core::Error> for BucketError {
    fn from(error: opendal_core::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::ConditionNotMatch | ErrorKind::AlreadyExists => Self::Exists,
            // Its own words may name the path.
            kind => Self::Unavailable(kind.into_static()),
        }
    }
}
