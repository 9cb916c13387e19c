//! `GET /tracks/tags/{tag}`: the tracks with a word on them.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    routing::get,
};
use gatefold_app::library::Filter;
use http::Method;
use serde::Serialize;

use super::{
    MOST,
    answer::{self, TrackAnswer},
    works,
};
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
    tag: String,
    track_count: u64,
    tracks: Vec<TrackAnswer>,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/tracks/tags/{tag}",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(tag),
    }
}

async fn tag(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Answer>, Problem> {
    let works = works(&state)?;
    let Path(name) = path.map_err(|_| NOT_FOUND)?;
    let tag = works.library.tag(&name).await?.ok_or(NOT_FOUND)?;
    let filter = Filter {
        tag: Some(&tag.name),
        ..Filter::default()
    };
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    let found = works.library.shown(filter, MOST, viewer).await?;
    Ok(Json(Answer {
        tracks: answer::all(found, &state.rules.site, works),
        track_count: tag.tracks,
        tag: tag.name,
    }))
}
