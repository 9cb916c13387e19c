//! The accounts that this browser is signed in with.

use askama::Template;

use super::Frame;

/// One account.
pub(crate) struct AccountRow {
    pub(crate) did: String,
    /// Its handle, or else its DID.
    pub(crate) name: String,
    /// Whether it is the one that is in use.
    pub(crate) is_current: bool,
}

/// Lists them, switches between them, adds one.
#[derive(Template)]
#[template(path = "accounts.html")]
pub(crate) struct AccountsPage {
    pub(crate) frame: Frame,
    pub(crate) accounts: Vec<AccountRow>,
}

#[cfg(test)]
impl AccountsPage {
    pub(crate) fn samples() -> Vec<(&'static str, Self)> {
        use super::{Section, tests::frame};
        let row = |did: &str, name: &str, is_current| AccountRow {
            did: did.to_owned(),
            name: name.to_owned(),
            is_current,
        };
        vec![(
            "accounts",
            Self {
                frame: frame(Section::Accounts),
                accounts: vec![
                    row(
                        "did:plc:ewvi7nxzyoun6zhxrhs64oiz",
                        "robin.example.com",
                        true,
                    ),
                    row(
                        "did:plc:z72i7hdynmk6r22z27h6tvur",
                        "the-night-tram-orchestra.example.com",
                        false,
                    ),
                    row(
                        "did:web:quiet.example.org",
                        "did:web:quiet.example.org",
                        false,
                    ),
                ],
            },
        )]
    }
}
