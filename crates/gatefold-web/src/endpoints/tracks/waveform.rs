//! `GET /tracks/{id}/waveform`: how loud a track is, from its beginning to its end, for whoever may hear it.

use axum::{Json, extract::State, routing::get};
use http::Method;
use serde::Serialize;

use super::{TrackOf, works};
use crate::{
    error::{NOT_FOUND, Problem},
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::MaybeViewer,
};

#[derive(Serialize)]
struct Answer {
    /// From 0 to 255, each for the same part of the time; `null` for what was not decoded.
    points: Option<Vec<u8>>,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/tracks/{id}/waveform",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(waveform),
    }
}

async fn waveform(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    TrackOf(id): TrackOf,
) -> Result<Json<Answer>, Problem> {
    let works = works(&state)?;
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    let seen = works.library.track(id, viewer).await?.ok_or(NOT_FOUND)?;
    let file = &seen.listed.track.audio.id;
    // It is made of what is heard: whoever may not hear that does not get it either.
    state.playing.ask(viewer, file).await?;
    let points = works.library.waveform(file).await?;
    Ok(Json(Answer { points }))
}
