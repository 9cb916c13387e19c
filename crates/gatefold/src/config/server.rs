//! `[server]`: the site itself, with its accounts and pages.

mod database;
mod delivery;
mod media;
mod oauth;
mod purge;
mod rates;
mod supporters;
mod uploads;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use gatefold_ops::config::{Fields, Network, Parsed, Section, Wrong};
use gatefold_web::OriginPattern;

use super::BaseUrl;
pub(crate) use database::Database;
pub(crate) use delivery::{Delivery, DeliveryKind, LONGEST_WINDOW};
pub(crate) use media::{Kept, Media};
pub(crate) use oauth::OAuth;
pub(crate) use rates::Rates;
pub(crate) use supporters::Supporters;
pub(crate) use uploads::Uploads;

/// The site itself.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// Where those who run it ask it.
    pub(crate) admin: Option<SocketAddr>,
    /// Where the world reaches it.
    pub(crate) url: Option<Parsed<BaseUrl>>,
    /// What it is called.
    pub(crate) name: String,
    /// Where its secrets are.
    pub(crate) secrets: PathBuf,
    /// Other sites whose pages may use it.
    pub(crate) origins: Vec<Parsed<OriginPattern>>,
    /// Who may say for whom a request is.
    pub(crate) trusted_proxies: Vec<Network>,
    /// Whether what is only good on the developer's own machine is allowed.
    pub(crate) development: bool,
    /// Where everything is kept.
    pub(crate) database: Database,
    /// How people sign in.
    pub(crate) oauth: OAuth,
    /// Where the bytes of tracks are.
    pub(crate) media: Media,
    /// What artists may send.
    pub(crate) uploads: Uploads,
    /// How listeners get at what they may hear.
    pub(crate) delivery: Delivery,
    /// Who knows who supports whom.
    pub(crate) supporters: Supporters,
    /// How often clients may ask.
    pub(crate) rates: Rates,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            admin: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 8081))),
            url: None,
            name: "gatefold".to_owned(),
            secrets: "data/secrets".into(),
            origins: Vec::new(),
            trusted_proxies: Vec::new(),
            development: false,
            database: Database::default(),
            oauth: OAuth::default(),
            media: Media::default(),
            uploads: Uploads::default(),
            delivery: Delivery::default(),
            supporters: Supporters::default(),
            rates: Rates::default(),
        }
    }
}

impl Server {
    /// Where the keys are that seal and open links.
    pub(crate) fn keyring(&self) -> PathBuf {
        let named = self.delivery.keyring.clone();
        named.unwrap_or_else(|| self.secrets.join("keyring.json"))
    }

    /// Where is what is being worked on.
    pub(crate) fn work(&self) -> PathBuf {
        let named = self.uploads.work.clone();
        named.unwrap_or_else(|| self.media.folder.join("work"))
    }

    /// Whether a secret stands in the configuration itself.
    pub(crate) fn has_inline_secret(&self) -> bool {
        self.database.has_inline_secret()
            || self.rates.has_inline_secret()
            || self.media.has_inline_secret()
    }
}

impl Section for Server {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.field(
            "listen",
            &mut self.listen,
            "Where it listens. It speaks HTTP; TLS is the business of a proxy or CDN before it.",
        );
        on.field(
            "admin",
            &mut self.admin,
            "Where it tells `/health` and `/metrics`: a loopback address, or empty for nowhere.",
        );
        on.field(
            "url",
            &mut self.url,
            "Where the world reaches it, for example `https://music.example.com`: people sign in \
             with their accounts for this address, and requests for any other are refused. Without \
             it, the site is for this machine alone.",
        );
        on.field(
            "name",
            &mut self.name,
            "What the site is called, on its pages and where people sign in.",
        );
        on.field(
            "secrets",
            &mut self.secrets,
            "A folder for secrets that the server makes for itself on its first start. Keep a copy \
             of it apart from copies of the database: either is worth little without the other.",
        );
        on.field(
            "origins",
            &mut self.origins,
            "Other sites whose pages may use this one as their visitors: an origin, or all names \
             below one as `https://*.example.com`.",
        );
        on.field(
            "trusted_proxies",
            &mut self.trusted_proxies,
            "Networks whose `X-Forwarded-For` is believed: those of your own proxy or CDN. Limits \
             by address count whom it names.",
        );
        on.field(
            "development",
            &mut self.development,
            "Whether identity and data servers on this machine may be asked over plain HTTP. Only \
             for a site that is on a loopback address itself, or whose directory of identities is.",
        );
        on.section(
            "database",
            &mut self.database,
            "Where accounts and everything else that is no audio are kept.",
        );
        on.section(
            "oauth",
            &mut self.oauth,
            "How people sign in with their atproto accounts.",
        );
        on.section("media", &mut self.media, "Where the bytes of tracks are.");
        on.section(
            "uploads",
            &mut self.uploads,
            "What artists may send, and what follows it.",
        );
        on.section(
            "delivery",
            &mut self.delivery,
            "How listeners get at what they may hear.",
        );
        on.section(
            "supporters",
            &mut self.supporters,
            "Who knows who supports whom.",
        );
        on.section("rates", &mut self.rates, "How often clients may ask.");
    }

    fn validate(&self, wrong: &mut Wrong<'_>) {
        if let Some(Parsed(url)) = &self.url {
            if !url.is_https() && !url.is_loopback() {
                wrong.field(
                    "url",
                    "sessions would travel in the clear: use https, or a loopback address",
                );
            }
            // With a directory of its own on this machine, nobody of the real network signs in.
            let plc = self.oauth.plc.as_ref();
            let is_apart = plc.is_some_and(|Parsed(plc)| plc.is_loopback());
            if self.development && !url.is_loopback() && !is_apart {
                wrong.field(
                    "development",
                    "this is for a site on a loopback address, or with its directory (oauth.plc) on \
                     one: leave it out, or change url",
                );
            }
        } else if !self.listen.ip().is_loopback() {
            wrong.field(
                "listen",
                "others can reach this address: set url to where they reach the site",
            );
        }
        if let Some(admin) = self.admin {
            if !admin.ip().is_loopback() {
                wrong.field(
                    "admin",
                    "others can reach this address: take a loopback address",
                );
            } else if admin == self.listen && admin.port() != 0 {
                wrong.field(
                    "admin",
                    "the site is served at this address already: take another port",
                );
            }
        }
        if self.name.trim().is_empty() || self.name.chars().count() > 64 {
            wrong.field("name", "a name has 1 to 64 characters");
        }
        wrong.section("database", &self.database);
        wrong.section("oauth", &self.oauth);
        wrong.section("media", &self.media);
        wrong.section("uploads", &self.uploads);
        wrong.section("delivery", &self.delivery);
        wrong.section("supporters", &self.supporters);
        wrong.section("rates", &self.rates);
    }
}
