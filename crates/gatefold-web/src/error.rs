//! What is answered when something is not: one shape for all of it.

use std::{borrow::Cow, error::Error, sync::Arc, time::Duration};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use gatefold_app::{Trouble, accounts::AccountsError, tracks::Track};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

/// When something that is away may be back.
const BACK_IN: Duration = Duration::from_secs(5);

/// Why a request is not answered as it was meant. It becomes JSON for programs and a page for
/// people, in the perimeter, which knows who asks and the request's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    retry_after: Option<Duration>,
    support: Option<Arc<SupportOf>>,
    /// What lies behind it: for the log alone.
    cause: Option<Arc<str>>,
}

/// Whom to support, told to somebody who has to.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct SupportOf {
    artist_did: String,
    artist: String,
    artist_handle: Option<String>,
    support_url: Option<String>,
}

impl SupportOf {
    /// The artist of a track.
    pub(crate) fn of(track: &Track) -> Self {
        Self {
            artist_did: track.access.artist.to_string(),
            artist: track.artist_name.clone(),
            artist_handle: track.artist_handle.as_ref().map(ToString::to_string),
            support_url: track.support_url.clone(),
        }
    }
}

impl Problem {
    /// `code` is stable and for programs; `detail` is a sentence that a person can act on.
    pub(crate) const fn new(status: StatusCode, code: &'static str, detail: &'static str) -> Self {
        Self {
            status,
            code,
            detail: Cow::Borrowed(detail),
            retry_after: None,
            support: None,
            cause: None,
        }
    }

    /// What only supporters may have.
    pub(crate) fn support_required(of: SupportOf) -> Self {
        let detail = format!("this track is for those who support {}", of.artist);
        Self {
            support: Some(Arc::new(of)),
            ..SUPPORT_REQUIRED.with_detail(detail)
        }
    }

    /// The same, in words for this case.
    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Cow::Owned(detail.into());
        self
    }

    /// The same, with the time after which to ask again.
    pub(crate) const fn after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// A defect. Its cause is logged with the id of the request, and told to nobody.
    pub(crate) fn internal(cause: &dyn Error) -> Self {
        INTERNAL.because(chain(cause))
    }

    /// A defect that ended in a panic, which has been printed with its place.
    pub(crate) fn panicked() -> Self {
        INTERNAL.because("a panic".to_owned())
    }

    fn because(self, cause: String) -> Self {
        Self {
            cause: Some(cause.into()),
            ..self
        }
    }

    /// Logs what lies behind it, if there is anything, under the id that its answer names.
    pub(crate) fn log(&self, request_id: &str) {
        let Some(cause) = &self.cause else { return };
        if self.status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(request_id, %cause, "cannot answer");
        } else {
            tracing::warn!(request_id, %cause, "cannot answer at the moment");
        }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    #[cfg(test)]
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// What programs are told. The id is for defects: it is what their report needs.
    pub(crate) fn to_json(&self, request_id: &str) -> Body {
        let body = ErrorBody {
            detail: &self.detail,
            code: self.code,
            request_id: self.status.is_server_error().then_some(request_id),
            support: self.support.as_deref(),
        };
        serde_json::to_vec(&body).map_or_else(|_| Body::empty(), Body::from)
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    detail: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    support: Option<&'a SupportOf>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        if let Some(wait) = self.retry_after {
            // A part of a second is a second: never "at once".
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            if let Ok(value) = HeaderValue::try_from(seconds.to_string()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
        }
        if self.support.is_some() {
            let required = HeaderName::from_static("x-support-required");
            let yes = HeaderValue::from_static("true");
            response.headers_mut().insert(required, yes);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<AccountsError> for Problem {
    fn from(error: AccountsError) -> Self {
        match error {
            AccountsError::NotFound => NOT_FOUND,
            AccountsError::BrowserOnly => BROWSER_ONLY,
            AccountsError::Trouble(trouble) => trouble.into(),
        }
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Unavailable(cause) => UNAVAILABLE.after(BACK_IN).because(chain(&*cause)),
            Trouble::Broken(cause) => Self::internal(&*cause),
        }
    }
}

/// An error and what lies behind it, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

pub(crate) const INTERNAL: Problem = Problem::new(
    StatusCode::INTERNAL_SERVER_ERROR,
    "internal",
    "something went wrong here; it has been noted under the id of this request",
);

pub(crate) const UNAVAILABLE: Problem = Problem::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "unavailable",
    "this cannot be answered at the moment; try again in a few seconds",
);

pub(crate) const NOT_FOUND: Problem = Problem::new(
    StatusCode::NOT_FOUND,
    "not_found",
    "there is nothing at this address",
);

pub(crate) const METHOD_NOT_ALLOWED: Problem = Problem::new(
    StatusCode::METHOD_NOT_ALLOWED,
    "method_not_allowed",
    "this address does not answer this method",
);

const SUPPORT_REQUIRED: Problem = Problem::new(
    StatusCode::PAYMENT_REQUIRED,
    "support_required",
    "this is for those who support its artist",
);

pub(crate) const NOT_SIGNED_IN: Problem = Problem::new(
    StatusCode::UNAUTHORIZED,
    "not_signed_in",
    "sign in first, or again",
);

pub(crate) const BROWSER_ONLY: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "browser_session_required",
    "only a session of a browser may do this: sign in on the site",
);

#[cfg(test)]
mod tests {
    use super::*;

    async fn body(problem: &Problem) -> String {
        let bytes = axum::body::to_bytes(problem.to_json("17"), 1000).await;
        String::from_utf8(bytes.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_defect_is_told_by_its_id_alone() {
        let broken = Trouble::Broken("table sessions is gone".into());
        let problem = Problem::from(broken);
        assert_eq!(
            body(&problem).await,
            r#"{"detail":"something went wrong here; it has been noted under the id of this request","code":"internal","request_id":"17"}"#
        );
        assert_eq!(problem.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[tokio::test]
    async fn what_accounts_refuse_becomes_a_status() {
        for (error, status, code, wait) in [
            (AccountsError::NotFound, 404, "not_found", None),
            (
                AccountsError::BrowserOnly,
                403,
                "browser_session_required",
                None,
            ),
            (
                AccountsError::Trouble(Trouble::Unavailable("gone".into())),
                503,
                "unavailable",
                Some("5"),
            ),
            (
                AccountsError::Trouble(Trouble::Broken("gone".into())),
                500,
                "internal",
                None,
            ),
        ] {
            let problem = Problem::from(error);
            assert!(!body(&problem).await.contains("gone"));
            let response = problem.into_response();
            assert_eq!(response.status(), status);
            let found = response.headers().get("retry-after");
            assert_eq!(found.map(|wait| wait.to_str().unwrap()), wait);
            let problem = response.extensions().get::<Problem>().unwrap();
            assert_eq!(problem.code(), code);
        }
    }

    #[test]
    fn a_part_of_a_second_is_waited_for() {
        for (millis, seconds) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2")] {
            let problem = UNAVAILABLE.after(Duration::from_millis(millis));
            let response = problem.into_response();
            assert_eq!(response.headers()["retry-after"], seconds);
        }
    }
}
