//! `GET /artists/{did}`: an artist.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    routing::get,
};
use gatefold_domain::Did;
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
        path: "/artists/{did}",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(by_did),
    }
}

async fn by_did(
    State(state): State<WebState>,
    did: Result<Path<String>, PathRejection>,
) -> Result<Json<Answer>, Problem> {
    let Path(did) = did.map_err(|_| NO_ARTIST)?;
    let did: Did = did.parse().map_err(|_| NO_ARTIST)?;
    let artist = state.artists.get(&did).await?;
    Ok(Json(artist.into()))
}
