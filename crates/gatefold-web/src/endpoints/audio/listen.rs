//! `GET /audio/{file_id}`: goes to where a file is heard. `HEAD` tells whether one may, and goes
//! nowhere: clients ask so first.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::Method;

use super::FileOf;
use crate::{
    error::Problem,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::MaybeViewer,
};

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/audio/{file_id}",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(listen),
    }
}

async fn listen(
    method: Method,
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    FileOf(file): FileOf,
) -> Result<Response, Problem> {
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    if method == Method::HEAD {
        state.playing.ask(viewer, &file).await?;
        return Ok(().into_response());
    }
    let play = state.playing.play(viewer, &file).await?;
    Ok(Redirect::temporary(play.link.url()).into_response())
}
