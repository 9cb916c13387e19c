//! `[server.rates]`: how often clients may ask.

use gatefold_ops::config::{Fields, Secret, Section};

/// How often clients may ask, in a minute, from one address or as one person.
pub(crate) struct Rates {
    /// Anything.
    pub(crate) general: u32,
    /// Signing in.
    pub(crate) auth: u32,
    /// Uploads.
    pub(crate) upload: u32,
    /// Where instances of this site count together.
    pub(crate) redis: Option<Secret>,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            general: 100,
            auth: 10,
            upload: 20,
            redis: None,
        }
    }
}

impl Rates {
    /// Whether a password stands in the configuration itself.
    pub(crate) fn has_inline_secret(&self) -> bool {
        self.redis
            .as_ref()
            .is_some_and(|url| url.file().is_none() && url.expose().contains('@'))
    }
}

impl Section for Rates {
    fn fields(&mut self, on: &mut Fields<'_>) {
        let range = 1..=1_000_000_000;
        on.ranged(
            "general",
            &mut self.general,
            range.clone(),
            "Requests in a minute, from one address (one /64 of IPv6) and as one person.",
        );
        on.ranged(
            "auth",
            &mut self.auth,
            range.clone(),
            "Steps of signing in, in a minute.",
        );
        on.ranged("upload", &mut self.upload, range, "Uploads in a minute.");
        on.secret(
            "redis",
            &mut self.redis,
            "A server of the Redis protocol by which several instances count together, for example \
             `redis://127.0.0.1/`. Without one, each counts for itself.",
        );
    }
}
