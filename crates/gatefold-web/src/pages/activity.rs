//! What happened to an account, for its owner to read.

use askama::Template;

use super::Frame;
use crate::text::Moment;

/// One thing that happened.
pub(crate) struct ActivityRow {
    pub(crate) at: Moment,
    /// In words.
    pub(crate) what: String,
    pub(crate) subject: Option<String>,
    pub(crate) network: Option<String>,
}

/// Lists it, newest first.
#[derive(Template)]
#[template(path = "activity.html")]
pub(crate) struct ActivityPage {
    pub(crate) frame: Frame,
    pub(crate) entries: Vec<ActivityRow>,
    /// Where older entries are.
    pub(crate) older: Option<i64>,
}

#[cfg(test)]
impl ActivityPage {
    pub(crate) fn samples() -> Vec<(&'static str, Self)> {
        use super::{
            Section,
            tests::{frame, moment},
        };
        let row = |days, what: &str, subject: Option<&str>| ActivityRow {
            at: moment(days),
            what: what.to_owned(),
            subject: subject.map(str::to_owned),
            network: Some("2001:db8:1:2::/64".to_owned()),
        };
        vec![
            (
                "activity",
                Self {
                    frame: frame(Section::Activity),
                    entries: vec![
                        row(3, "Developer token made", Some("nightly upload")),
                        row(2, "Signed out", None),
                        row(1, "Signed in", None),
                    ],
                    older: Some(17),
                },
            ),
            (
                "activity-none",
                Self {
                    frame: frame(Section::Activity),
                    entries: vec![],
                    older: None,
                },
            ),
        ]
    }
}
