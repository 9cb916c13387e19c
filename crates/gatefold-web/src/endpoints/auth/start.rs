//! `GET /auth/start?handle=`: begins a sign-in. `POST`: the same, from a page of this site that asked
//! the person.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use gatefold_app::accounts::{
    Begin, BeginError, Begun, LoopbackPort, Purpose, SitePath, VerifierChallenge,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;

use super::failed::{Failed, begin_problem};
use crate::{
    error::{METHOD_NOT_ALLOWED, Problem},
    extract::{FormOf, QueryOf},
    limits::Class,
    pages::{ConfirmPage, Frame, Page, Section, SignInForm},
    perimeter::{Surface, Wants},
    routes::{Access, Route},
    set_cookie,
    site::CookieName,
    state::WebState,
    viewer::{FromNetwork, FromThisSite},
};

/// Why it does not begin.
enum Error {
    NoHandle,
    BadNext,
    BadChallenge,
    BadPort,
    Begin(BeginError),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (code, detail) = match error {
            Error::NoHandle => ("no_handle", "say who you are: type your handle"),
            Error::BadNext => ("invalid_next", "`next` has to be a path of this site"),
            Error::BadChallenge => (
                "invalid_challenge",
                "`verifier_challenge` has to be the base64url of a SHA-256",
            ),
            Error::BadPort => (
                "invalid_loopback_port",
                "`loopback_port` has to be a port above 1023",
            ),
            Error::Begin(error) => return begin_problem(error),
        };
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }
}

/// What a sign-in begins with.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    handle: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    verifier_challenge: String,
    /// Of a command line, which waits there on the person's machine.
    #[serde(default)]
    loopback_port: String,
}

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/auth/start",
        access: Access::Public,
        surface: Surface::Page,
        class: Class::Auth,
        // A step is taken by who goes there, not by who only asks ahead.
        handler: get(start).head(async || METHOD_NOT_ALLOWED),
    }
}

pub(super) fn confirmed_route() -> Route {
    Route {
        method: Method::POST,
        path: "/auth/start",
        access: Access::Public,
        surface: Surface::Page,
        class: Class::Auth,
        handler: post(confirmed),
    }
}

async fn start(
    State(state): State<WebState>,
    FromNetwork(network): FromNetwork,
    wants: Wants,
    headers: HeaderMap,
    QueryOf(asked): QueryOf<Asked>,
) -> Response {
    if comes_from_elsewhere(&headers) {
        // Another site must not sign somebody in, as somebody, unasked.
        let page = ConfirmPage {
            frame: Frame::new(&state.rules.name, None, Section::SignIn),
            form: asked.form(),
        };
        return Page::new(page).sends_away().into_response();
    }
    sign_in(state, network, wants, asked).await
}

async fn confirmed(
    State(state): State<WebState>,
    _: FromThisSite,
    FromNetwork(network): FromNetwork,
    wants: Wants,
    FormOf(asked): FormOf<Asked>,
) -> Response {
    sign_in(state, network, wants, asked).await
}

/// Whether another site sent the person here. A browser that does not say so is an old one, or
/// none.
fn comes_from_elsewhere(headers: &HeaderMap) -> bool {
    let mut said = headers.get_all("sec-fetch-site").iter();
    said.any(|site| site != "same-origin" && site != "none")
}

async fn sign_in(state: WebState, network: String, wants: Wants, asked: Asked) -> Response {
    let form = asked.form();
    match asked.begin(&state, network).await {
        Ok(response) => response,
        Err(problem) => Failed {
            state,
            wants,
            problem,
            form,
        }
        .into_response(),
    }
}

impl Asked {
    fn form(&self) -> SignInForm {
        SignInForm {
            handle: self.handle.clone(),
            next: self.next.clone(),
            verifier_challenge: self.verifier_challenge.clone(),
            loopback_port: self.loopback_port.clone(),
        }
    }

    async fn begin(&self, state: &WebState, network: String) -> Result<Response, Problem> {
        let next = match self.next.as_str() {
            "" => None,
            next => Some(SitePath::parse(next).map_err(|_| Error::BadNext)?),
        };
        let purpose = match self.verifier_challenge.as_str() {
            "" => Purpose::Browser { beside: None },
            challenge => Purpose::CommandLine {
                challenge: VerifierChallenge::parse(challenge).ok_or(Error::BadChallenge)?,
                port: match self.loopback_port.as_str() {
                    "" => None,
                    port => Some(LoopbackPort::parse(port).ok_or(Error::BadPort)?),
                },
            },
        };
        let input = typed(&self.handle);
        if input.is_empty() {
            return Err(Error::NoHandle.into());
        }
        let begun = state.accounts.begin(Begin {
            input: &input,
            next,
            purpose,
            network: Some(network),
        });
        let begun = begun.await.map_err(Error::Begin)?;
        begin(state, &begun)
    }
}

/// What was typed, without what people and their clipboards put around it: spaces, an `@`, and the
/// invisible marks of writing direction that other pages wrap handles in.
pub(crate) fn typed(text: &str) -> String {
    let is_mark = |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let text: String = text.chars().filter(|c| !is_mark(c)).collect();
    let text = text.trim();
    text.strip_prefix('@').unwrap_or(text).to_owned()
}

/// Sends a person to their authorization server, with the cookie that shows who began.
pub(crate) fn begin(state: &WebState, begun: &Begun) -> Result<Response, Problem> {
    let there = HeaderValue::try_from(&begun.url).map_err(|error| Problem::internal(&error))?;
    let mut response = Redirect::to("/").into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, there);
    if let Some(binding) = &begun.binding {
        let site = &state.rules.site;
        set_cookie::set(headers, site, CookieName::SignIn, binding.expose());
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_asked_when_another_site_sent_them() {
        for (said, asked) in [
            (vec![], false),
            (vec!["none"], false),
            (vec!["same-origin"], false),
            (vec!["same-site"], true),
            (vec!["cross-site"], true),
            (vec!["anything"], true),
            (vec!["none", "cross-site"], true),
        ] {
            let mut headers = HeaderMap::new();
            for value in &said {
                headers.append("sec-fetch-site", HeaderValue::from_static(value));
            }
            assert_eq!(comes_from_elsewhere(&headers), asked, "{said:?}");
        }
    }

    #[test]
    fn a_handle_is_taken_as_people_paste_it() {
        for (text, typed_as) in [
            ("robin.example.com", "robin.example.com"),
            ("  @robin.example.com\n", "robin.example.com"),
            ("\u{202a}@robin.example.com\u{202c}", "robin.example.com"),
            ("\u{2068}robin.example.com\u{2069} ", "robin.example.com"),
            ("@", ""),
            (" ", ""),
        ] {
            assert_eq!(typed(text), typed_as, "{text:?}");
        }
    }
}
