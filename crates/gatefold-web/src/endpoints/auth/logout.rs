//! `POST /auth/logout`: ends the session that asks.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use gatefold_domain::SessionKind;
use http::Method;
use serde::Serialize;

use super::forget_here;
use crate::{
    error::Problem,
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
        method: Method::POST,
        path: "/auth/logout",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler: post(logout),
    }
}

async fn logout(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    FromNetwork(network): FromNetwork,
) -> Result<Response, Problem> {
    state.accounts.logout(&viewer, Some(&network)).await?;
    let message = "signed out";
    let mut response = Json(Answer { message }).into_response();
    if viewer.kind == SessionKind::Browser {
        forget_here(response.headers_mut(), &state.rules.site);
    }
    Ok(response)
}
