//! `GET /auth/callback?code&state&iss`: where an authorization server sends a person back to.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use gatefold_app::accounts::{CallbackQuery, Finished, LoopbackPort, SitePath};
use gatefold_domain::SessionKind;
use http::{HeaderMap, HeaderValue, Method, header};
use serde::Deserialize;

use super::failed::{Failed, finish_problem};
use crate::{
    credentials,
    endpoints::signed_in,
    error::{METHOD_NOT_ALLOWED, Problem},
    extract::QueryOf,
    limits::Class,
    pages::{LandingFor, SignInForm},
    perimeter::{Surface, Wants},
    routes::{Access, Route},
    site::CookieName,
    state::WebState,
    text::query,
};

/// What the authorization server says. A parameter that is there twice is refused.
#[derive(Deserialize)]
struct Asked {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/auth/callback",
        access: Access::Public,
        surface: Surface::Page,
        class: Class::Auth,
        // A step is taken by who goes there, not by who only asks ahead.
        handler: get(callback).head(async || METHOD_NOT_ALLOWED),
    }
}

async fn callback(
    State(state): State<WebState>,
    wants: Wants,
    headers: HeaderMap,
    QueryOf(asked): QueryOf<Asked>,
) -> Response {
    match finish(&state, &headers, &asked).await {
        Ok(finished) => land(&finished),
        Err(problem) => Failed {
            state,
            wants,
            problem,
            form: SignInForm::default(),
        }
        .into_response(),
    }
}

async fn finish(state: &WebState, headers: &HeaderMap, asked: &Asked) -> Result<Finished, Problem> {
    let binding = credentials::cookie(headers, &state.rules.site, CookieName::SignIn)?;
    let query = CallbackQuery {
        state: asked.state.as_deref(),
        code: asked.code.as_deref(),
        issuer: asked.iss.as_deref(),
        error: asked.error.as_deref(),
    };
    let finished = state.accounts.finish(query, binding).await;
    finished.map_err(finish_problem)
}

/// Sends a person on to the page that redeems what they bring.
fn land(finished: &Finished) -> Response {
    let next = finished.next.as_ref().map(SitePath::as_str);
    let token = finished.exchange_token.expose();
    let there = landing(token, finished.kind, next, finished.port);
    let mut response = Redirect::to(&there).into_response();
    response.headers_mut().insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

fn landing(
    token: &str,
    kind: SessionKind,
    next: Option<&str>,
    port: Option<LoopbackPort>,
) -> String {
    let landing = LandingFor::from(kind);
    let mut pairs = vec![("exchange_token", token)];
    if landing != LandingFor::Browser {
        pairs.push(("for", landing.as_str()));
    }
    pairs.extend(next.map(|next| ("next", next)));
    let port = port.map(|port| port.get().to_string());
    pairs.extend(port.as_deref().map(|port| ("port", port)));
    format!("{}?{}", signed_in::PATH, query(&pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_lands_with_their_token() {
        let waits = LoopbackPort::new(5000);
        for (kind, next, port, there) in [
            (
                SessionKind::Browser,
                None,
                None,
                "/signed-in?exchange_token=abc",
            ),
            (
                SessionKind::Browser,
                Some("/tracks/1?x=y"),
                None,
                "/signed-in?exchange_token=abc&next=%2Ftracks%2F1%3Fx%3Dy",
            ),
            (
                SessionKind::CommandLine,
                None,
                None,
                "/signed-in?exchange_token=abc&for=command_line",
            ),
            (
                SessionKind::CommandLine,
                None,
                waits,
                "/signed-in?exchange_token=abc&for=command_line&port=5000",
            ),
            (
                SessionKind::Developer,
                None,
                None,
                "/signed-in?exchange_token=abc&for=developer",
            ),
        ] {
            assert_eq!(landing("abc", kind, next, port), there);
        }
    }
}
