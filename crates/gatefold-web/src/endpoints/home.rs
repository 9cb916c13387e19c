//! `GET /`: the home page.

use axum::{extract::State, response::IntoResponse, routing::get};
use http::Method;

use crate::{
    error::Problem,
    limits::Class,
    pages::{Frame, HomePage, Page, Section},
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::MaybeViewer,
};

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
    let frame = Frame::new(&state.rules.name, viewer.as_ref(), Section::Home);
    Ok(Page::new(HomePage { frame }))
}
