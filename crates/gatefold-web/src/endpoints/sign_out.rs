//! `POST /sign-out`: ends the session of a page, and goes home.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use http::Method;

use super::auth::forget_here;
use crate::{
    error::Problem,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
    viewer::{BrowserViewer, FromNetwork},
};

pub(super) fn route() -> Route {
    Route {
        method: Method::POST,
        path: "/sign-out",
        access: Access::BrowserViewer,
        surface: Surface::Page,
        class: Class::Default,
        handler: post(sign_out),
    }
}

async fn sign_out(
    State(state): State<WebState>,
    BrowserViewer(viewer): BrowserViewer,
    FromNetwork(network): FromNetwork,
) -> Result<Response, Problem> {
    state.accounts.logout(&viewer, Some(&network)).await?;
    let mut response = Redirect::to("/").into_response();
    forget_here(response.headers_mut(), &state.rules.site);
    Ok(response)
}
