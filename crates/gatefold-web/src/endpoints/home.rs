//! `GET /`: the home page.

use axum::{extract::State, response::IntoResponse, routing::get};
use http::Method;

use crate::{
    error::Problem,
    limits::Class,
    pages::{Frame, HomePage, Page, Section, TrackRow},
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::MaybeViewer,
};

/// How many tracks are listed.
const MOST: u32 = 50;

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/",
        access: Access::Public,
        surface: Surface::Page,
        class: Class::Default,
        handler: get(home),
    }
}

async fn home(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
) -> Result<impl IntoResponse, Problem> {
    let viewer = viewer.as_ref();
    let newest = state.tracks.newest(None, MOST).await?;
    let frame = Frame::new(&state.rules.name, viewer, Section::Home);
    Ok(Page::new(HomePage {
        frame: frame.with_demo(state.demo.as_ref(), viewer),
        tracks: newest.iter().map(TrackRow::from).collect(),
    }))
}
