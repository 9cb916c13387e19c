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
    demo::NOBODY,
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
    let demo = state.demonstration.as_ref().ok_or(NOT_FOUND)?;
    let mut response = Redirect::to("/").into_response();
    if asked.persona == NOBODY {
        if let Some(viewer) = &viewer {
            state.accounts.logout(viewer, None).await?;
        }
        // What the browser keeps stays: the page takes a link along to try it as somebody else.
        set_cookie::clear(
            response.headers_mut(),
            &state.rules.site,
            CookieName::Session,
        );
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
