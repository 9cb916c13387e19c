//! `[server.oauth]`: how people sign in.

use std::path::PathBuf;

use gatefold_ops::config::{Fields, Parsed, Section};

use crate::config::BaseUrl;

/// How people sign in.
pub(crate) struct OAuth {
    /// The client's keys.
    pub(crate) keys: Option<PathBuf>,
    /// What is asked of a person's account.
    pub(crate) scope: String,
    /// The directory of `did:plc`.
    pub(crate) plc: Option<Parsed<BaseUrl>>,
    /// Who is asked for handles besides DNS and the handle's own host.
    pub(crate) handle_resolver: Option<Parsed<BaseUrl>>,
}

impl Default for OAuth {
    fn default() -> Self {
        Self {
            keys: None,
            scope: "atproto repo:fm.plyr.track repo:fm.plyr.like".to_owned(),
            plc: None,
            handle_resolver: None,
        }
    }
}

impl Section for OAuth {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.field(
            "keys",
            &mut self.keys,
            "The keys by which the site shows who it is: made by `gatefold keys oauth`. With them, \
             developer tokens live for as long as they were made for; without, people's servers end them \
             after two weeks.",
        );
        on.field(
            "scope",
            &mut self.scope,
            "What is asked of a person's account, as the AT Protocol writes it.",
        );
        on.field(
            "plc",
            &mut self.plc,
            "The directory of identities of the method `plc`; without one, `https://plc.directory`.",
        );
        on.field(
            "handle_resolver",
            &mut self.handle_resolver,
            "A server that is asked for handles first, in networks without DNS of their own.",
        );
    }
}
