//! What a site tells those who run it, apart from the world: `/health` and `/metrics`.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use gatefold_app::accounts::Accounts;
use gatefold_edge::Edge;
use gatefold_ops::metrics::Exposition;
use gatefold_web::Metrics;
use serde_json::json;

/// What the answers are made of.
pub(super) struct Admin {
    pub(super) accounts: Arc<Accounts>,
    pub(super) edge: Arc<Edge>,
    pub(super) metrics: Arc<Metrics>,
}

impl Admin {
    /// The answers.
    pub(super) fn router(self) -> Router {
        Router::new()
            .route("/health", get(health))
            .route("/metrics", get(metrics))
            .with_state(Arc::new(self))
    }
}

/// Whether the database answers: what the site cannot do without.
async fn health(State(admin): State<Arc<Admin>>) -> Response {
    let (status, word) = match admin.accounts.ping().await {
        Ok(()) => (StatusCode::OK, "ok"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "no database"),
    };
    let version = env!("CARGO_PKG_VERSION");
    (status, Json(json!({ "status": word, "version": version }))).into_response()
}

async fn metrics(State(admin): State<Arc<Admin>>) -> Response {
    let kind = [(header::CONTENT_TYPE, Exposition::MEDIA_TYPE)];
    let text = [admin.metrics.render(), admin.edge.metrics().render()].concat();
    (kind, text).into_response()
}
