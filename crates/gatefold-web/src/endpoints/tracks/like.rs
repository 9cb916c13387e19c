//! `POST` and `DELETE /tracks/{id}/like`: likes a track, or no longer.

use axum::{
    Json,
    extract::State,
    routing::{delete, post},
};
use gatefold_app::accounts::Viewer;
use gatefold_domain::TrackId;
use http::Method;
use serde::Serialize;

use super::{TrackOf, allowed, works};
use crate::{
    error::{NOT_FOUND, Problem},
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::AnyViewer,
};

#[derive(Serialize)]
struct Answer {
    liked: bool,
}

pub(super) fn routes() -> [Route; 2] {
    let route = |method, handler| Route {
        method,
        path: "/tracks/{id}/like",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler,
    };
    [
        route(Method::POST, post(like)),
        route(Method::DELETE, delete(unlike)),
    ]
}

async fn like(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    TrackOf(id): TrackOf,
) -> Result<Json<Answer>, Problem> {
    set(&state, &viewer, id, true).await
}

async fn unlike(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    TrackOf(id): TrackOf,
) -> Result<Json<Answer>, Problem> {
    set(&state, &viewer, id, false).await
}

async fn set(
    state: &WebState,
    viewer: &Viewer,
    id: TrackId,
    liked: bool,
) -> Result<Json<Answer>, Problem> {
    let works = works(state)?;
    allowed(state, viewer, &works.likes).await?;
    let set = works.library.like(&viewer.did, id, liked).await?;
    set.then_some(Json(Answer { liked })).ok_or(NOT_FOUND)
}
