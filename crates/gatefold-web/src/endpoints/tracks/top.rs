//! `GET /tracks/top`: tracks that everybody sees, those first that are liked most.

use axum::{Json, extract::State, routing::get};
use http::Method;
use serde::Deserialize;

use super::{
    answer::{self, TrackAnswer},
    at_most, works,
};
use crate::{
    error::Problem,
    extract::QueryOf,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::MaybeViewer,
};

#[derive(Deserialize)]
struct Asked {
    limit: Option<u32>,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/tracks/top",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(top),
    }
}

async fn top(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    QueryOf(asked): QueryOf<Asked>,
) -> Result<Json<Vec<TrackAnswer>>, Problem> {
    let works = works(&state)?;
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    let found = works.library.top(at_most(asked.limit), viewer).await?;
    Ok(Json(answer::all(found, &state.rules.site, works)))
}
