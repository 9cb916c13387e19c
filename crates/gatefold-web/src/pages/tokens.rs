//! Developer tokens.

use askama::Template;

use super::Frame;
use crate::text::Moment;

/// One token.
pub(crate) struct TokenRow {
    pub(crate) public_id: String,
    pub(crate) name: String,
    pub(crate) created: Moment,
    pub(crate) expires: Moment,
}

/// Lists them, makes one, revokes one.
#[derive(Template)]
#[template(path = "tokens.html")]
pub(crate) struct TokensPage {
    pub(crate) frame: Frame,
    pub(crate) tokens: Vec<TokenRow>,
}

#[cfg(test)]
impl TokensPage {
    pub(crate) fn samples() -> Vec<(&'static str, Self)> {
        use super::{
            Section,
            tests::{frame, moment},
        };
        let row = |public_id: &str, name: &str| TokenRow {
            public_id: public_id.to_owned(),
            name: name.to_owned(),
            created: moment(0),
            expires: moment(90),
        };
        vec![
            (
                "tokens",
                Self {
                    frame: frame(Section::Tokens),
                    tokens: vec![
                        row("k7m2pq9x", "nightly upload"),
                        row("w3ctz6ha", "<b>metadata</b> & \"covers\""),
                    ],
                },
            ),
            (
                "tokens-none",
                Self {
                    frame: frame(Section::Tokens),
                    tokens: vec![],
                },
            ),
        ]
    }
}
