//! `GET /health`, `GET /metrics` and `POST /reload`.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{
    Admin, Fill,
    caller::{Operator, Reader},
};
use crate::edge::{keys::Counts, public};

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    uptime_seconds: u64,
    #[serde(flatten)]
    keys: KeysInUse,
    cache: Fill,
}

#[derive(Serialize)]
struct KeysInUse {
    edge_keys: usize,
    minters: usize,
}

impl From<Counts> for KeysInUse {
    fn from(Counts { edge_keys, minters }: Counts) -> Self {
        Self { edge_keys, minters }
    }
}

/// How the edge is. 503 while it stops.
pub(super) async fn health(_: Reader, State(admin): State<Arc<Admin>>) -> Response {
    let (status, word) = public::status(&admin.stopping);
    let up = admin.clock.now().duration_since(admin.started);
    let health = Health {
        status: word,
        version: env!("CARGO_PKG_VERSION"),
        uptime_seconds: up.unwrap_or_default().as_secs(),
        keys: admin.keys.counts().into(),
        cache: (admin.hooks.fill)(),
    };
    (status, Json(health)).into_response()
}

/// Everything that the edge counts, in the text format of Prometheus.
pub(super) async fn metrics(_: Reader, State(admin): State<Arc<Admin>>) -> Response {
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (kind, (admin.hooks.metrics)()).into_response()
}

/// Reads the keyring again. 409 when it cannot be used: then the old one stays in force.
pub(super) async fn reload(_: Operator, State(admin): State<Arc<Admin>>) -> Response {
    match admin.keys.reload().await {
        Ok(counts) => Json(KeysInUse::from(counts)).into_response(),
        Err(error) => {
            tracing::error!(%error, "the keyring is as it was");
            let detail = format!("the keyring is as it was: {error}");
            public::refusal(StatusCode::CONFLICT, "keyring", &detail)
        }
    }
}
