//! `GET /settings/tokens`: the developer tokens of an account.

use axum::{extract::State, response::IntoResponse, routing::get};
use gatefold_app::accounts::DeveloperToken;
use http::Method;

use crate::{
    error::Problem,
    limits::Class,
    pages::{Frame, Page, Section, TokenRow, TokensPage},
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::BrowserViewer,
};

/// Its path, to which changes go back.
pub(super) const PATH: &str = "/settings/tokens";

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: PATH,
        access: Access::BrowserViewer,
        surface: Surface::Page,
        class: Class::Default,
        handler: get(tokens),
    }
}

async fn tokens(
    State(state): State<WebState>,
    BrowserViewer(viewer): BrowserViewer,
) -> Result<impl IntoResponse, Problem> {
    let tokens = state.accounts.developer_tokens(&viewer).await?;
    let page = TokensPage {
        frame: Frame::new(&state.rules.name, Some(&viewer), Section::Tokens),
        tokens: tokens.into_iter().map(row).collect(),
    };
    Ok(Page::new(page).sends_away())
}

fn row(token: DeveloperToken) -> TokenRow {
    TokenRow {
        public_id: token.public_id.to_string(),
        name: token.name,
        created: token.created.into(),
        expires: token.expires.into(),
    }
}
