//! `POST /purge`: removes what is kept of an object, or of all objects whose names begin alike.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use gatefold_seal::{Segment, Source};
use serde::{Deserialize, Serialize};

use super::{Admin, caller::Operator};
use crate::edge::public;

/// Of which objects nothing is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purge {
    /// This one.
    Object(Source),
    /// `https:` objects whose URL begins so.
    Https(String),
    /// `private:` objects whose key begins so.
    Private(String),
    /// `files:` objects of this folder whose name begins so.
    Files {
        /// The upload folder.
        folder: Segment,
        /// How the name begins.
        name: String,
    },
}

/// What is sent: an object as it is sealed, or how several begin.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    object: Option<String>,
    folder: Option<String>,
    prefix: Option<String>,
}

#[derive(Serialize)]
struct Removed {
    /// Slices that were removed.
    removed: u64,
}

pub(super) async fn purge(
    _: Operator,
    State(admin): State<Arc<Admin>>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => {
            return public::refusal(rejection.status(), "body", "the body cannot be read");
        }
    };
    let purge = match read(&body) {
        Ok(purge) => purge,
        Err(detail) => return public::refusal(StatusCode::BAD_REQUEST, "purge", detail),
    };
    match (admin.hooks.purge)(purge).await {
        Ok(removed) => Json(Removed { removed }).into_response(),
        Err(error) => {
            tracing::error!(kind = %error.kind(), "not everything could be removed");
            public::refusal(
                StatusCode::INTERNAL_SERVER_ERROR,
                "not_removed",
                "not everything could be removed: see the log, and ask again",
            )
        }
    }
}

/// Reads what is to be removed. What is wrong is told without repeating it.
fn read(body: &[u8]) -> Result<Purge, &'static str> {
    let body: Body = serde_json::from_slice(body).map_err(|_| {
        "send JSON: {\"object\": \"…\"}, {\"object\": \"files:…\", \"folder\": \"…\"} or {\"prefix\": \"…\"}"
    })?;
    match (body.object, body.folder, body.prefix) {
        (Some(object), folder, None) => Source::parse(&object, folder.as_deref())
            .map(Purge::Object)
            .map_err(|_| {
                "the object is no source: https://HOST/PATH, private:KEY, or files:NAME with a folder"
            }),
        (None, None, Some(prefix)) => begins(&prefix).ok_or(
            "the prefix begins no sources: https://HOST/…, private:… or files:FOLDER/…",
        ),
        _ => Err("send an object, with a folder if it is one of files:, or a prefix"),
    }
}

fn begins(prefix: &str) -> Option<Purge> {
    if let Some(rest) = prefix.strip_prefix("https://") {
        let (host, _) = rest.split_once('/')?;
        return (!host.is_empty()).then(|| Purge::Https(prefix.to_owned()));
    }
    if let Some(key) = prefix.strip_prefix("private:") {
        return Some(Purge::Private(key.to_owned()));
    }
    let (folder, name) = prefix.strip_prefix("files:")?.split_once('/')?;
    // A source with this folder and any name gives the folder, checked.
    let Ok(Source::File { folder, .. }) = Source::parse("files:a", Some(folder)) else {
        return None;
    };
    Some(Purge::Files {
        folder,
        name: name.to_owned(),
    })
}
