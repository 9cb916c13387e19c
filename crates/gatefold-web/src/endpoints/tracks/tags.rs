//! `GET /tracks/tags?q&limit`: the words on tracks that everybody sees.

use axum::{Json, extract::State, routing::get};
use http::Method;
use serde::{Deserialize, Serialize};

use super::{at_most, works};
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
    q: Option<String>,
    limit: Option<u32>,
}

#[derive(Serialize)]
struct Answer {
    name: String,
    track_count: u64,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/tracks/tags",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(tags),
    }
}

async fn tags(
    State(state): State<WebState>,
    MaybeViewer(_): MaybeViewer,
    QueryOf(asked): QueryOf<Asked>,
) -> Result<Json<Vec<Answer>>, Problem> {
    let works = works(&state)?;
    let prefix = asked.q.unwrap_or_default();
    let found = works.library.tags(&prefix, at_most(asked.limit)).await?;
    let answers = found.into_iter().map(|tag| Answer {
        name: tag.name,
        track_count: tag.tracks,
    });
    Ok(Json(answers.collect()))
}
