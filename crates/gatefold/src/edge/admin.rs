//! What an edge tells and does for those who run it: `/health`, `/metrics`, `/purge`, `/reload`.

mod answers;
mod caller;
mod purge;

use std::{
    io,
    pin::Pin,
    sync::{Arc, atomic::AtomicBool},
    time::SystemTime,
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware,
    routing::{get, post},
};
use gatefold_domain::Clock;
use gatefold_ops::config::Secret;

use super::{keys::Keys, public};
pub(crate) use purge::Purge;

/// The longest body of a request: more than the longest source takes.
const MAX_BODY: usize = 16 * 1024;

/// How much an edge keeps.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub(crate) struct Fill {
    pub(crate) memory_bytes: u64,
    pub(crate) disk_bytes: u64,
}

/// Removes what is kept of the objects that are meant; gives how many slices there were.
type Purging =
    Box<dyn Fn(Purge) -> Pin<Box<dyn Future<Output = io::Result<u64>> + Send>> + Send + Sync>;

/// What the edge itself contributes.
pub(crate) struct Hooks {
    /// Its metrics, in the text format of Prometheus.
    pub(crate) metrics: Box<dyn Fn() -> String + Send + Sync>,
    /// How much it keeps.
    pub(crate) fill: Box<dyn Fn() -> Fill + Send + Sync>,
    /// Removes what it keeps.
    pub(crate) purge: Purging,
}

/// What the answers are made of.
pub(crate) struct Admin {
    /// What is shown by whoever may change something.
    pub(crate) token: Secret,
    /// Whether reading is for everybody who reaches the address.
    pub(crate) is_open: bool,
    /// When the edge started.
    pub(crate) started: SystemTime,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Whether the edge is about to stop.
    pub(crate) stopping: Arc<AtomicBool>,
    /// The keys.
    pub(crate) keys: Arc<Keys>,
    /// The rest.
    pub(crate) hooks: Hooks,
}

impl Admin {
    /// The answers.
    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/health", get(answers::health))
            .route("/metrics", get(answers::metrics))
            .route("/purge", post(purge::purge))
            .route("/reload", post(answers::reload))
            .fallback(|_: caller::Reader| async {
                public::refusal(
                    StatusCode::NOT_FOUND,
                    "not_found",
                    "there is nothing at this address",
                )
            })
            .method_not_allowed_fallback(|_: caller::Reader| async {
                public::refusal(
                    StatusCode::METHOD_NOT_ALLOWED,
                    "method_not_allowed",
                    "this address answers other methods",
                )
            })
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .layer(middleware::map_response(public::with_headers))
            .with_state(Arc::new(self))
    }
}

#[cfg(test)]
mod tests;
