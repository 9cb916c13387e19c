//! `GET /tracks/uploads/{upload_id}/progress`: how far the work on an upload is, as server-sent events,
//! for whoever sent it. Ends with `completed` or `failed`.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use futures_core::Stream;
use gatefold_app::{
    library::{Library, Seen},
    uploads::{Upload, UploadState, Uploads},
};
use gatefold_domain::{Did, UploadId};
use http::{Method, header};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::works;
use crate::{
    error::{NOT_FOUND, Problem},
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::AnyViewer,
};

/// How often is looked.
const EVERY: Duration = Duration::from_millis(250);
/// How long a track that can be played already is waited for to have its record and its public copy: so
/// many looks.
const LINGER: u32 = 40;
/// How many events wait for whoever reads them.
const AHEAD: usize = 4;

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/tracks/uploads/{upload_id}/progress",
        access: Access::AnyViewer,
        surface: Surface::Api,
        class: Class::Default,
        handler: get(progress),
    }
}

async fn progress(
    State(state): State<WebState>,
    AnyViewer(viewer): AnyViewer,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let works = works(&state)?;
    let Path(id) = path.map_err(|_| NOT_FOUND)?;
    let id: UploadId = id.parse().map_err(|_| NOT_FOUND)?;
    let upload = works.uploads.get(&viewer.did, id).await?.ok_or(NOT_FOUND)?;
    let (events, told) = mpsc::channel(AHEAD);
    let watching = Watching {
        uploads: Arc::clone(&works.uploads),
        library: Arc::clone(&works.library),
        owner: viewer.did,
        lingered: 0,
    };
    tokio::spawn(watching.watch(upload, events));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, Body::from_stream(Told(told))).into_response())
}

struct Watching {
    uploads: Arc<Uploads>,
    library: Arc<Library>,
    owner: Did,
    lingered: u32,
}

impl Watching {
    /// Tells what is new, until there is no more to tell or nobody listens.
    async fn watch(mut self, mut upload: Upload, events: mpsc::Sender<Bytes>) {
        let mut last = None;
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            ticks.tick().await;
            match self.uploads.get(&self.owner, upload.id).await {
                Ok(Some(found)) => upload = found,
                Ok(None) => return,
                // It is asked again.
                Err(_) => continue,
            }
            let Ok((event, is_last)) = self.event(&upload).await else {
                continue;
            };
            let line = Bytes::from(format!("data: {event}\n\n"));
            if last.as_ref() != Some(&line) {
                if events.send(line.clone()).await.is_err() {
                    return;
                }
                last = Some(line);
            } else if events.is_closed() {
                return;
            }
            if is_last {
                return;
            }
        }
    }

    async fn event(&mut self, upload: &Upload) -> Result<(Value, bool), gatefold_app::Trouble> {
        let mut track = None;
        if let (UploadState::Completed, Some(id)) = (upload.state, upload.track) {
            track = self.library.track(id, Some(&self.owner)).await?;
            self.lingered = self.lingered.saturating_add(1);
        }
        let is_settled = track
            .as_ref()
            .is_none_or(|seen| !seen.listed.track.is_settling());
        let (status, phase, percent, is_last) = match upload.state {
            UploadState::Completed if !is_settled && self.lingered < LINGER => {
                ("processing", "publishing", 95, false)
            }
            UploadState::Completed => ("completed", "completed", 100, true),
            UploadState::Failed => ("failed", upload.phase.as_str(), upload.percent, true),
            UploadState::Receiving | UploadState::Waiting | UploadState::Processing => {
                ("processing", upload.phase.as_str(), upload.percent, false)
            }
        };
        let event = event(upload, track.as_ref(), (status, phase, percent));
        Ok((event, is_last))
    }
}

fn event(
    upload: &Upload,
    track: Option<&Seen>,
    (status, phase, percent): (&str, &str, u64),
) -> Value {
    let record = track.and_then(|seen| seen.listed.record.as_ref());
    let error = upload.failure.as_ref();
    json!({
        "upload_id": upload.id.to_string(),
        "status": status,
        "phase": phase,
        "message": message(phase),
        "server_progress_pct": percent,
        "track_id": upload.track.map(gatefold_domain::TrackId::get),
        "error": error.map(|(_, problem)| problem),
        "error_code": error.map(|(code, _)| code),
        "atproto_uri": record.map(|(uri, _)| uri),
        "atproto_cid": record.map(|(_, cid)| cid),
    })
}

/// A phase, for people.
fn message(phase: &str) -> &'static str {
    match phase {
        "waiting" => "It is here, and will be read soon.",
        "reading" => "It is being read.",
        "storing" => "It is being stored.",
        "publishing" => "It is being published.",
        "completed" => "It can be heard.",
        _ => "It is on its way.",
    }
}

/// Events, as they are told.
struct Told(mpsc::Receiver<Bytes>);

impl Stream for Told {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}
