//! `GET /artists/me`: who asks, as an artist.

use axum::{Json, extract::State, routing::get};
use http::Method;

use super::Answer;
use crate::{
    error::Problem,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::AnyViewer,
};

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/artists/me",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(me),
    }
}

async fn me(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
) -> Result<Json<Answer>, Problem> {
    let artist = state.artists.get(&viewer.did).await?;
    Ok(Json(artist.into()))
}
