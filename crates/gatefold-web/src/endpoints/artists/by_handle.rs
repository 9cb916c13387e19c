//! `GET /artists/by-handle/{handle}`: the artist who has a handle.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    routing::get,
};
use gatefold_domain::Handle;
use http::Method;

use super::{Answer, NO_ARTIST};
use crate::{
    error::Problem,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
};

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/artists/by-handle/{handle}",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(by_handle),
    }
}

async fn by_handle(
    State(state): State<WebState>,
    handle: Result<Path<String>, PathRejection>,
) -> Result<Json<Answer>, Problem> {
    let Path(handle) = handle.map_err(|_| NO_ARTIST)?;
    let handle = handle.trim_start_matches('@').to_ascii_lowercase();
    let handle: Handle = handle.parse().map_err(|_| NO_ARTIST)?;
    let artist = state.artists.by_handle(&handle).await?;
    Ok(Json(artist.into()))
}
