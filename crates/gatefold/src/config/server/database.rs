//! `[server.database]`: where accounts are kept.

use std::path::{Path, PathBuf};

use gatefold_ops::config::{Fields, Secret, Section};

/// The file of the database unless it is said.
const USUAL_URL: &str = "sqlite:data/gatefold.db";

/// Where accounts are kept.
pub(crate) struct Database {
    url: Option<Secret>,
    /// The keys that encrypt what must not be read by whoever reads the database.
    pub(crate) keys: PathBuf,
    /// Connections at one time.
    pub(crate) connections: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: None,
            keys: "data/secrets/columns.json".into(),
            connections: 8,
        }
    }
}

impl Database {
    /// In files of a folder, which hold no password.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        let file = folder.join("gatefold.db");
        Self {
            url: Some(Secret::new(format!("sqlite:{}", file.display()))),
            keys: folder.join("secrets/columns.json"),
            ..Self::default()
        }
    }

    /// The database's address, which may hold a password.
    pub(crate) fn url(&self) -> &str {
        self.url.as_ref().map_or(USUAL_URL, Secret::expose)
    }

    /// Whether several instances may use it.
    pub(crate) fn is_shared(&self) -> bool {
        !self.url().starts_with("sqlite:")
    }

    /// Whether the address, with whatever password is in it, stands in the configuration itself.
    pub(crate) fn has_inline_secret(&self) -> bool {
        self.url
            .as_ref()
            .is_some_and(|url| url.file().is_none() && url.expose().contains('@'))
    }
}

impl Section for Database {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.secret(
            "url",
            &mut self.url,
            "The database: `sqlite:FILE`, or `postgres://USER:PASSWORD@HOST/NAME`. Without one, \
             `sqlite:data/gatefold.db`.",
        );
        on.field(
            "keys",
            &mut self.keys,
            "The keys that encrypt what must not be read by whoever reads the database. Made on the \
             first start, when the database is in its usual place.",
        );
        on.ranged(
            "connections",
            &mut self.connections,
            1..=1000,
            "Connections to the database at one time.",
        );
    }
}
