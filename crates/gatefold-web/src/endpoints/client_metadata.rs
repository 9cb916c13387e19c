//! `GET /oauth-client-metadata.json`: who this site is to authorization servers.

use axum::{extract::State, response::IntoResponse, routing::get};
use http::{Method, header};

use crate::{
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
};

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/oauth-client-metadata.json",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(client_metadata),
    }
}

async fn client_metadata(State(state): State<WebState>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        // Servers look again after a key has changed.
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, state.accounts.client_metadata())
}
