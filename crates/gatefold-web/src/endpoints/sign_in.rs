//! `GET /sign-in`: asks who somebody is.

use axum::{extract::State, response::IntoResponse, routing::get};
use gatefold_app::accounts::SitePath;
use http::Method;
use serde::Deserialize;

use crate::{
    extract::QueryOf,
    limits::Class,
    pages::{Frame, Page, Section, SignInForm, SignInPage},
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
};

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/sign-in",
        access: Access::Public,
        surface: Surface::Page,
        class: Class::Default,
        handler: get(sign_in),
    }
}

#[derive(Deserialize)]
struct Asked {
    next: Option<String>,
}

async fn sign_in(
    State(state): State<WebState>,
    QueryOf(asked): QueryOf<Asked>,
) -> impl IntoResponse {
    // A path that is none is forgotten here: the person has yet to begin.
    let next = asked.next.filter(|next| SitePath::parse(next).is_ok());
    let page = SignInPage {
        frame: Frame::new(&state.rules.name, None, Section::SignIn),
        form: SignInForm {
            next: next.unwrap_or_default(),
            ..SignInForm::default()
        },
        message: None,
    };
    Page::new(page).sends_away()
}
