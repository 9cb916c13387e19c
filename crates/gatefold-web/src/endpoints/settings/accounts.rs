//! `GET /settings/accounts`: the accounts of this browser.

use axum::{extract::State, response::IntoResponse, routing::get};
use http::Method;

use crate::{
    error::Problem,
    limits::Class,
    pages::{AccountRow, AccountsPage, Frame, Page, Section, name},
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::BrowserViewer,
};

/// Its path, to which changes go back.
pub(super) const PATH: &str = "/settings/accounts";

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: PATH,
        access: Access::BrowserViewer,
        surface: Surface::Page,
        class: Class::Default,
        handler: get(accounts),
    }
}

async fn accounts(
    State(state): State<WebState>,
    BrowserViewer(viewer): BrowserViewer,
) -> Result<impl IntoResponse, Problem> {
    let linked = state.accounts.linked(&viewer).await?;
    let others = linked
        .into_iter()
        .filter(|account| account.did != viewer.did);
    let current = AccountRow {
        did: viewer.did.to_string(),
        name: name(&viewer),
        is_current: true,
    };
    let others = others.map(|account| AccountRow {
        name: account
            .handle
            .map_or_else(|| account.did.to_string(), |handle| handle.to_string()),
        did: account.did.to_string(),
        is_current: false,
    });
    let page = AccountsPage {
        frame: Frame::new(&state.rules.name, Some(&viewer), Section::Accounts),
        accounts: std::iter::once(current).chain(others).collect(),
    };
    Ok(Page::new(page).sends_away())
}
