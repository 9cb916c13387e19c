//! The table of all routes. Each says whether it is public, and a test walks them.

#[cfg(test)]
mod tests;

use axum::{
    Router,
    extract::{Request, State},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::MethodRouter,
};
use http::Method;

use crate::{
    endpoints,
    error::{METHOD_NOT_ALLOWED, NOT_FOUND, Problem},
    limits::Class,
    perimeter::Surface,
    state::WebState,
    turnstile::{self, Mark},
};

/// One method of one path.
pub(crate) struct Route {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for the test that walks the table")
    )]
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for the test that walks the table")
    )]
    pub(crate) access: Access,
    pub(crate) surface: Surface,
    pub(crate) class: Class,
    pub(crate) handler: MethodRouter<WebState>,
}

/// Who may use a route. The handler's extractor sees to it; this is what it is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody: it tells nothing of anybody, or does its own checking.
    Public,
    /// Whoever has a session.
    AnyViewer,
    /// Whoever has a session of a browser.
    BrowserViewer,
}

/// Every route that there is.
pub(crate) fn table() -> Vec<Route> {
    endpoints::routes()
}

pub(crate) fn router(state: &WebState) -> Router {
    let mut router = Router::new();
    for route in table() {
        let mark = Mark {
            class: route.class,
            surface: route.surface,
        };
        let turnstile = from_fn_with_state((state.clone(), mark), turnstile::pass);
        router = router.route(route.path, route.handler.route_layer(turnstile));
    }
    router
        .fallback(async |State(state): State<WebState>, request: Request| {
            aside(state, request, NOT_FOUND).await
        })
        .method_not_allowed_fallback(async |State(state): State<WebState>, request: Request| {
            aside(state, request, METHOD_NOT_ALLOWED).await
        })
        .with_state(state.clone())
}

/// Counts a request that no route takes; otherwise trying names would be free.
async fn aside(state: WebState, request: Request, problem: Problem) -> Response {
    let client = state.client(request.headers(), request.extensions());
    drop(request);
    turnstile::count(&state, Class::Default, client)
        .await
        .unwrap_or_else(|| problem.into_response())
}
