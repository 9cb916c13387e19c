//! `GET /tracks/liked`: what whoever asks likes.

use axum::{Json, extract::State, routing::get};
use http::Method;
use serde::Serialize;

use super::{
    answer::{self, TrackAnswer},
    works,
};
use crate::{
    error::Problem,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::AnyViewer,
};

#[derive(Serialize)]
struct Answer {
    tracks: Vec<TrackAnswer>,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/tracks/liked",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(liked),
    }
}

async fn liked(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
) -> Result<Json<Answer>, Problem> {
    let works = works(&state)?;
    let found = works.library.liked(&viewer.did).await?;
    Ok(Json(Answer {
        tracks: answer::all(found, &state.rules.site, works),
    }))
}
