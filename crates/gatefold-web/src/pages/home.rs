//! The home page.

use askama::Template;

use super::{Frame, TrackRow};

/// The newest tracks, with the player, and the way in.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage {
    pub(crate) frame: Frame,
    /// The newest first.
    pub(crate) tracks: Vec<TrackRow>,
}

#[cfg(test)]
impl HomePage {
    pub(crate) fn samples() -> Vec<(&'static str, Self)> {
        use super::{DemoBar, Section, tests::frame};
        let signed_out = || frame(Section::Home).signed_out();
        let demo = Frame {
            demo: Some(DemoBar::sample()),
            ..frame(Section::Home)
        };
        let page = |frame, tracks| Self { frame, tracks };
        vec![
            ("home", page(signed_out(), TrackRow::samples())),
            ("home-empty", page(signed_out(), Vec::new())),
            (
                "home-signed-in",
                page(frame(Section::Home), TrackRow::samples()),
            ),
            (
                "home-signed-in-empty",
                page(frame(Section::Home), Vec::new()),
            ),
            ("home-demo", page(demo, TrackRow::samples())),
        ]
    }
}
