//! Bytes of tracks, through the site itself: the edge has them, with ranges and conditions, and this hands
//! on what it answers.

use axum::{body::Body, response::Response};
use bytes::Buf;
use gatefold_edge::{Edge, Granted};
use gatefold_seal::{Source, UnixSeconds};
use http::request::Parts;
use http_body_util::BodyExt;

use crate::perimeter::headers::Policy;

/// The answer to a request that may have an object, at an address that is good until then.
pub(crate) async fn granted(
    edge: &Edge,
    request: &Parts,
    (source, until): (&Source, UnixSeconds),
) -> Response {
    let answer = edge.grant(request, Granted { source, until }).await;
    let mut response =
        answer.response.map(|body| {
            Body::new(body.map_frame(|frame| {
                frame.map_data(|mut piece| piece.copy_to_bytes(piece.remaining()))
            }))
        });
    response.extensions_mut().insert(Policy::Media);
    response
}
