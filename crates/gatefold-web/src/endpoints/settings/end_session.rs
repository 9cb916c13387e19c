//! `POST /settings/sessions/end`: ends a session of who asks.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use gatefold_domain::SessionId;
use http::Method;
use serde::Deserialize;

use super::sessions;
use crate::{
    endpoints::auth::forget_here,
    error::{NOT_FOUND, Problem},
    extract::FormOf,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::{BrowserViewer, FromNetwork, FromThisSite},
};

#[derive(Deserialize)]
struct Asked {
    id: String,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::POST,
        path: "/settings/sessions/end",
        access: Access::BrowserViewer,
        surface: Surface::Page,
        class: Class::Default,
        handler: post(end),
    }
}

async fn end(
    State(state): State<WebState>,
    BrowserViewer(viewer): BrowserViewer,
    _: FromThisSite,
    FromNetwork(network): FromNetwork,
    FormOf(asked): FormOf<Asked>,
) -> Result<Response, Problem> {
    let id: SessionId = asked.id.parse().map_err(|_| NOT_FOUND)?;
    state
        .accounts
        .end_session(&viewer, id, Some(&network))
        .await?;
    if id != viewer.session {
        return Ok(Redirect::to(sessions::PATH).into_response());
    }
    let mut response = Redirect::to("/").into_response();
    forget_here(response.headers_mut(), &state.rules.site);
    Ok(response)
}
