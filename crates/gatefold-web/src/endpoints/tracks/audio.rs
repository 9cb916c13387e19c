//! `PUT /tracks/{id}/audio`: takes other audio for a track. What was played before can be restored.

use axum::{
    Json,
    extract::{Request, State},
    routing::put,
};
use gatefold_app::uploads::Details;
use http::Method;

use super::{
    TrackOf, allowed,
    create::{Answer, receive},
    works,
};
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
        method: Method::PUT,
        path: "/tracks/{id}/audio",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Upload,
        handler: put(replace),
    }
}

async fn replace(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    TrackOf(id): TrackOf,
    request: Request,
) -> Result<Json<Answer>, Problem> {
    let works = works(&state)?;
    let seen = works.library.track(id, Some(&viewer.did)).await?;
    if !seen.is_some_and(|seen| seen.is_theirs) {
        return Err(NOT_FOUND);
    }
    allowed(&state, &viewer, &works.tracks).await?;
    let (parts, body) = request.into_parts();
    let mut receiving = works.uploads.receive(&viewer.did, Some(id)).await?;
    match receive(&parts.headers, body, &mut receiving).await {
        Ok(_) => Ok(Json(Answer::taken(
            receiving.accept(&Details::default()).await?,
        ))),
        Err(problem) => {
            receiving.give_up("refused", problem.detail()).await;
            Err(problem)
        }
    }
}
