//! `POST /settings/tokens`: begins the sign-in that a developer token comes of.

use axum::{extract::State, response::Response, routing::post};
use http::Method;
use serde::Deserialize;

use super::tokens;
use crate::{
    endpoints::auth::{InvalidToken, begin, begin_problem, begin_token},
    error::Problem,
    extract::FormOf,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::{BrowserViewer, FromNetwork, FromThisSite},
};

#[derive(Deserialize)]
struct Asked {
    name: String,
    expires_in_days: i64,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::POST,
        path: tokens::PATH,
        access: Access::BrowserViewer,
        surface: Surface::Page,
        class: Class::Auth,
        handler: post(make),
    }
}

async fn make(
    State(state): State<WebState>,
    BrowserViewer(viewer): BrowserViewer,
    _: FromThisSite,
    FromNetwork(network): FromNetwork,
    FormOf(asked): FormOf<Asked>,
) -> Result<Response, Problem> {
    let (name, life) = InvalidToken::read(&asked.name, Some(asked.expires_in_days))?;
    let begun = begin_token(&state, viewer, name, life, network).await;
    begin(&state, &begun.map_err(begin_problem)?)
}
