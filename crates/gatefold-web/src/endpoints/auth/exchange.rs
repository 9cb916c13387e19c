//! `POST /auth/exchange {"exchange_token"}`: redeems an exchange token, once.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use gatefold_app::accounts::{Exchange, ExchangeError, Exchanged, Proof};
use gatefold_domain::SessionKind;
use http::{HeaderMap, Method, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::{
    credentials,
    error::Problem,
    extract::JsonOf,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    set_cookie,
    site::CookieName,
    state::WebState,
    text::Moment,
    viewer::{FromNetwork, MaybeViewer},
};

impl From<ExchangeError> for Problem {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::Refused => Self::new(
                StatusCode::UNAUTHORIZED,
                "exchange_refused",
                "this exchange token is unknown, used, older than a minute, or somebody else's; \
                 begin the sign-in again",
            ),
            ExchangeError::Accounts(error) => error.into(),
        }
    }
}

#[derive(Deserialize)]
struct Asked {
    exchange_token: String,
    /// Of a command line: what its challenge is the hash of.
    #[serde(alias = "code_verifier")]
    verifier: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    /// The secret, for who keeps it themselves; a browser has it as a cookie.
    session_id: Option<String>,
    did: String,
    kind: &'static str,
    expires_at: String,
    /// Of a developer token.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Token>,
}

#[derive(Serialize)]
struct Token {
    session_id: String,
    name: String,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::POST,
        path: "/auth/exchange",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Auth,
        handler: post(exchange),
    }
}

async fn exchange(
    State(state): State<WebState>,
    MaybeViewer(viewer): MaybeViewer,
    FromNetwork(network): FromNetwork,
    headers: HeaderMap,
    JsonOf(asked): JsonOf<Asked>,
) -> Result<Response, Problem> {
    let site = &state.rules.site;
    let proof = if looks_like_a_browser(&headers) {
        Proof::Browser {
            binding: credentials::cookie(&headers, site, CookieName::SignIn)?,
            session: viewer
                .as_ref()
                .filter(|viewer| viewer.kind == SessionKind::Browser),
        }
    } else {
        Proof::CommandLine {
            verifier: asked.verifier.as_deref(),
        }
    };
    let exchanged = state.accounts.exchange(Exchange {
        token: &asked.exchange_token,
        proof,
        network: Some(network),
    });
    let exchanged = exchanged.await?;
    let is_browser = exchanged.kind == SessionKind::Browser;
    let mut response = Json(answer(&exchanged)).into_response();
    if is_browser {
        let headers = response.headers_mut();
        let secret = exchanged.secret.expose();
        set_cookie::set(headers, site, CookieName::Session, secret);
        set_cookie::clear(headers, site, CookieName::SignIn);
    }
    Ok(response)
}

fn answer(exchanged: &Exchanged) -> Answer {
    let is_browser = exchanged.kind == SessionKind::Browser;
    let token = exchanged.token.as_ref().map(|token| Token {
        session_id: token.public_id.to_string(),
        name: token.name.clone(),
    });
    Answer {
        session_id: (!is_browser).then(|| exchanged.secret.expose().to_owned()),
        did: exchanged.did.to_string(),
        kind: exchanged.kind.as_str(),
        expires_at: Moment::from(exchanged.expires).iso,
        token,
    }
}

/// Whether a browser sent a request. Then it gets no secret that a script could read: what shows
/// any of its marks is taken for one.
fn looks_like_a_browser(headers: &HeaderMap) -> bool {
    headers.contains_key(header::COOKIE)
        || headers.contains_key(header::ORIGIN)
        || headers
            .keys()
            .any(|name| name.as_str().starts_with("sec-fetch-"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn what_has_a_browsers_marks_is_one() {
        for (name, value, is) in [
            ("user-agent", "Mozilla/5.0", false),
            ("accept", "application/json", false),
            ("cookie", "theme=dark", true),
            ("origin", "null", true),
            ("origin", "https://music.example", true),
            ("sec-fetch-site", "none", true),
            ("sec-fetch-anything", "x", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            assert_eq!(looks_like_a_browser(&headers), is, "{name}: {value}");
        }
    }
}
