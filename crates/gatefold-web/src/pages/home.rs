//! The home page.

use askama::Template;

use super::Frame;

/// What the site is, and the way in.
#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage {
    pub(crate) frame: Frame,
}

#[cfg(test)]
impl HomePage {
    pub(crate) fn samples() -> Vec<(&'static str, Self)> {
        use super::{Section, tests::frame};
        let signed_out = Frame {
            viewer: None,
            ..frame(Section::Home)
        };
        vec![
            ("home", Self { frame: signed_out }),
            (
                "home-signed-in",
                Self {
                    frame: frame(Section::Home),
                },
            ),
        ]
    }
}
