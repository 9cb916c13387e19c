//! `GET /tracks/me`: all tracks of whoever asks, drafts too.

use axum::{Json, extract::State, routing::get};
use http::Method;
use serde::{Deserialize, Serialize};

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
    viewer::AnyViewer,
};

#[derive(Deserialize)]
struct Asked {
    limit: Option<u32>,
    offset: Option<u32>,
}

#[derive(Serialize)]
struct Answer {
    tracks: Vec<TrackAnswer>,
    total: u64,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/tracks/me",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(me),
    }
}

async fn me(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    QueryOf(asked): QueryOf<Asked>,
) -> Result<Json<Answer>, Problem> {
    let works = works(&state)?;
    let page = (asked.offset.unwrap_or(0).into(), at_most(asked.limit));
    let (found, total) = works.library.own(&viewer.did, page).await?;
    Ok(Json(Answer {
        tracks: answer::all(found, &state.rules.site, works),
        total,
    }))
}
