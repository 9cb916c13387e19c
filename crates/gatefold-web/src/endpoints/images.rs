//! `GET /images/{id}`: a picture of something that whoever asks may see.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::IntoResponse,
    routing::get,
};
use bytes::BytesMut;
use gatefold_domain::ImageId;
use http::{Method, StatusCode, header};
use serde::Deserialize;

use super::tracks::works;
use crate::{
    error::{NOT_FOUND, Problem, UNAVAILABLE},
    extract::QueryOf,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::MaybeViewer,
};

const SIZE: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "invalid_size",
    "there are the sizes large and small",
);

/// A name is for the same picture for good, but whoever may see it may change.
const KEPT: &str = "private, max-age=300";

#[derive(Deserialize)]
struct Asked {
    size: Option<String>,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/images/{id}",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(image),
    }
}

async fn image(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    path: Result<Path<String>, PathRejection>,
    QueryOf(asked): QueryOf<Asked>,
) -> Result<impl IntoResponse, Problem> {
    let works = works(&state)?;
    let Path(id) = path.map_err(|_| NOT_FOUND)?;
    let id: ImageId = id.parse().map_err(|_| NOT_FOUND)?;
    let is_large = match asked.size.as_deref() {
        None | Some("large") => true,
        Some("small") => false,
        Some(_) => return Err(SIZE),
    };
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    let found = works.library.image(id, (is_large, viewer)).await?;
    let mut reading = found.ok_or(NOT_FOUND)?;
    // What is kept was made here, and is small.
    let mut picture = BytesMut::new();
    while let Some(part) = reading.next().await {
        picture.extend_from_slice(&part.map_err(|_| UNAVAILABLE)?);
    }
    let headers = [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::CACHE_CONTROL, KEPT),
        (header::VARY, "Cookie, Authorization"),
    ];
    Ok((headers, picture.freeze()))
}
