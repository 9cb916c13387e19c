//! `POST /auth/developer-token/start {"name","expires_in_days"}`: begins the sign-in that a developer
//! token comes of.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
    routing::post,
};
use gatefold_app::accounts::{Begin, BeginError, Begun, Purpose, TokenLife, Viewer};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::failed::begin_problem;
use crate::{
    error::Problem,
    extract::JsonOf,
    limits::Class,
    perimeter::Surface,
    routes::{Access, Route},
    set_cookie,
    site::CookieName,
    state::WebState,
    viewer::{BrowserViewer, FromNetwork},
};

/// The longest name, in characters.
const MAX_NAME: usize = 100;

/// Why a token cannot be asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum InvalidToken {
    Name,
    Life,
}

impl From<InvalidToken> for Problem {
    fn from(error: InvalidToken) -> Self {
        let (code, detail) = match error {
            InvalidToken::Name => (
                "invalid_name",
                "a token's name has 1 to 100 characters, in one line",
            ),
            InvalidToken::Life => (
                "invalid_expires_in_days",
                "a token lives for 1 to 365 days, or 0 for as long as your server allows",
            ),
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default = "unnamed")]
    name: String,
    expires_in_days: Option<i64>,
}

fn unnamed() -> String {
    "Developer token".to_owned()
}

#[derive(Serialize)]
struct Answer {
    auth_url: String,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::POST,
        path: "/auth/developer-token/start",
        access: Access::BrowserViewer,
        surface: Surface::Api,
        class: Class::Auth,
        handler: post(start),
    }
}

async fn start(
    State(state): State<WebState>,
    BrowserViewer(viewer): BrowserViewer,
    FromNetwork(network): FromNetwork,
    JsonOf(asked): JsonOf<Asked>,
) -> Result<Response, Problem> {
    let (name, life) = InvalidToken::read(&asked.name, asked.expires_in_days)?;
    let begun = begin_token(&state, viewer, name, life, network).await;
    let begun = begun.map_err(begin_problem)?;
    let mut response = Json(Answer {
        auth_url: begun.url,
    })
    .into_response();
    if let Some(binding) = &begun.binding {
        let headers = response.headers_mut();
        let site = &state.rules.site;
        set_cookie::set(headers, site, CookieName::SignIn, binding.expose());
    }
    Ok(response)
}

/// Begins the sign-in of a token for who asks.
pub(crate) async fn begin_token(
    state: &WebState,
    asking: Viewer,
    name: String,
    life: TokenLife,
    network: String,
) -> Result<Begun, BeginError> {
    let input = asking.did.to_string();
    state
        .accounts
        .begin(Begin {
            input: &input,
            next: None,
            purpose: Purpose::DeveloperToken { asking, name, life },
            network: Some(network),
        })
        .await
}

impl InvalidToken {
    /// Reads what a token is to be.
    pub(crate) fn read(name: &str, days: Option<i64>) -> Result<(String, TokenLife), Self> {
        let name = name.trim();
        let len = name.chars().count();
        if !(1..=MAX_NAME).contains(&len) || name.chars().any(char::is_control) {
            return Err(Self::Name);
        }
        let life = match days {
            None => TokenLife::default(),
            Some(days) => u64::try_from(days)
                .ok()
                .and_then(TokenLife::from_days)
                .ok_or(Self::Life)?,
        };
        Ok((name.to_owned(), life))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_a_name_and_an_end() {
        let long = "n".repeat(101);
        for (name, days, outcome) in [
            ("nightly upload", None, Ok(90)),
            (" nightly upload ", Some(1), Ok(1)),
            ("n", Some(0), Ok(0)),
            ("n", Some(365), Ok(365)),
            ("n", Some(366), Err(InvalidToken::Life)),
            ("n", Some(i64::MAX), Err(InvalidToken::Life)),
            ("n", Some(-1), Err(InvalidToken::Life)),
            ("", None, Err(InvalidToken::Name)),
            ("  ", None, Err(InvalidToken::Name)),
            ("two\nlines", None, Err(InvalidToken::Name)),
            (&long, None, Err(InvalidToken::Name)),
            (&"n".repeat(100), None, Ok(90)),
        ] {
            let found = InvalidToken::read(name, days).map(|(_, life)| life.days());
            assert_eq!(found, outcome, "{name:?} {days:?}");
        }
    }
}
