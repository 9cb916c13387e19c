//! Where an account is signed in.

use askama::Template;

use super::Frame;
use crate::text::Moment;

/// One session.
pub(crate) struct SessionRow {
    pub(crate) id: String,
    /// What it is for.
    pub(crate) what: String,
    pub(crate) created: Moment,
    pub(crate) last_seen: Moment,
    pub(crate) expires: Moment,
    /// Whether it is the one that looks.
    pub(crate) is_current: bool,
}

/// Lists them, and ends one.
#[derive(Template)]
#[template(path = "sessions.html")]
pub(crate) struct SessionsPage {
    pub(crate) frame: Frame,
    pub(crate) sessions: Vec<SessionRow>,
}

#[cfg(test)]
impl SessionsPage {
    pub(crate) fn samples() -> Vec<(&'static str, Self)> {
        use super::{
            Section,
            tests::{frame, moment},
        };
        let row = |id: &str, what: &str, is_current| SessionRow {
            id: id.repeat(16),
            what: what.to_owned(),
            created: moment(0),
            last_seen: moment(3),
            expires: moment(14),
            is_current,
        };
        vec![(
            "sessions",
            Self {
                frame: frame(Section::Sessions),
                sessions: vec![
                    row("0a", "Browser", true),
                    row("0b", "Browser", false),
                    row("0c", "Command line", false),
                    row("0d", "Developer token “nightly upload”", false),
                ],
            },
        )]
    }
}
