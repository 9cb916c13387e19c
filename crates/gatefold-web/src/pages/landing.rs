//! Where people come back to from their authorization server.

use askama::Template;
use gatefold_app::accounts::LoopbackPort;
use gatefold_domain::SessionKind;

use super::Frame;

/// Whom the exchange token in the address is for. It only decides what the page says: what the
/// token yields was fixed when the sign-in began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LandingFor {
    /// This browser.
    Browser,
    /// A program at the command line, which the person hands it to.
    CommandLine,
    /// A developer token, which is shown here.
    Developer,
}

impl LandingFor {
    /// The word for it in the address and for the page's script.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::CommandLine => "command_line",
            Self::Developer => "developer",
        }
    }

    /// What a word means; what is no word of ours is the usual case.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "command_line" => Self::CommandLine,
            "developer" => Self::Developer,
            _ => Self::Browser,
        }
    }
}

impl From<SessionKind> for LandingFor {
    fn from(kind: SessionKind) -> Self {
        match kind {
            SessionKind::Browser => Self::Browser,
            SessionKind::CommandLine => Self::CommandLine,
            SessionKind::Developer => Self::Developer,
        }
    }
}

/// Redeems the exchange token that stands in its address, and takes it out of there.
#[derive(Template)]
#[template(path = "landing.html")]
pub(crate) struct LandingPage {
    pub(crate) frame: Frame,
    pub(crate) landing: LandingFor,
    /// Where to go afterwards; a path of this site.
    pub(crate) next: String,
    /// Where the program waits on the person's machine, if it does.
    pub(crate) port: Option<LoopbackPort>,
}

#[cfg(test)]
impl LandingPage {
    pub(crate) fn samples() -> Vec<(&'static str, Self)> {
        use super::{Section, tests::frame};
        let page = |landing, port| Self {
            frame: Frame {
                viewer: None,
                ..frame(Section::SignIn)
            },
            landing,
            next: "/".to_owned(),
            port,
        };
        let waits = LoopbackPort::new(5000);
        vec![
            ("landing", page(LandingFor::Browser, None)),
            ("landing-command-line", page(LandingFor::CommandLine, None)),
            (
                "landing-command-line-waits",
                page(LandingFor::CommandLine, waits),
            ),
            ("landing-developer", page(LandingFor::Developer, None)),
        ]
    }
}
