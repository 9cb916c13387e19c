//! `GET /static/{version}/{name}`: a file of the pages.

use axum::{
    extract::{Path, rejection::PathRejection},
    response::IntoResponse,
    routing::get,
};
use http::{Method, header};

use crate::{
    assets,
    error::{NOT_FOUND, Problem},
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
};

/// Its address changes with it.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Asked for by a page of another version.
const ONCE: &str = "no-cache";

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/static/{version}/{name}",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Files,
        handler: get(file),
    }
}

async fn file(
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<impl IntoResponse, Problem> {
    let Path((version, name)) = path.map_err(|_| NOT_FOUND)?;
    let (asset, is_current) = assets::find(&version, &name).ok_or(NOT_FOUND)?;
    let keep = if is_current { FOREVER } else { ONCE };
    Ok((
        [
            (header::CONTENT_TYPE, asset.content_type),
            (header::CACHE_CONTROL, keep),
        ],
        asset.text,
    ))
}
