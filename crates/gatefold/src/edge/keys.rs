//! An edge's keys: read at the start, and again when asked, while the edge runs.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use gatefold_domain::Clock;
use gatefold_ops::{
    secrets::{self, SecretError},
    system_random,
};
use gatefold_seal::{
    DuplicateId, EdgeEntry, EdgePrivateKey, KEY_LEN, KeyFileError, Keyring, KeyringFile, Opener,
    UnixSeconds,
};

/// Why a keyring cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    #[error("{path}: there is no keyring: run `gatefold keys new edge --keyring {path}`", path = .0.display())]
    Missing(PathBuf),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("{path}: {cause}", path = path.display())]
    File { path: PathBuf, cause: KeyFileError },
    #[error("{path}: {cause}", path = path.display())]
    Alike { path: PathBuf, cause: DuplicateId },
    #[error(
        "{path}: the key of {what} is not random and can be guessed: retire it and make another with \
         `gatefold keys new`",
        path = path.display()
    )]
    Weak { path: PathBuf, what: String },
    #[error(
        "{path}: no edge key is in use, so that nothing can be opened: run `gatefold keys new edge \
         --keyring {path}`, and give its minters new files with `gatefold keys export`",
        path = .0.display()
    )]
    NoneInUse(PathBuf),
}

/// How many keys are in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) edge_keys: usize,
    pub(crate) minters: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count| if count == 1 { "" } else { "s" };
        let Self { edge_keys, minters } = *self;
        write!(
            out,
            "{edge_keys} edge key{} and {minters} minter{} in use",
            plural(edge_keys),
            plural(minters)
        )
    }
}

/// When each key stops being used, if ever.
#[derive(Clone, Default)]
struct Ends {
    edge_keys: Vec<Option<UnixSeconds>>,
    minters: Vec<Option<UnixSeconds>>,
}

impl Ends {
    fn of(file: &KeyringFile) -> Self {
        Self {
            edge_keys: file.edge_keys.iter().map(|entry| entry.retired).collect(),
            minters: file.minters.iter().map(|entry| entry.retired).collect(),
        }
    }

    fn counts(&self, now: UnixSeconds) -> Counts {
        let in_use = |ends: &[Option<UnixSeconds>]| {
            ends.iter()
                .filter(|end| end.is_none_or(|end| now < end))
                .count()
        };
        Counts {
            edge_keys: in_use(&self.edge_keys),
            minters: in_use(&self.minters),
        }
    }
}

/// Reads a keyring that an edge can start with. Blocks.
pub(crate) fn read(path: &Path, now: UnixSeconds) -> Result<KeyringFile, KeysError> {
    let json = secrets::read(path)?.ok_or_else(|| KeysError::Missing(path.to_owned()))?;
    let file = KeyringFile::parse(&json).map_err(|cause| KeysError::File {
        path: path.to_owned(),
        cause,
    })?;
    let edges = file.edge_keys.iter().map(|entry| {
        let what = || format!("the edge, {}", entry.key.public().id());
        (entry.key.expose(), entry.retired, what())
    });
    let minters = file.minters.iter().map(|entry| {
        (
            entry.key.expose(),
            entry.retired,
            format!("the minter {}", entry.name),
        )
    });
    let is_used = |retired: Option<UnixSeconds>| retired.is_none_or(|end| now < end);
    for (key, retired, what) in edges.chain(minters) {
        if is_used(retired) && is_weak(key) {
            return Err(KeysError::Weak {
                path: path.to_owned(),
                what,
            });
        }
    }
    if Ends::of(&file).counts(now).edge_keys == 0 {
        return Err(KeysError::NoneInUse(path.to_owned()));
    }
    Ok(file)
}

/// How many keys of a file are in use.
pub(crate) fn count(file: &KeyringFile, now: UnixSeconds) -> Counts {
    Ends::of(file).counts(now)
}

/// Whether a key can be no random one: among 32 random bytes, at least 16 differ from each other,
/// but for once in far more keys than will ever be made.
fn is_weak(key: &[u8; KEY_LEN]) -> bool {
    let mut bytes = zeroize::Zeroizing::new(*key);
    bytes.sort_unstable();
    let changes = bytes
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if a != b));
    changes.count() < 15
}

/// Begins a keyring where there is none. Blocks.
pub(crate) fn make_if_missing(
    path: &Path,
    clock: &dyn Clock,
    say: impl Fn(&str),
) -> Result<(), KeysError> {
    if secrets::read(path)?.is_some() {
        return Ok(());
    }
    let key = EdgePrivateKey::generate(&mut system_random());
    let id = key.public().id();
    let file = KeyringFile {
        edge_keys: vec![EdgeEntry {
            key,
            created: clock.now().into(),
            retired: None,
        }],
        minters: Vec::new(),
    };
    secrets::read_or_make(path, || file.to_json())?;
    say(&format!(
        "Made an edge key, identifier {id}, in {}.",
        path.display()
    ));
    Ok(())
}

/// The keys of an edge that runs.
pub(crate) struct Keys {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    opener: Arc<Opener>,
    ends: RwLock<Ends>,
}

impl Keys {
    /// Reads the keys. Blocks.
    pub(crate) fn load(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, KeysError> {
        let file = read(path, clock.now().into())?;
        Ok(Self {
            opener: Arc::new(Opener::new(keyring(path, &file)?)),
            ends: RwLock::new(Ends::of(&file)),
            path: path.to_owned(),
            clock,
        })
    }

    /// What opens with them, also after they were read again.
    pub(crate) fn opener(&self) -> Arc<Opener> {
        Arc::clone(&self.opener)
    }

    /// How many are in use now.
    pub(crate) fn counts(&self) -> Counts {
        let ends = self.ends.read().unwrap_or_else(PoisonError::into_inner);
        ends.counts(self.clock.now().into())
    }

    /// Reads them again. What cannot be used leaves the old ones in force.
    pub(crate) async fn reload(self: &Arc<Self>) -> Result<Counts, KeysError> {
        let keys = Arc::clone(self);
        let reloading = tokio::task::spawn_blocking(move || keys.reload_now());
        match reloading.await {
            Ok(outcome) => outcome,
            // It was cancelled, because the process ends.
            Err(_) => Ok(self.counts()),
        }
    }

    fn reload_now(&self) -> Result<Counts, KeysError> {
        // Held throughout, so that of two that read at once the later one's keys stay.
        let mut ends = self.ends.write().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now().into();
        let file = read(&self.path, now)?;
        self.opener.replace(keyring(&self.path, &file)?);
        *ends = Ends::of(&file);
        Ok(ends.counts(now))
    }
}

fn keyring(path: &Path, file: &KeyringFile) -> Result<Keyring, KeysError> {
    file.keyring().map_err(|cause| KeysError::Alike {
        path: path.to_owned(),
        cause,
    })
}

#[cfg(test)]
mod tests;
