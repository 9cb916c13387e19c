//! `GET /audio/{file_id}/download`: where a file can be saved, for whoever may hear it and whom its artist
//! lets keep it; and that place, which looks at both again and gives the bytes.
//!
//! So it stops with the next request after support, session or gate have ended. One that broke off goes on with
//! the rest, by a range. Where plays are delivered by presigned URLs, what is gated is saved by one, too.

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use gatefold_app::tracks::Playable;
use gatefold_domain::{Downloads, FileId};
use gatefold_seal::UnixSeconds;
use http::{HeaderValue, Method, StatusCode, header};

use super::FileOf;
use crate::{
    attachment::{disposition, file_name},
    endpoints::tracks::works,
    error::Problem,
    limits::Class,
    media::granted,
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

/// How long one answer may take, in seconds.
const LONGEST: u64 = 24 * 60 * 60;

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
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    FileOf(file): FileOf,
    request: Request,
) -> Result<Response, Problem> {
    let viewer = viewer.as_ref().map(|viewer| &viewer.did);
    let found = allowed(&state, viewer, &file).await?;
    let (request, _) = request.into_parts();
    let now = UnixSeconds::from(state.clock.now());
    // Whatever time somebody's line takes for it.
    let until = UnixSeconds(now.0.saturating_add(LONGEST));
    let edge = &works(&state)?.edge;
    let mut response = granted(edge, &request, (found.source(), until)).await;
    let headers = response.headers_mut();
    // Whoever asks again is looked at again.
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    headers.append(
        header::VARY,
        HeaderValue::from_static("Cookie, Authorization"),
    );
    if response.status().is_success() {
        let disposition = disposition(&name(&found));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
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
