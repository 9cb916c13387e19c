//! `[server.media.purge]`: what makes a CDN forget what is public no more.

use gatefold_ops::config::{Fields, Parsed, Secret, Section, Wrong};

use crate::config::BaseUrl;

/// What makes a CDN forget what is public no more.
#[derive(Default)]
pub(crate) struct Purge {
    /// The zone at Cloudflare.
    pub(crate) cloudflare_zone: Option<String>,
    /// A token that may purge there.
    pub(crate) cloudflare_token: Option<Secret>,
    /// Where Cloudflare's API is.
    pub(crate) cloudflare_api: Option<Parsed<BaseUrl>>,
    /// Who is told otherwise.
    pub(crate) webhook: Option<String>,
    /// What they are shown.
    pub(crate) webhook_token: Option<Secret>,
}

impl Purge {
    /// Whether a secret stands in the configuration itself.
    pub(crate) fn has_inline_secret(&self) -> bool {
        let secrets = [&self.cloudflare_token, &self.webhook_token];
        let mut secrets = secrets.into_iter().flatten();
        secrets.any(|secret| secret.file().is_none())
    }
}

impl Section for Purge {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.field(
            "cloudflare_zone",
            &mut self.cloudflare_zone,
            "The id of the zone at Cloudflare that `public_url` is in.",
        );
        on.secret(
            "cloudflare_token",
            &mut self.cloudflare_token,
            "A token of Cloudflare that may purge the cache of that zone.",
        );
        on.field(
            "cloudflare_api",
            &mut self.cloudflare_api,
            "Where Cloudflare's API is; without one, `https://api.cloudflare.com`.",
        );
        on.field(
            "webhook",
            &mut self.webhook,
            "Or an address that is told by a POST of `{\"url\": \"…\"}` what nobody may get any more, and \
             answers with 2xx when that is so.",
        );
        on.secret(
            "webhook_token",
            &mut self.webhook_token,
            "What is shown there, as a bearer token.",
        );
    }

    fn validate(&self, wrong: &mut Wrong<'_>) {
        match (&self.cloudflare_zone, &self.cloudflare_token) {
            (Some(_), None) => wrong.field("cloudflare_token", "a zone needs it: set it too"),
            (None, Some(_)) => wrong.field("cloudflare_zone", "of which zone? Set it too"),
            _ => {}
        }
        let is_id = |zone: &String| {
            (1..=64).contains(&zone.len()) && zone.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if !self.cloudflare_zone.as_ref().is_none_or(is_id) {
            wrong.field(
                "cloudflare_zone",
                "the id of a zone has letters and digits alone",
            );
        }
        if self.webhook.is_none() && self.webhook_token.is_some() {
            wrong.field("webhook", "who is shown the token? Set it too");
        }
    }
}
