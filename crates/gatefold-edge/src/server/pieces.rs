//! The body of an answer of the other service, in pieces as the edge's own are.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use http_body::{Body, Frame, SizeHint};

use super::Page;
use crate::Piece;

/// Another service's body. What it says of its length stays, so that answers say theirs.
pub(super) struct Pieces<B>(pub(super) B);

impl<B: Page> Body for Pieces<B> {
    type Data = Piece;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Piece>, B::Error>>> {
        let frame = Pin::new(&mut self.0).poll_frame(context);
        frame.map_ok(|frame| frame.map_data(Piece::from))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
