//! What is sent: nothing, a text, slices of an object as the client takes them (from memory, or as
//! parts of files), or an origin's bytes passed through.

mod piece;
mod sending;
mod through;

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use gatefold_domain::Clock;
use gatefold_seal::UnixSeconds;
use http_body::{Frame, SizeHint};

pub use self::piece::Piece;
pub(crate) use self::{sending::Sending, through::Through};

/// The body of an answer.
pub struct Body(Kind);

enum Kind {
    Memory(Option<Bytes>),
    Sending(Box<Sending>),
    Through(Box<Through>),
}

impl Body {
    pub(crate) fn empty() -> Self {
        Self(Kind::Memory(None))
    }

    /// A body that is there already.
    pub fn text(text: impl Into<Bytes>) -> Self {
        Self(Kind::Memory(Some(text.into())))
    }

    /// A part of an object.
    pub(crate) fn sending(mut sending: Sending) -> Self {
        // What is there as a whole needs nothing to keep it going.
        Self(match sending.take_whole() {
            Some(bytes) => Kind::Memory(Some(bytes)),
            None => Kind::Sending(Box::new(sending)),
        })
    }

    /// What an origin gives.
    pub(crate) fn through(through: Through) -> Self {
        Self(Kind::Through(Box::new(through)))
    }
}

/// When an answer that is still being sent is cut off.
pub(crate) struct Deadline {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) last: UnixSeconds,
}

impl Deadline {
    fn check(&self) -> io::Result<()> {
        if UnixSeconds::from(self.clock.now()) > self.last {
            return Err(io::Error::other("the URL's time has passed"));
        }
        Ok(())
    }
}

impl http_body::Body for Body {
    type Data = Piece;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Piece>>>> {
        let piece = match &mut self.0 {
            Kind::Memory(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(bytes.into()))),
            Kind::Sending(sending) => sending.poll_piece(context),
            Kind::Through(through) => through.poll_piece(context).map_ok(Piece::from),
        };
        piece.map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Memory(bytes) => bytes.is_none(),
            Kind::Sending(sending) => sending.left() == 0,
            Kind::Through(through) => through.left() == Some(0),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Memory(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
            }
            Kind::Sending(sending) => SizeHint::with_exact(sending.left()),
            Kind::Through(through) => through
                .left()
                .map_or_else(SizeHint::new, SizeHint::with_exact),
        }
    }
}

#[cfg(test)]
mod tests;
