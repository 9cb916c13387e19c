//! `GET /tracks/{id}/revisions`: what was played of a track before, for its artist.

use axum::{Json, extract::State, routing::get};
use gatefold_app::studio::Revision;
use gatefold_domain::{AudioFormat, TrackId};
use http::Method;
use serde::Serialize;

use super::{TrackOf, works};
use crate::{
    error::Problem,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    text::Moment,
    viewer::AnyViewer,
};

/// A revision, as the API tells of it.
#[derive(Serialize)]
pub(super) struct RevisionAnswer {
    id: i64,
    track_id: i64,
    created_at: String,
    file_type: &'static str,
    original_file_type: Option<&'static str>,
    audio_storage: &'static str,
    /// In seconds.
    duration: u64,
    was_gated: bool,
}

impl RevisionAnswer {
    pub(super) fn new(track: TrackId, revision: &Revision) -> Self {
        Self {
            id: revision.id,
            track_id: track.get(),
            created_at: Moment::from(revision.created).iso,
            file_type: revision.format.extension(),
            original_file_type: revision.original.map(AudioFormat::extension),
            audio_storage: "r2_private",
            duration: revision.duration.div_euclid(1000),
            was_gated: !revision.gate.is_open(),
        }
    }
}

#[derive(Serialize)]
struct Answer {
    revisions: Vec<RevisionAnswer>,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/tracks/{id}/revisions",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(revisions),
    }
}

async fn revisions(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    TrackOf(id): TrackOf,
) -> Result<Json<Answer>, Problem> {
    let found = works(&state)?.studio.revisions(&viewer.did, id).await?;
    let answers = found
        .iter()
        .map(|revision| RevisionAnswer::new(id, revision));
    Ok(Json(Answer {
        revisions: answers.collect(),
    }))
}
