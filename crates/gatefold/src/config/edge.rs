//! `[edge]`: an edge that stands alone.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use gatefold_ops::config::{Fields, Parsed, Secret, Section, Wrong};

use super::{BaseUrl, Place, cache::Cache, https::Https, limits::Limits, store::Store};

/// Where `files:` sources are unless it is said.
const USUAL_FILES: &str = "data/files";
/// The shortest token that can be no guess.
const SHORTEST_TOKEN: usize = 24;

/// An edge that stands alone.
pub(crate) struct Edge {
    /// Where it listens.
    pub(crate) listen: SocketAddr,
    /// Where those who run it ask it.
    pub(crate) admin: Option<SocketAddr>,
    /// What they show when they ask.
    pub(crate) admin_token: Option<Secret>,
    /// Where the world reaches it.
    pub(crate) url: Option<Parsed<BaseUrl>>,
    /// Its keys.
    pub(crate) keyring: PathBuf,
    /// Its other secrets.
    pub(crate) secrets: PathBuf,
    /// How long after its URL's window an answer may still be on its way.
    pub(crate) overrun: Duration,
    /// On how many cores it runs; 0 for all.
    pub(crate) cores: u16,
    /// `files:` sources.
    pub(crate) files: Store,
    /// `private:` sources.
    pub(crate) private: Store,
    /// `https:` sources.
    pub(crate) https: Https,
    /// What is kept of them.
    pub(crate) cache: Cache,
    /// What clients may take.
    pub(crate) limits: Limits,
}

impl Default for Edge {
    fn default() -> Self {
        let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self {
            listen: loopback(8400),
            admin: Some(loopback(8401)),
            admin_token: None,
            url: None,
            keyring: "data/keyring.json".into(),
            secrets: "data/secrets".into(),
            overrun: Duration::from_mins(10),
            cores: 0,
            files: Store::default(),
            private: Store::default(),
            https: Https::default(),
            cache: Cache::default(),
            limits: Limits::default(),
        }
    }
}

impl Edge {
    /// Where `files:` sources are, and whether that was said.
    pub(crate) fn files(&self) -> (Place<'_>, bool) {
        match self.files.place() {
            Some(place) => (place, true),
            None => (Place::Folder(USUAL_FILES.as_ref()), false),
        }
    }

    /// Whether a secret stands in the configuration itself.
    pub(crate) fn has_inline_secret(&self) -> bool {
        let token = self.admin_token.as_ref();
        token.is_some_and(|token| token.file().is_none())
            || self.files.has_inline_secret()
            || self.private.has_inline_secret()
    }
}

impl Section for Edge {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.field(
            "listen",
            &mut self.listen,
            "Where it listens for listeners. It speaks HTTP; TLS is the business of a proxy \
             or CDN before it.",
        );
        on.field(
            "admin",
            &mut self.admin,
            "Where it tells `/health` and `/metrics` and takes `/purge` and `/reload`. Keep \
             it from the world. Empty for nowhere.",
        );
        on.secret(
            "admin_token",
            &mut self.admin_token,
            "What must be shown there to purge and reload, and for everything when the \
             address is not on loopback. Without it, a token is made on the first start, in \
             the folder `secrets`.",
        );
        on.field(
            "url",
            &mut self.url,
            "Where the world reaches this edge, for example `https://edge.example.com`.",
        );
        on.field(
            "keyring",
            &mut self.keyring,
            "The keys that open, and what each minter may seal: made by `gatefold keys`.",
        );
        on.field(
            "secrets",
            &mut self.secrets,
            "A folder for secrets that the edge makes for itself. Edges that serve the same \
             objects share its `tags.key`.",
        );
        on.ranged(
            "overrun",
            &mut self.overrun,
            Duration::ZERO..=Duration::from_hours(24),
            "How long after its URL's window an answer may still be on its way.",
        );
        on.ranged(
            "cores",
            &mut self.cores,
            0..=1024,
            "On how many processor cores it runs; 0 for all. Each serves listeners with a thread \
             of its own; as many threads again, and at most 8, ask origins and fill the cache.",
        );
        on.section(
            "files",
            &mut self.files,
            "`files:` sources: upload folders below a folder, or in a bucket. Unless anything \
             is said, they are in `data/files`.",
        );
        on.section(
            "private",
            &mut self.private,
            "`private:` sources: objects that are gated. Unless anything is said, there are none.",
        );
        on.section(
            "https",
            &mut self.https,
            "`https:` sources: web hosts. Unless any are named, there are none.",
        );
        on.section(
            "cache",
            &mut self.cache,
            "What is kept of objects that come from afar.",
        );
        on.section(
            "limits",
            &mut self.limits,
            "What clients may take of the edge.",
        );
    }

    fn validate(&self, wrong: &mut Wrong<'_>) {
        if let Some(admin) = self.admin {
            if admin == self.listen && admin.port() != 0 {
                wrong.field(
                    "admin",
                    "listeners are served at this address already: take another port",
                );
            }
            if !admin.ip().is_loopback() && self.admin_token.is_none() {
                wrong.field(
                    "admin",
                    "others can reach this address: set admin_token_file, or take a loopback \
                     address",
                );
            }
        }
        if let Some(token) = &self.admin_token
            && token.expose().len() < SHORTEST_TOKEN
        {
            wrong.field(
                "admin_token",
                format!(
                    "this can be guessed: take at least {SHORTEST_TOKEN} random characters, for \
                 example from `openssl rand -hex 32`"
                ),
            );
        }
        if self
            .url
            .as_ref()
            .is_some_and(|url| !url.0.is_https() && !url.0.is_loopback())
        {
            wrong.field(
                "url",
                "browsers keep cookies and audio from insecure pages: use https, or a \
                 loopback address",
            );
        }
        wrong.section("files", &self.files);
        wrong.section("private", &self.private);
        wrong.section("https", &self.https);
        wrong.section("cache", &self.cache);
        wrong.section("limits", &self.limits);
    }
}
