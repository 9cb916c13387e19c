//! An object's bytes, counted: one that ends before its end is an error, and so is one that goes on.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;

use super::BucketError;

/// Bytes as a bucket gives them.
pub(super) type Source = Pin<Box<dyn Stream<Item = Result<Bytes, BucketError>> + Send>>;

/// An object's bytes. Nothing comes after an error.
pub struct Reading {
    source: Option<Source>,
    len: u64,
    left: u64,
}

impl Reading {
    pub(super) fn new(source: Source, len: u64) -> Self {
        Self {
            source: Some(source),
            len,
            left: len,
        }
    }

    /// How long the object is, in bytes.
    #[must_use]
    pub fn object_len(&self) -> u64 {
        self.len
    }

    /// The next bytes; `None` after the last.
    ///
    /// # Errors
    /// When they cannot be had.
    pub async fn next(&mut self) -> Option<Result<Bytes, BucketError>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl Stream for Reading {
    type Item = Result<Bytes, BucketError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(source) = &mut self.source else {
            return Poll::Ready(None);
        };
        let part = match ready!(source.as_mut().poll_next(context)) {
            None if self.left == 0 => None,
            None => Some(Err(BucketError::Damaged)),
            Some(Err(error)) => Some(Err(error)),
            Some(Ok(part)) => match self.left.checked_sub(part.len() as u64) {
                Some(left) => {
                    self.left = left;
                    Some(Ok(part))
                }
                None => Some(Err(BucketError::Damaged)),
            },
        };
        if !matches!(part, Some(Ok(_))) {
            self.source = None;
        }
        Poll::Ready(part)
    }
}
