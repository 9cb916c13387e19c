//! `GET /health`: whether new requests are welcome, for whoever spreads them over several instances.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{Method, StatusCode};
use serde_json::json;

use crate::{
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
};

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/health",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Files,
        handler: get(health),
    }
}

async fn health(State(state): State<WebState>) -> Response {
    let (status, word) = if state.stopping.is_stopping() {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping")
    } else {
        (StatusCode::OK, "ok")
    };
    (status, Json(json!({ "status": word }))).into_response()
}
