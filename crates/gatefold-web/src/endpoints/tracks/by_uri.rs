//! `GET /tracks/by-uri?uri=at://…`: the track whose record is there.

use axum::{Json, extract::State, routing::get};
use http::Method;
use serde::Deserialize;

use super::{answer::TrackAnswer, works};
use crate::{
    error::{NOT_FOUND, Problem},
    extract::QueryOf,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::MaybeViewer,
};

#[derive(Deserialize)]
struct Asked {
    uri: String,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/tracks/by-uri",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(by_uri),
    }
}

async fn by_uri(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    QueryOf(asked): QueryOf<Asked>,
) -> Result<Json<TrackAnswer>, Problem> {
    let works = works(&state)?;
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    let seen = works.library.by_record(&asked.uri, viewer).await?;
    let seen = seen.ok_or(NOT_FOUND)?;
    Ok(Json(TrackAnswer::new(seen, &state.rules.site, works)))
}
