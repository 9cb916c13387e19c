//! `PATCH /tracks/{id}`: changes a track. What is not named stays; `support_gate` set to `null` opens it.

use axum::{
    Form, Json,
    body::Body,
    extract::{FromRequest, Request, State},
    routing::patch,
};
use http::{HeaderMap, Method, header};

use super::{TrackOf, allowed, answer::TrackAnswer, details, works};
use crate::{
    error::{NOT_FOUND, Problem},
    limits::Class,
    multipart::{self, Arriving, BROKEN_FORM, Fields, NOT_A_FORM},
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::AnyViewer,
};

/// The largest picture, in bytes.
const LARGEST_PICTURE: usize = 20 * 1024 * 1024;
/// The largest form without a picture, in bytes.
const LARGEST_FORM: usize = 64 * 1024;

pub(super) fn route() -> Route {
    Route {
        method: Method::PATCH,
        path: "/tracks/{id}",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Upload,
        handler: patch(update),
    }
}

async fn update(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    TrackOf(id): TrackOf,
    request: Request,
) -> Result<Json<TrackAnswer>, Problem> {
    let works = works(&state)?;
    let seen = works.library.track(id, Some(&viewer.did)).await?;
    if !seen.is_some_and(|seen| seen.is_theirs) {
        return Err(NOT_FOUND);
    }
    allowed(&state, &viewer, &works.tracks).await?;
    let (fields, image) = read(request).await?;
    let mut change = details::of_change(&state, &fields).await?;
    change.image = image;
    works.studio.change(&viewer.did, id, change).await?;
    let seen = works.library.track(id, Some(&viewer.did)).await?;
    let seen = seen.ok_or(NOT_FOUND)?;
    Ok(Json(TrackAnswer::new(seen, &state.rules.site, works)))
}

/// A form of either kind, with the picture that may be in it. No body is a form without fields.
async fn read(request: Request) -> Result<(Fields, Option<bytes::Bytes>), Problem> {
    let (parts, body) = request.into_parts();
    if is_multipart(&parts.headers) {
        return read_multipart(Arriving::new(&parts.headers, body)?).await;
    }
    let body = axum::body::to_bytes(body, LARGEST_FORM).await;
    let body = body.map_err(|_| BROKEN_FORM)?;
    let mut fields = Fields::default();
    if body.is_empty() {
        return Ok((fields, None));
    }
    let request = Request::from_parts(parts, Body::from(body));
    let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
    for (name, text) in form.map_err(|_| NOT_A_FORM)?.0 {
        fields.put(name, text)?;
    }
    Ok((fields, None))
}

fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("multipart/"))
}

async fn read_multipart(mut form: Arriving) -> Result<(Fields, Option<bytes::Bytes>), Problem> {
    let (mut fields, mut image) = (Fields::default(), None);
    while let Some((name, part)) = form.next().await? {
        if name == "image" {
            image = Some(multipart::whole(part, LARGEST_PICTURE).await?);
        } else {
            fields.put(name, multipart::text(part).await?)?;
        }
    }
    Ok((fields, image))
}
