//! An origin's bytes, passed on as they come.

use std::{
    io,
    task::{Context, Poll, ready},
};

use bytes::Bytes;

use super::Deadline;
use crate::origin::Chunks;

/// A body of an origin's bytes. It ends in an error when these are fewer or more than announced.
pub(crate) struct Through {
    chunks: Chunks,
    /// What is still to come, when that is known.
    left: Option<u64>,
    has_ended: bool,
    deadline: Deadline,
}

impl Through {
    pub(crate) fn new(chunks: Chunks, len: Option<u64>, deadline: Deadline) -> Self {
        Self {
            chunks,
            left: len,
            has_ended: false,
            deadline,
        }
    }

    pub(super) fn left(&self) -> Option<u64> {
        self.left
    }

    pub(super) fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        if self.has_ended || self.left == Some(0) {
            return Poll::Ready(None);
        }
        let piece = match self.deadline.check() {
            Ok(()) => ready!(self.chunks.as_mut().poll_next(context)),
            Err(error) => {
                self.has_ended = true;
                return Poll::Ready(Some(Err(error)));
            }
        };
        let piece = match (piece, self.left) {
            (Some(Ok(piece)), None) => Some(Ok(piece)),
            (Some(Ok(piece)), Some(left)) => match left.checked_sub(piece.len() as u64) {
                Some(rest) => {
                    self.left = Some(rest);
                    Some(Ok(piece))
                }
                None => Some(Err(io::Error::other("the origin sent more than it said"))),
            },
            (Some(Err(error)), _) => Some(Err(io::Error::other(error))),
            (None, None) => None,
            (None, Some(_)) => Some(Err(io::ErrorKind::UnexpectedEof.into())),
        };
        self.has_ended = !matches!(piece, Some(Ok(_)));
        Poll::Ready(piece)
    }
}
