//! What an edge answers beside sealed URLs, on the same address: whether it is well.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

/// `/health`, for whoever spreads requests over several edges, and nothing more.
pub(super) fn router(stopping: Arc<AtomicBool>) -> Router {
    Router::new()
        .route("/health", get(health))
        .fallback(|| async {
            refusal(
                StatusCode::NOT_FOUND,
                "not_found",
                "there is nothing at this address",
            )
        })
        .method_not_allowed_fallback(|| async {
            refusal(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "this address answers other methods",
            )
        })
        .layer(middleware::map_response(with_headers))
        .with_state(stopping)
}

async fn health(State(stopping): State<Arc<AtomicBool>>) -> Response {
    let (status, word) = status(&stopping);
    (status, Json(json!({ "status": word }))).into_response()
}

/// Whether new requests are welcome.
pub(super) fn status(stopping: &AtomicBool) -> (StatusCode, &'static str) {
    if stopping.load(Ordering::Relaxed) {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping")
    } else {
        (StatusCode::OK, "ok")
    }
}

/// An answer that says why there is no other.
pub(super) fn refusal(status: StatusCode, code: &str, detail: &str) -> Response {
    (status, Json(json!({ "detail": detail, "code": code }))).into_response()
}

/// What every answer says about itself: nothing is remembered, and nothing is guessed.
pub(super) async fn with_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}
