//! `GET /auth/me`: who asks.

use axum::{Json, extract::State, routing::get};
use gatefold_app::accounts::AccountName;
use gatefold_domain::{Did, Handle};
use http::Method;
use serde::Serialize;

use crate::{
    error::Problem,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::AnyViewer,
};

/// What the AT Protocol calls somebody who has no handle that leads back to them.
const NO_HANDLE: &str = "handle.invalid";

#[derive(Serialize)]
struct Answer {
    did: String,
    handle: String,
    linked_accounts: Vec<Linked>,
    /// There are none yet.
    enabled_flags: [String; 0],
}

#[derive(Serialize)]
struct Linked {
    did: String,
    handle: String,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/auth/me",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(me),
    }
}

async fn me(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
) -> Result<Json<Answer>, Problem> {
    let linked = state.accounts.linked(&viewer).await?;
    Ok(Json(Answer {
        did: viewer.did.to_string(),
        handle: handle(viewer.handle.as_ref()),
        linked_accounts: linked.iter().map(Linked::from).collect(),
        enabled_flags: [],
    }))
}

impl From<&AccountName> for Linked {
    fn from(account: &AccountName) -> Self {
        let did: &Did = &account.did;
        Self {
            did: did.to_string(),
            handle: handle(account.handle.as_ref()),
        }
    }
}

/// A handle as the API tells it, also where there is none.
pub(in crate::endpoints) fn handle(handle: Option<&Handle>) -> String {
    handle.map_or_else(|| NO_HANDLE.to_owned(), ToString::to_string)
}
