//! `POST /settings/accounts/switch`: goes on as another account of this browser, under a new cookie.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use gatefold_domain::Did;
use http::Method;
use serde::Deserialize;

use super::accounts;
use crate::{
    error::{NOT_FOUND, Problem},
    extract::FormOf,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    set_cookie,
    site::CookieName,
    state::WebState,
    viewer::{BrowserViewer, FromThisSite},
};

#[derive(Deserialize)]
struct Asked {
    did: String,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::POST,
        path: "/settings/accounts/switch",
        access: Access::BrowserViewer,
        surface: Surface::Page,
        class: Class::Default,
        handler: post(switch),
    }
}

async fn switch(
    State(state): State<WebState>,
    BrowserViewer(viewer): BrowserViewer,
    _: FromThisSite,
    FormOf(asked): FormOf<Asked>,
) -> Result<Response, Problem> {
    let did: Did = asked.did.parse().map_err(|_| NOT_FOUND)?;
    let exchanged = state.accounts.switch(&viewer, &did).await?;
    let mut response = Redirect::to(accounts::PATH).into_response();
    set_cookie::set(
        response.headers_mut(),
        &state.rules.site,
        CookieName::Session,
        exchanged.secret.expose(),
    );
    Ok(response)
}
