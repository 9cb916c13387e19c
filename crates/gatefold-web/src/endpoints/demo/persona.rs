//! `POST /demo/persona`: goes on as somebody else, or as nobody.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use http::Method;
use serde::Deserialize;

use super::OfDemonstration;
use crate::{
    endpoints::auth::forget_here,
    error::{NOT_FOUND, Problem},
    extract::FormOf,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    set_cookie,
    site::CookieName,
    state::WebState,
    viewer::{FromThisSite, MaybeViewer},
};

/// Who is not signed in.
const NOBODY: &str = "nobody";

#[derive(Deserialize)]
struct Asked {
    persona: String,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::POST,
        path: "/demo/persona",
        access: Access::Public,
        surface: Surface::Page,
        class: Class::Default,
        handler: post(persona),
    }
}

async fn persona(
    _: OfDemonstration,
    _: FromThisSite,
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    FormOf(asked): FormOf<Asked>,
) -> Result<Response, Problem> {
    let demo = state.demo.as_ref().ok_or(NOT_FOUND)?;
    let mut response = Redirect::to("/").into_response();
    if asked.persona == NOBODY {
        if let Some(viewer) = &viewer {
            state.accounts.logout(viewer, None).await?;
        }
        forget_here(response.headers_mut(), &state.rules.site);
        return Ok(response);
    }
    let exchanged = demo.sign_in(&asked.persona, viewer.as_ref()).await?;
    set_cookie::set(
        response.headers_mut(),
        &state.rules.site,
        CookieName::Session,
        exchanged.secret.expose(),
    );
    Ok(response)
}
