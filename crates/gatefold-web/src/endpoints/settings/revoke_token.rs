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
    viewer::BrowserViewer,
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
    FormOf(asked): FormOf<Asked>,
) -> Result<impl IntoResponse, Problem> {
    let id = PublicId::parse(&asked.id).ok_or(NOT_FOUND)?;
    state.accounts.revoke_developer_token(&viewer, &id).await?;
    Ok(Redirect::to(tokens::PATH))
}
