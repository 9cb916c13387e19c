//! Where bytes come from: an origin knows what an object is now and gives parts of it.
//!
//! What an origin says is not trusted further than it has to be: it may stall, lie and change its
//! mind. The contract of [`Origin`] is what keeps that from a listener.

pub mod bucket;
pub mod folder;
pub mod web;

use std::{pin::Pin, sync::Arc, time::SystemTime};

use bytes::Bytes;
use futures_core::Stream;
use gatefold_edge_core::{MediaType, answer::Failure};

/// A future that an object-safe trait can give.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Bytes in pieces, in order. An error is the last item.
pub type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, OriginError>> + Send>>;

/// A kind of place that sources name. `name` is the whole URL of an https source, the key of an
/// object of the private bucket, `folder/name` of a file.
pub trait Origin: Send + Sync {
    /// What the object is now; [`Looked::Unchanged`] when its version is still `known`.
    fn look<'a>(
        &'a self,
        name: &'a str,
        known: Option<&'a Version>,
    ) -> BoxFuture<'a, Result<Looked, OriginError>>;

    /// The bytes `first` to `last`, to the end without `last`, of the object as it was when it had
    /// these facts: exactly these, or an error as the last item. Where the facts have a version, no
    /// byte of another one is ever given: [`OriginError::Changed`].
    fn read<'a>(
        &'a self,
        name: &'a str,
        facts: &'a Facts,
        first: u64,
        last: Option<u64>,
    ) -> BoxFuture<'a, Result<Chunks, OriginError>>;

    /// Whether its bytes are on a disk of this machine, so that keeping them there once more would
    /// gain nothing.
    fn is_near(&self) -> bool {
        false
    }

    /// How long what it says is taken for true, where that is not for the operator to choose.
    fn fresh_for(&self) -> Option<std::time::Duration> {
        None
    }
}

/// Something that changes whenever an object's bytes do: a strong entity tag, or a file's size,
/// times and number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version(Arc<[u8]>);

impl Version {
    /// A version by the bytes that stand for it.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes that stand for it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What an origin says when it is asked for an object that is known already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// It has the known version.
    Unchanged,
    /// It has another one, or none was known.
    Is(Facts),
}

/// What an origin says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The size in bytes; `None` when the origin does not say.
    pub len: Option<u64>,
    /// The version; `None` when two versions cannot be told apart, and then nothing is kept.
    pub version: Option<Version>,
    /// When it last changed.
    pub modified: Option<SystemTime>,
    /// The type.
    pub media_type: MediaType,
    /// Whether parts can be asked for.
    pub ranges: bool,
}

/// Why an origin gives nothing. None of these says what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// There is no such object.
    #[error("the origin has no such object")]
    NotFound,
    /// The rules of this edge do not allow to ask there, or the origin sent us somewhere else.
    #[error("the origin is not one that may be asked")]
    Refused,
    /// It is not the version any more that was asked for.
    #[error("the object has changed")]
    Changed,
    /// It took too long.
    #[error("the origin took too long")]
    TimedOut,
    /// Anything else, lies included.
    #[error("the origin failed")]
    Failed,
}

impl From<OriginError> for Failure {
    fn from(error: OriginError) -> Self {
        match error {
            OriginError::NotFound => Self::NotFound,
            OriginError::Refused
            | OriginError::Changed
            | OriginError::TimedOut
            | OriginError::Failed => Self::Origin,
        }
    }
}
