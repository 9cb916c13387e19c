//! What a person sees of a problem.

use askama::Template;
use http::StatusCode;

use super::{Frame, Section};
use crate::{error::Problem, text::sentence};

/// Says what is wrong, and offers a way on.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    frame: Frame,
    title: &'static str,
    detail: String,
    /// Of a defect: what to tell who runs the site.
    request_id: Option<String>,
}

impl ErrorPage {
    pub(crate) fn new(site: &str, problem: &Problem, request_id: &str) -> Self {
        let status = problem.status();
        // Who is signed in is known here only when nobody is.
        let section = if status == StatusCode::UNAUTHORIZED {
            Section::Home
        } else {
            Section::Elsewhere
        };
        Self {
            frame: Frame::new(site, None, section),
            title: title(status),
            detail: sentence(problem.detail()),
            request_id: status.is_server_error().then(|| request_id.to_owned()),
        }
    }
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "There is nothing here",
        StatusCode::UNAUTHORIZED => "You are not signed in",
        StatusCode::FORBIDDEN => "Not like this",
        StatusCode::METHOD_NOT_ALLOWED => "This address does not do that",
        StatusCode::TOO_MANY_REQUESTS => "A little slower, please",
        StatusCode::SERVICE_UNAVAILABLE => "Not at the moment",
        StatusCode::INTERNAL_SERVER_ERROR => "Something went wrong here",
        _ => "That did not work",
    }
}

#[cfg(test)]
impl ErrorPage {
    pub(crate) fn samples() -> Vec<(&'static str, Self)> {
        use crate::error::{INTERNAL, NOT_FOUND, NOT_SIGNED_IN};
        vec![
            (
                "error-not-signed-in",
                Self::new("Harbour Radio", &NOT_SIGNED_IN, "5f0c2a9100000017"),
            ),
            (
                "error-not-found",
                Self::new("Harbour Radio", &NOT_FOUND, "5f0c2a9100000017"),
            ),
            (
                "error-internal",
                Self::new("Harbour Radio", &INTERNAL, "5f0c2a9100000017"),
            ),
        ]
    }
}
