//! `GET /tracks/{id}`: a track.

use axum::{Json, extract::State, routing::get as getting};
use http::Method;

use super::{TrackOf, answer::TrackAnswer, works};
use crate::{
    error::{NOT_FOUND, Problem},
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::MaybeViewer,
};

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/tracks/{id}",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: getting(get),
    }
}

async fn get(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    TrackOf(id): TrackOf,
) -> Result<Json<TrackAnswer>, Problem> {
    let works = works(&state)?;
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    let seen = works.library.track(id, viewer).await?.ok_or(NOT_FOUND)?;
    Ok(Json(TrackAnswer::new(seen, &state.rules.site, works)))
}
