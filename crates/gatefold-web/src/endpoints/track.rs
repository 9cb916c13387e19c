//! `GET /track/{id}`: the page of a track, whose address is passed around.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::IntoResponse,
    routing::get,
};
use gatefold_domain::TrackId;
use http::Method;

use crate::{
    error::{NOT_FOUND, Problem},
    limits::Class,
    pages::{Frame, Page, Section, TrackPage},
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::MaybeViewer,
};

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/track/{id}",
        access: Access::Public,
        surface: Surface::Page,
        class: Class::Default,
        handler: get(track),
    }
}

async fn track(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    id: Result<Path<String>, PathRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Path(id) = id.map_err(|_| NOT_FOUND)?;
    let id: TrackId = id.parse().map_err(|_| NOT_FOUND)?;
    let track = state.tracks.get(id).await?.ok_or(NOT_FOUND)?;
    let viewer = viewer.as_ref();
    let frame = Frame::new(&state.rules.name, viewer, Section::Home);
    let frame = frame.with_demo(state.demo.as_ref(), viewer);
    // Somebody else's draft is answered like what is not there.
    let page = TrackPage::new(frame, &track, viewer).ok_or(NOT_FOUND)?;
    Ok(Page::new(page))
}
