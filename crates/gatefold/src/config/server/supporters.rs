//! `[server.supporters]`: who knows who supports whom.

use gatefold_ops::config::{Fields, Parsed, Section, Wrong};

use crate::config::BaseUrl;

/// The registry that most people are in.
const ATPROTOFANS: &str = "https://atprotofans.com";

/// Who knows who supports whom.
pub(crate) struct Supporters {
    /// The registry that is asked.
    pub(crate) registry: Option<Parsed<BaseUrl>>,
}

impl Default for Supporters {
    fn default() -> Self {
        Self {
            registry: ATPROTOFANS.parse().ok().map(Parsed),
        }
    }
}

impl Section for Supporters {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.field(
            "registry",
            &mut self.registry,
            "The registry that tells who supports an artist, by \
             `com.atprotofans.validateSupporter`. It learns who wants to hear whom. Empty for none: \
             then nobody but the artist hears what is for supporters, because who supports them is \
             not known. Plain http is for a loopback address with `server.development`.",
        );
    }

    fn validate(&self, wrong: &mut Wrong<'_>) {
        let is_safe = |url: &BaseUrl| url.is_https() || url.is_loopback();
        if !self.registry.as_ref().is_none_or(|url| is_safe(&url.0)) {
            wrong.field(
                "registry",
                "anybody on the way could change its answers: use https, or a loopback address",
            );
        }
    }
}
