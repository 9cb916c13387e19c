//! The bytes of a part, counted.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use gatefold_net::Body;

use super::{super::Chunks, OriginError, outcome, part::Part};

/// A part of a body: as many bytes as there have to be, or an error as the last item.
pub(super) struct Exact {
    body: Option<Body>,
    part: Part,
    /// The last piece, kept back until the end has shown that nothing follows it.
    held: Option<Bytes>,
}

impl Exact {
    pub(super) fn new(body: Body, part: Part) -> Self {
        Self {
            body: Some(body),
            part,
            held: None,
        }
    }

    fn fail(&mut self, error: OriginError, why: &'static str) -> Poll<Option<Item>> {
        tracing::warn!(%error, "{why}");
        self.body = None;
        self.held = None;
        Poll::Ready(Some(Err(error)))
    }

    /// The end of the body.
    fn finish(&mut self) -> Poll<Option<Item>> {
        if self.part.skip > 0 || self.part.take.is_some_and(|left| left > 0) {
            return self.fail(
                OriginError::Failed,
                "an https origin sent less than it said",
            );
        }
        self.body = None;
        Poll::Ready(self.held.take().map(Ok))
    }

    /// Takes what is wanted of a piece: nothing yet, a piece to give, or more than there may be.
    fn take(&mut self, mut chunk: Bytes) -> Taken {
        let skipped = self.part.skip.min(as_u64(chunk.len()));
        self.part.skip = self.part.skip.saturating_sub(skipped);
        // What was skipped fits a piece that is in memory.
        let _ = chunk.split_to(usize::try_from(skipped).unwrap_or(chunk.len()));
        if chunk.is_empty() {
            return Taken::Nothing;
        }
        let Some(left) = self.part.take else {
            return Taken::Piece(chunk);
        };
        let len = as_u64(chunk.len());
        if len > left {
            if !self.part.more {
                return Taken::TooMuch;
            }
            chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        }
        let left = left.saturating_sub(len);
        self.part.take = Some(left);
        match (left, self.part.more) {
            (0, true) => Taken::Last(chunk),
            (0, false) => {
                self.held = Some(chunk);
                Taken::Nothing
            }
            _ => Taken::Piece(chunk),
        }
    }
}

type Item = Result<Bytes, OriginError>;

enum Taken {
    Nothing,
    Piece(Bytes),
    Last(Bytes),
    TooMuch,
}

impl Stream for Exact {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Item>> {
        loop {
            let Some(body) = &mut self.body else {
                return Poll::Ready(None);
            };
            match ready!(body.poll_chunk(context)) {
                None => return self.finish(),
                Some(Err(error)) => {
                    return self.fail(outcome(error), "an https origin broke off");
                }
                Some(Ok(chunk)) => match self.take(chunk) {
                    Taken::Nothing => {}
                    Taken::Piece(chunk) => return Poll::Ready(Some(Ok(chunk))),
                    Taken::Last(chunk) => {
                        self.body = None;
                        return Poll::Ready(Some(Ok(chunk)));
                    }
                    Taken::TooMuch => {
                        let why = "an https origin sent more than it said";
                        return self.fail(OriginError::Failed, why);
                    }
                },
            }
        }
    }
}

/// The bytes of what is empty.
pub(super) fn nothing() -> Chunks {
    Box::pin(Nothing)
}

struct Nothing;

impl Stream for Nothing {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Item>> {
        Poll::Ready(None)
    }
}

fn as_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
