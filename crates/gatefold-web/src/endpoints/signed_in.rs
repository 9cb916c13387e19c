//! `GET /signed-in?exchange_token=…`: where people come back to; the page redeems the token.

use axum::{extract::State, response::IntoResponse, routing::get};
use gatefold_app::accounts::{LoopbackPort, SitePath};
use http::Method;
use serde::Deserialize;

use crate::{
    extract::QueryOf,
    limits::Class,
    pages::{Frame, LandingFor, LandingPage, Page, Section},
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
};

/// Its path.
pub(super) const PATH: &str = "/signed-in";

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: PATH,
        access: Access::Public,
        surface: Surface::Page,
        class: Class::Default,
        handler: get(signed_in),
    }
}

/// The token is for the page's script alone.
#[derive(Deserialize)]
struct Asked {
    next: Option<String>,
    #[serde(rename = "for")]
    landing: Option<String>,
    port: Option<String>,
}

async fn signed_in(
    State(state): State<WebState>,
    QueryOf(asked): QueryOf<Asked>,
) -> impl IntoResponse {
    let next = asked.next.filter(|next| SitePath::parse(next).is_ok());
    let page = LandingPage {
        frame: Frame::new(&state.rules.name, None, Section::SignIn),
        landing: LandingFor::of(&asked.landing.unwrap_or_default()),
        port: asked.port.as_deref().and_then(LoopbackPort::parse),
        next: next.unwrap_or_else(|| "/".to_owned()),
    };
    Page::new(page).without_referrer()
}
