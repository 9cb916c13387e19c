//! `DELETE /tracks/{id}`: deletes a track. It is gone at once; what it left elsewhere follows.

use axum::{Json, extract::State, routing::delete};
use http::Method;
use serde::Serialize;

use super::{TrackOf, works};
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
    message: &'static str,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::DELETE,
        path: "/tracks/{id}",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler: delete(remove),
    }
}

async fn remove(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    TrackOf(id): TrackOf,
) -> Result<Json<Answer>, Problem> {
    works(&state)?.studio.remove(&viewer.did, id).await?;
    Ok(Json(Answer {
        message: "the track is deleted",
    }))
}
