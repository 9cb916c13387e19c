//! A sign-in that did not work, in words for the person who wanted it.

use axum::response::{IntoResponse, Response};
use gatefold_app::accounts::{BeginError, FinishError};
use http::StatusCode;

use crate::{
    error::Problem,
    pages::{Frame, Page, Section, SignInForm, SignInPage},
    perimeter::Wants,
    state::WebState,
    text::sentence,
};

/// Shown where the person can try again, with what they typed; to programs, as it is.
pub(crate) struct Failed {
    pub(crate) state: WebState,
    pub(crate) wants: Wants,
    pub(crate) problem: Problem,
    pub(crate) form: SignInForm,
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = self.problem.status();
        if self.wants == Wants::Json || status.is_server_error() {
            return self.problem.into_response();
        }
        let page = SignInPage {
            frame: Frame::new(&self.state.rules.name, None, Section::SignIn),
            form: self.form,
            message: Some(sentence(self.problem.detail()) + "."),
        };
        Page::new(page)
            .with_status(status)
            .sends_away()
            .into_response()
    }
}

/// Why a sign-in cannot begin. That somebody's server is away is no error of this one: whoever can
/// name a server can cause it.
pub(crate) fn begin_problem(error: BeginError) -> Problem {
    let (status, code, detail) = match error {
        BeginError::NotAHandle => (
            StatusCode::BAD_REQUEST,
            "not_a_handle",
            "this is not a handle: one looks like name.example.com",
        ),
        BeginError::UnknownHandle => (
            StatusCode::BAD_REQUEST,
            "unknown_handle",
            "nobody has this handle; look for a missing letter, or for the part after the first dot",
        ),
        BeginError::LookUpUnavailable => (
            StatusCode::FAILED_DEPENDENCY,
            "look_up_unavailable",
            "this account cannot be looked up at the moment; try again in a few minutes",
        ),
        BeginError::HandleMismatch => (
            StatusCode::BAD_REQUEST,
            "handle_mismatch",
            "this handle points to an account that does not call itself so; if it is yours, set it \
             again where you manage your account",
        ),
        BeginError::NoServer => (
            StatusCode::BAD_REQUEST,
            "no_server",
            "this account names no server that could be asked, so nobody can sign in with it",
        ),
        BeginError::ServerUnavailable => (
            StatusCode::FAILED_DEPENDENCY,
            "server_unavailable",
            "the server of this account does not answer; try again in a few minutes",
        ),
        BeginError::ServerUnsuitable => (
            StatusCode::FAILED_DEPENDENCY,
            "server_unsuitable",
            "the server of this account does not offer to sign in elsewhere with it; its operator \
             may have to update it",
        ),
        BeginError::ServerRefuses(word) => {
            let detail = "the server of this account does not let this site ask";
            return Problem::new(StatusCode::FAILED_DEPENDENCY, "server_refuses", detail)
                .with_detail(with_word(detail, &word));
        }
        BeginError::OtherAccount => (
            StatusCode::FORBIDDEN,
            "other_account",
            "a developer token is for the account that is signed in",
        ),
        BeginError::Accounts(error) => return error.into(),
    };
    Problem::new(status, code, detail)
}

/// Why a sign-in did not come to its end.
pub(super) fn finish_problem(error: FinishError) -> Problem {
    let (status, code, detail) = match error {
        FinishError::UnknownState => (
            StatusCode::BAD_REQUEST,
            "unknown_state",
            "this sign-in took too long, or was finished already; begin again",
        ),
        FinishError::OtherBrowser => (
            StatusCode::FORBIDDEN,
            "other_browser",
            "this sign-in was begun in another browser, or its cookie is gone; begin again here",
        ),
        FinishError::Denied => (
            StatusCode::FORBIDDEN,
            "denied",
            "you did not allow it, so you are not signed in; nothing has changed",
        ),
        FinishError::ServerEnded(word) => {
            let detail = "the server of this account ended the sign-in";
            return Problem::new(StatusCode::BAD_REQUEST, "server_ended", detail)
                .with_detail(with_word(detail, &word));
        }
        FinishError::WrongIssuer => (
            StatusCode::BAD_REQUEST,
            "wrong_issuer",
            "the answer did not come from the server of this account, so it was not believed; begin \
             again",
        ),
        FinishError::OtherAccount => (
            StatusCode::FORBIDDEN,
            "other_account",
            "another account signed in than the one that was asked for; begin again, and choose the \
             same account on both pages",
        ),
        FinishError::ScopeMissing(_) => (
            StatusCode::FORBIDDEN,
            "scope_missing",
            "the server of this account granted less than this site needs; begin again, and allow \
             what is asked for",
        ),
        FinishError::ServerUnavailable => (
            StatusCode::FAILED_DEPENDENCY,
            "server_unavailable",
            "the server of this account could not finish the sign-in; try again in a few minutes",
        ),
        FinishError::Malformed => (
            StatusCode::BAD_REQUEST,
            "invalid_callback",
            "this is not how a sign-in ends; begin again",
        ),
        FinishError::Accounts(error) => return error.into(),
    };
    Problem::new(status, code, detail)
}

/// A server's own word for it, when it is a word: what it says besides is not shown to people.
fn with_word(detail: &str, word: &str) -> String {
    let is_word = (1..=40).contains(&word.len())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_word {
        format!("{detail} ({word})")
    } else {
        detail.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use gatefold_app::{Trouble, accounts::AccountsError};

    use super::*;

    #[test]
    fn each_way_to_fail_is_told_apart() {
        let begins = [
            BeginError::NotAHandle,
            BeginError::UnknownHandle,
            BeginError::LookUpUnavailable,
            BeginError::HandleMismatch,
            BeginError::NoServer,
            BeginError::ServerUnavailable,
            BeginError::ServerUnsuitable,
            BeginError::ServerRefuses("invalid_client".to_owned()),
        ];
        let finishes = [
            FinishError::UnknownState,
            FinishError::OtherBrowser,
            FinishError::Denied,
            FinishError::ServerEnded("server_error".to_owned()),
            FinishError::WrongIssuer,
            FinishError::OtherAccount,
            FinishError::ScopeMissing(vec!["repo:fm.plyr.track".to_owned()]),
            FinishError::Malformed,
        ];
        let problems = begins.into_iter().map(begin_problem);
        let problems: Vec<_> = problems
            .chain(finishes.into_iter().map(finish_problem))
            .collect();
        for (place, problem) in problems.iter().enumerate() {
            assert!(problem.status().is_client_error(), "{problem:?}");
            assert!(!problem.detail().ends_with('.'), "{problem:?}");
            for other in problems.iter().skip(place + 1) {
                assert_ne!(problem.code(), other.code());
                assert_ne!(problem.detail(), other.detail());
            }
        }
    }

    #[test]
    fn only_what_is_ours_is_an_error_of_the_server() {
        for (error, status) in [
            (AccountsError::Trouble(Trouble::Broken("gone".into())), 500),
            (
                AccountsError::Trouble(Trouble::Unavailable("gone".into())),
                503,
            ),
        ] {
            assert_eq!(finish_problem(error.into()).status(), status);
        }
    }

    #[test]
    fn a_server_says_a_word_and_no_more() {
        for (word, shown) in [
            ("invalid_scope", "it ended (invalid_scope)"),
            ("", "it ended"),
            ("<script>", "it ended"),
            ("Call 555 0100 to unlock", "it ended"),
            (
                "a_word_that_is_so_long_that_it_becomes_a_text_of_its_own",
                "it ended",
            ),
        ] {
            assert_eq!(with_word("it ended", word), shown);
        }
    }
}
