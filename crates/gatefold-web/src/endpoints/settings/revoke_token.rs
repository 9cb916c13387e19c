//! `POST /settings/tokens/revoke`: ends a developer token.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect},
    routing::post,
};
use gatefold_app::accounts::PublicId;
use http::Method;
use serde::Deserialize;

use super::tokens;
use crate::{
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
        path: "/settings/tokens/revoke",
        access: Access::BrowserViewer,
        surface: Surface::Page,
        class: Class::Default,
        handler: post(revoke),
    }
}

async fn revoke(
    State(state): State<WebState>,
    BrowserViewer(viewer): BrowserViewer,
    _: FromThisSite,
    FromNetwork(network): FromNetwork,
    FormOf(asked): FormOf<Asked>,
) -> Result<impl IntoResponse, Problem> {
    let id = PublicId::parse(&asked.id).ok_or(NOT_FOUND)?;
    let accounts = &state.accounts;
    accounts
        .revoke_developer_token(&viewer, &id, Some(&network))
        .await?;
    Ok(Redirect::to(tokens::PATH))
}
