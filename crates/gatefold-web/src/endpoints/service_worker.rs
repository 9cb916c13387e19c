//! `GET /service-worker.js`, and `GET /worker/{name}` for its parts: the service worker of the pages.

use axum::{
    extract::{Path, rejection::PathRejection},
    response::{IntoResponse, Response},
    routing::get,
};
use http::{Method, header};

use crate::{
    assets::{self, Asset},
    error::{NOT_FOUND, Problem},
    limits::Class,
    perimeter::{Surface, headers::Policy},
    routes::{Access, Route},
};

/// Its address stays the same, and browsers look whether it has changed.
const LOOK_AGAIN: &str = "no-cache";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route {
            method: Method::GET,
            path: "/service-worker.js",
            access: Access::Public,
            surface: Surface::Api,
            class: Class::Files,
            handler: get(worker),
        },
        Route {
            method: Method::GET,
            path: "/worker/{name}",
            access: Access::Public,
            surface: Surface::Api,
            class: Class::Files,
            handler: get(part),
        },
    ]
}

async fn worker() -> Result<Response, Problem> {
    found(assets::find_worker("service-worker.js"))
}

async fn part(name: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let Path(name) = name.map_err(|_| NOT_FOUND)?;
    found(assets::find_worker(&format!("worker/{name}")))
}

fn found(asset: Option<&Asset>) -> Result<Response, Problem> {
    let asset = asset.ok_or(NOT_FOUND)?;
    let headers = [
        (header::CONTENT_TYPE, asset.content_type),
        (header::CACHE_CONTROL, LOOK_AGAIN),
    ];
    let mut response = (headers, asset.text).into_response();
    response.extensions_mut().insert(Policy::Worker);
    Ok(response)
}
