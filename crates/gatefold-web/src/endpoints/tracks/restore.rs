//! `POST /tracks/{id}/revisions/{rev}/restore`: plays a revision again, behind the gate of now. Tells
//! the one whose place it took.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    routing::post,
};
use gatefold_domain::TrackId;
use http::Method;

use super::{allowed, revisions::RevisionAnswer, works};
use crate::{
    error::{NOT_FOUND, Problem},
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::AnyViewer,
};

pub(super) fn route() -> Route {
    Route {
        method: Method::POST,
        path: "/tracks/{id}/revisions/{revision}/restore",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler: post(restore),
    }
}

async fn restore(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<RevisionAnswer>, Problem> {
    let works = works(&state)?;
    let Path((id, revision)) = path.map_err(|_| NOT_FOUND)?;
    let id: TrackId = id.parse().map_err(|_| NOT_FOUND)?;
    // A revision is numbered as a track is.
    let revision: TrackId = revision.parse().map_err(|_| NOT_FOUND)?;
    allowed(&state, &viewer, &works.tracks).await?;
    let studio = &works.studio;
    let displaced = studio.restore(&viewer.did, id, revision.get()).await?;
    Ok(Json(RevisionAnswer::new(id, &displaced)))
}
