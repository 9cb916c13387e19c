//! The site's own keyring: what it seals links with, and what its edge opens them with. One file, in
//! the form that `gatefold keys` knows, made on the first start.

use std::{path::PathBuf, sync::Arc};

use gatefold_app::playing::Sealer;
use gatefold_domain::Clock;
use gatefold_ops::{config::Parsed, secrets, system_random};
use gatefold_seal::{
    CacheLimits, ClientPattern, EdgeEntry, EdgePrivateKey, Keyring, KeyringFile, MintError, Minter,
    MinterEntry, MinterKey, Opener, Scope, UnixSeconds, WindowError,
};

use gatefold_web::OriginPattern;

use crate::{
    config,
    edge::keys::{self, KeysError},
};

/// What the site's own minter is called in the keyring.
const MINTER: &str = "site";
/// The links that are remembered: of so many listeners and tracks at one time.
const REMEMBERED: CacheLimits = CacheLimits {
    entries: 32_768,
    bytes: 48 << 20,
};

/// Why the site cannot seal.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealingError {
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(
        "{path}: no minter called {name:?} is in use: make one with `gatefold keys new minter {name} \
         --keyring {path} --private --client 'did:plc:*' --client 'did:web:*'`, or name another in \
         server.delivery.minter",
        path = path.display()
    )]
    NoMinter { path: PathBuf, name: String },
    #[error("server.delivery.window: {0}")]
    Window(#[from] WindowError),
    #[error("{path}: the minter {name:?} cannot seal what the site needs: {cause}", path = path.display())]
    Minter {
        path: PathBuf,
        name: String,
        cause: MintError,
    },
}

/// The keys of a site that runs.
pub(crate) struct Sealing {
    path: PathBuf,
    name: String,
    window: u64,
    /// Sites beside this one whose pages may read what is opened.
    origins: Vec<ClientPattern>,
    clock: Arc<dyn Clock>,
    opener: Arc<Opener>,
}

impl Sealing {
    /// Reads the keyring, and makes it where there is none. Blocks.
    pub(crate) fn load(
        config: &config::Server,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Sealer), SealingError> {
        make_if_missing(&config.keyring(), clock.now().into())?;
        let sealing = Self::of(config, clock);
        let sealer = sealing.read()?;
        Ok((sealing, sealer))
    }

    /// The keys that are configured; nothing is read yet, and nothing made.
    pub(crate) fn of(config: &config::Server, clock: Arc<dyn Clock>) -> Self {
        Self {
            name: config.delivery.minter.clone(),
            window: config.delivery.window.as_secs(),
            origins: exact(&config.origins),
            opener: Arc::new(Opener::new(Keyring::default())),
            path: config.keyring(),
            clock,
        }
    }

    /// What opens with the keys, also after they were read again.
    pub(super) fn opener(&self) -> Arc<Opener> {
        Arc::clone(&self.opener)
    }

    /// Reads the keyring, which the opener has from then on: what to seal with. What cannot be used
    /// leaves the old keys in force. Blocks.
    pub(crate) fn read(&self) -> Result<Sealer, SealingError> {
        let now = UnixSeconds::from(self.clock.now());
        let mut file = keys::read(&self.path, now)?;
        let sealer = self.sealer(&mut file, now)?;
        let keyring = file.keyring().map_err(|cause| KeysError::Alike {
            path: self.path.clone(),
            cause,
        })?;
        self.opener.replace(keyring);
        Ok(sealer)
    }

    fn sealer(&self, file: &mut KeyringFile, now: UnixSeconds) -> Result<Sealer, SealingError> {
        let is_used = |retired: Option<UnixSeconds>| retired.is_none_or(|end| now < end);
        let missing = || SealingError::NoMinter {
            path: self.path.clone(),
            name: self.name.clone(),
        };
        // The last one is the newest.
        let mut edges = file.edge_keys.iter().rev();
        let edge = edges.find(|entry| is_used(entry.retired));
        let edge = edge.ok_or_else(|| KeysError::NoneInUse(self.path.clone()))?;
        let edge = *edge.key.public();
        let mut minters = file.minters.iter_mut();
        let entry = minters
            .find(|entry| entry.name == self.name && is_used(entry.retired))
            .ok_or_else(missing)?;
        entry.scope.clients.extend(self.origins.iter().cloned());
        let minter = Minter::new(edge, entry.key.clone(), self.window)?
            .with_scope(entry.scope.clone())
            .map_err(|cause| SealingError::Minter {
                path: self.path.clone(),
                name: self.name.clone(),
                cause,
            })?;
        Ok(Sealer {
            minter: minter.with_spread_boundaries().with_limits(REMEMBERED),
            grace: entry.scope.grace.min(self.window),
        })
    }
}

/// Begins a keyring that has what a site needs. Blocks.
fn make_if_missing(path: &std::path::Path, now: UnixSeconds) -> Result<(), KeysError> {
    if secrets::read(path)?.is_some() {
        return Ok(());
    }
    let file = KeyringFile {
        edge_keys: vec![EdgeEntry {
            key: EdgePrivateKey::generate(&mut system_random()),
            created: now,
            retired: None,
        }],
        minters: vec![MinterEntry {
            name: MINTER.to_owned(),
            key: MinterKey::generate(&mut system_random()),
            scope: Scope {
                private: true,
                clients: PEOPLE.iter().filter_map(|text| text.parse().ok()).collect(),
                longest_lifetime: config::LONGEST_WINDOW.as_secs(),
                ..Scope::default()
            },
            created: now,
            retired: None,
        }],
    };
    secrets::read_or_make(path, || file.to_json())?;
    Ok(())
}

/// The origins among patterns that are no patterns: a star of ours stands for one label, and one of a
/// keyring for any number.
fn exact(patterns: &[Parsed<OriginPattern>]) -> Vec<ClientPattern> {
    let spelled = patterns.iter().map(|Parsed(pattern)| pattern.to_string());
    let exact = spelled.filter(|text| !text.contains('*'));
    exact.filter_map(|text| text.parse().ok()).collect()
}

/// Everybody who can sign in.
const PEOPLE: [&str; 2] = ["did:plc:*", "did:web:*"];
