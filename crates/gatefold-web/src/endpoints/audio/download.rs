//! `GET /audio/{file_id}/download`: where a file can be saved, for whoever may hear it and whom its artist
//! lets keep it; and that place, which looks at both again and gives the bytes.
//!
//! What is saved goes past the edge: it is asked for once, from its beginning to its end, and nobody else
//! wants the same bytes at the same time. So it stops with the next request after support, session or gate
//! have ended. Where plays are delivered by presigned URLs, what is gated is saved by one, too.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use bytes::Bytes;
use futures_core::Stream;
use gatefold_app::{library::Reading, tracks::Playable};
use gatefold_domain::{Downloads, FileId};
use http::{HeaderValue, Method, StatusCode, header};

use super::FileOf;
use crate::{
    attachment::{disposition, file_name},
    endpoints::tracks::works,
    error::Problem,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::MaybeViewer,
};

const OFF: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "downloads_off",
    "its artist lets nobody keep this file",
);

pub(super) fn routes() -> [Route; 2] {
    let route = |path, handler| Route {
        method: Method::GET,
        path,
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Default,
        handler,
    };
    [
        route("/audio/{file_id}/download", get(download)),
        route("/audio/{file_id}/attachment", get(attachment)),
    ]
}

async fn download(
    method: Method,
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    FileOf(file): FileOf,
) -> Result<Response, Problem> {
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    let found = allowed(&state, viewer, &file).await?;
    if method == Method::HEAD {
        return Ok(().into_response());
    }
    let disposition = disposition(&name(&found));
    // It is made of ASCII.
    let words = disposition.to_str().unwrap_or_default();
    let elsewhere = state.playing.save(&found, words).await?;
    let there = elsewhere.unwrap_or_else(|| format!("/audio/{file}/attachment"));
    Ok(Redirect::temporary(&there).into_response())
}

async fn attachment(
    method: Method,
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    FileOf(file): FileOf,
) -> Result<Response, Problem> {
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    let found = allowed(&state, viewer, &file).await?;
    let track = &found.track;
    let format = track.audio.format;
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        let reading = works(&state)?.library.bytes(&track.audio.object).await?;
        Body::from_stream(Saving::new(reading))
    };
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static(format.media_type()),
        ),
        (header::CONTENT_LENGTH, HeaderValue::from(track.audio.len)),
        (header::CONTENT_DISPOSITION, disposition(&name(&found))),
    ];
    Ok((headers, body).into_response())
}

/// What a file is called that is saved.
fn name(found: &Playable) -> String {
    let track = &found.track;
    let extension = track.audio.format.extension();
    file_name(&track.artist_name, &track.title, extension)
}

/// The track of a file that may be heard, and kept.
async fn allowed(
    state: &WebState,
    viewer: Option<&gatefold_domain::Did>,
    file: &FileId,
) -> Result<std::sync::Arc<Playable>, Problem> {
    let found = state.playing.ask(viewer, file).await?;
    let is_theirs = viewer == Some(&found.track.access.artist);
    if !is_theirs && found.track.downloads == Downloads::Off {
        return Err(OFF);
    }
    Ok(found)
}

type Next = Pin<Box<dyn Future<Output = (Reading, Option<io::Result<Bytes>>)> + Send>>;

/// An object on its way, in pieces.
struct Saving(Next);

impl Saving {
    fn new(reading: Reading) -> Self {
        Self(Box::pin(next(reading)))
    }
}

async fn next(mut reading: Reading) -> (Reading, Option<io::Result<Bytes>>) {
    let part = reading.next().await;
    (reading, part.map(|part| part.map_err(io::Error::other)))
}

impl Stream for Saving {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.0.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready((reading, part)) => {
                if part.is_some() {
                    self.0 = Box::pin(next(reading));
                }
                Poll::Ready(part)
            }
        }
    }
}
