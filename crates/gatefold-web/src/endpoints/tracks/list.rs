//! `GET /tracks/`: tracks that everybody sees, the newest first, page by page.

use axum::{Json, extract::State, routing::get};
use gatefold_app::library::Filter;
use gatefold_domain::{Did, TrackId};
use http::{Method, StatusCode};
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
    viewer::MaybeViewer,
};

const CURSOR: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "invalid_cursor",
    "the cursor is none that was given here",
);

#[derive(Deserialize)]
struct Asked {
    limit: Option<u32>,
    cursor: Option<String>,
    artist_did: Option<String>,
    tags: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    tracks: Vec<TrackAnswer>,
    next_cursor: Option<String>,
    has_more: bool,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/tracks/",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(list),
    }
}

async fn list(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    QueryOf(asked): QueryOf<Asked>,
) -> Result<Json<Answer>, Problem> {
    let works = works(&state)?;
    let most = at_most(asked.limit);
    let before = asked
        .cursor
        .as_deref()
        .map(str::parse::<TrackId>)
        .transpose();
    let before = before.map_err(|_| CURSOR)?;
    let artist = asked
        .artist_did
        .as_deref()
        .map(str::parse::<Did>)
        .transpose();
    let none = || Answer {
        tracks: Vec::new(),
        next_cursor: None,
        has_more: false,
    };
    // Nobody has such a name, and no tracks.
    let Ok(artist) = artist else {
        return Ok(Json(none()));
    };
    let filter = Filter {
        before,
        artist: artist.as_ref(),
        tag: asked.tags.as_deref(),
        album: None,
    };
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    // One more than asked for, which tells whether there are more.
    let mut found = works
        .library
        .shown(filter, most.saturating_add(1), viewer)
        .await?;
    let wanted = usize::try_from(most).unwrap_or(usize::MAX);
    let has_more = found.len() > wanted;
    found.truncate(wanted);
    let last = found.last().map(|seen| seen.listed.track.id.to_string());
    Ok(Json(Answer {
        tracks: answer::all(found, &state.rules.site, works),
        next_cursor: last.filter(|_| has_more),
        has_more,
    }))
}
