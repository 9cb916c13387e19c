//! Another site sent somebody here to sign in: they are asked whether they want to.

use askama::Template;

use super::{Frame, SignInForm};

/// Asks before it begins what another site has asked for.
#[derive(Template)]
#[template(path = "confirm.html")]
pub(crate) struct ConfirmPage {
    pub(crate) frame: Frame,
    pub(crate) form: SignInForm,
}

#[cfg(test)]
impl ConfirmPage {
    pub(crate) fn samples() -> Vec<(&'static str, Self)> {
        use super::{Section, tests::frame};
        let frame = Frame {
            viewer: None,
            ..frame(Section::SignIn)
        };
        let form = SignInForm {
            handle: "robin.example.com".to_owned(),
            next: "/".to_owned(),
            verifier_challenge: String::new(),
            loopback_port: String::new(),
        };
        let from_command_line = SignInForm {
            verifier_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
            loopback_port: "5000".to_owned(),
            ..form.clone()
        };
        vec![
            (
                "confirm",
                Self {
                    frame: frame.clone(),
                    form,
                },
            ),
            (
                "confirm-command-line",
                Self {
                    frame,
                    form: from_command_line,
                },
            ),
        ]
    }
}
