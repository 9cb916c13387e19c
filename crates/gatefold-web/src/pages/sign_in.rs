//! The page on which people sign in, which is also where they learn that it did not work.

use askama::Template;

use super::Frame;

/// What a person has said so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct SignInForm {
    /// Who they say to be.
    pub(crate) handle: String,
    /// Where they want to go afterwards; a path of this site.
    pub(crate) next: String,
    /// The challenge of the command line that sent them.
    pub(crate) verifier_challenge: String,
    /// The port on which it waits, as it says.
    pub(crate) loopback_port: String,
}

/// Asks for a handle.
#[derive(Template)]
#[template(path = "sign-in.html")]
pub(crate) struct SignInPage {
    pub(crate) frame: Frame,
    pub(crate) form: SignInForm,
    /// Why it did not work the last time.
    pub(crate) message: Option<String>,
}

#[cfg(test)]
impl SignInPage {
    pub(crate) fn samples() -> Vec<(&'static str, Self)> {
        use super::{Section, tests::frame};
        let frame = Frame {
            viewer: None,
            ..frame(Section::SignIn)
        };
        let failed = SignInForm {
            handle: "robin.example".to_owned(),
            next: "/settings/tokens".to_owned(),
            verifier_challenge: String::new(),
            loopback_port: String::new(),
        };
        vec![
            (
                "sign-in",
                Self {
                    frame: frame.clone(),
                    form: SignInForm::default(),
                    message: None,
                },
            ),
            (
                "sign-in-failed",
                Self {
                    frame,
                    form: failed,
                    message: Some(
                        "Nobody has the handle you typed. Look for a missing letter, or for the \
                         part after the first dot."
                            .to_owned(),
                    ),
                },
            ),
        ]
    }
}
