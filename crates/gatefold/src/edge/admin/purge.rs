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

/// Of which objects nothing is to be kept, by their sources as the edge knows them: `https://…`,
/// `private:…`, `files:folder/name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purge {
    /// This one.
    Object(String),
    /// All that begin so.
    Prefix(String),
}

impl Purge {
    fn object(source: &Source) -> Self {
        Self::Object(match source {
            Source::File { folder, name } => format!("files:{}/{}", folder.as_str(), name.as_str()),
            Source::Https(_) | Source::Private(_) => source.original(),
        })
    }

    /// Whether an object is meant.
    pub(crate) fn means(&self, source: &str) -> bool {
        match self {
            Self::Object(object) => object == source,
            Self::Prefix(prefix) => source.starts_with(prefix.as_str()),
        }
    }
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
            .map(|source| Purge::object(&source))
            .map_err(|_| {
                "the object is no source: https://HOST/PATH, private:KEY, or files:NAME \
                     with a folder"
            }),
        (None, None, Some(prefix)) if begins_sources(&prefix) => Ok(Purge::Prefix(prefix)),
        (None, None, Some(_)) => {
            Err("the prefix begins no sources: https://HOST/…, private:… or files:FOLDER/…")
        }
        _ => Err("send an object, with a folder if it is one of files:, or a prefix"),
    }
}

/// Whether objects of one kind begin so, of one host or folder where there are several.
fn begins_sources(prefix: &str) -> bool {
    if let Some(rest) = prefix.strip_prefix("https://") {
        return rest
            .split_once('/')
            .is_some_and(|(host, _)| !host.is_empty());
    }
    if let Some(rest) = prefix.strip_prefix("files:") {
        return rest
            .split_once('/')
            .is_some_and(|(folder, _)| Segment::is_valid(folder));
    }
    prefix.starts_with("private:")
}
