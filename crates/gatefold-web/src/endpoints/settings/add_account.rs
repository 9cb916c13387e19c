//! `POST /settings/accounts/add`: begins the sign-in of another account in this browser.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use gatefold_app::accounts::{Begin, Purpose, SitePath};
use http::Method;
use serde::Deserialize;

use super::accounts;
use crate::{
    endpoints::auth::{Failed, begin, begin_problem, typed},
    error::Problem,
    extract::FormOf,
    limits::Class,
    pages::SignInForm,
    perimeter::{Surface, Wants},
    routes::{Access, Route},
    state::WebState,
    viewer::{BrowserViewer, FromNetwork, FromThisSite},
};

#[derive(Deserialize)]
struct Asked {
    handle: String,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::POST,
        path: "/settings/accounts/add",
        access: Access::BrowserViewer,
        surface: Surface::Page,
        class: Class::Auth,
        handler: post(add),
    }
}

async fn add(
    State(state): State<WebState>,
    BrowserViewer(viewer): BrowserViewer,
    _: FromThisSite,
    FromNetwork(network): FromNetwork,
    wants: Wants,
    FormOf(asked): FormOf<Asked>,
) -> Result<Response, Problem> {
    let input = typed(&asked.handle);
    let begun = state.accounts.begin(Begin {
        input: &input,
        next: SitePath::parse(accounts::PATH).ok(),
        purpose: Purpose::Browser {
            beside: Some(viewer),
        },
        network: Some(network),
    });
    match begun.await {
        Ok(begun) => begin(&state, &begun),
        Err(error) => Ok(Failed {
            state,
            wants,
            problem: begin_problem(error),
            form: SignInForm {
                handle: asked.handle,
                next: accounts::PATH.to_owned(),
                ..SignInForm::default()
            },
        }
        .into_response()),
    }
}
