//! `POST /tracks/{id}/play`: counts a play of whoever may hear a track.

use axum::{Json, extract::State, routing::post};
use gatefold_app::library::Listener;
use http::{Extensions, HeaderMap, Method};
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
    play_count: u64,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::POST,
        path: "/tracks/{id}/play",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: post(play),
    }
}

async fn play(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    TrackOf(id): TrackOf,
    headers: HeaderMap,
    extensions: Extensions,
) -> Result<Json<Answer>, Problem> {
    let works = works(&state)?;
    let listener = match &viewer {
        Some(viewer) => Listener::Person(&viewer.did),
        None => Listener::Address(state.client(&headers, &extensions)),
    };
    let played = works.library.play(id, listener).await?;
    let play_count = played.ok_or(NOT_FOUND)?;
    Ok(Json(Answer { play_count }))
}
