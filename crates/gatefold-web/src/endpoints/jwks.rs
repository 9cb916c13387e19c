//! `GET /.well-known/jwks.json`: the public keys by which authorization servers know this site.

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
        path: "/.well-known/jwks.json",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(jwks),
    }
}

async fn jwks(State(state): State<WebState>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        // Servers look again after a key has changed.
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, state.accounts.jwks())
}
