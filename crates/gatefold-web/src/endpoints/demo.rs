//! What only a demonstration has. At a site, nothing is at these addresses.

mod persona;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::{
    error::{NOT_FOUND, Problem},
    routes::Route,
    state::WebState,
};

pub(super) fn routes() -> Vec<Route> {
    vec![persona::route()]
}

/// This is a demonstration: what a handler of one takes first.
struct OfDemonstration;

impl FromRequestParts<WebState> for OfDemonstration {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, state: &WebState) -> Result<Self, Problem> {
        state.demonstration.as_ref().map(|_| Self).ok_or(NOT_FOUND)
    }
}
