//! `DELETE /auth/developer-tokens/{id}`: ends a developer token of who asks.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    routing::delete,
};
use gatefold_app::accounts::PublicId;
use http::Method;
use serde::Serialize;

use crate::{
    error::{NOT_FOUND, Problem},
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::{AnyViewer, FromNetwork},
};

#[derive(Serialize)]
struct Answer {
    message: &'static str,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::DELETE,
        path: "/auth/developer-tokens/{id}",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler: delete(revoke),
    }
}

async fn revoke(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    FromNetwork(network): FromNetwork,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Answer>, Problem> {
    let id = id.ok().and_then(|Path(id)| PublicId::parse(&id));
    let id = id.ok_or(NOT_FOUND)?;
    let accounts = &state.accounts;
    accounts
        .revoke_developer_token(&viewer, &id, Some(&network))
        .await?;
    Ok(Json(Answer {
        message: "the token is revoked",
    }))
}
