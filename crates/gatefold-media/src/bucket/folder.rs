//! A bucket in a folder of this machine.
//!
//! Objects are written beside their place, in a folder whose name is no key's, and linked to their name when
//! they are on the disk. A link fails where there is a file already, so that of two who write under
//! one key one loses. Names are on the disk too before anything is confirmed, and so are deletions.

mod list;
mod read;
mod write;

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use gatefold_domain::{ObjectKey, Timestamp};
use tokio::sync::RwLock;

use super::{BucketError, Facts, Listed, Reading, Within};

pub(super) use write::Writing;

/// Where objects are while they are not whole: no key names anything in it.
const INCOMING: &str = ".incoming";

/// A bucket in a folder.
#[derive(Clone)]
pub(super) struct Folder {
    root: Arc<Path>,
    under_way: Arc<RwLock<()>>,
}

impl Folder {
    /// Makes what is missing of it. Blocks.
    pub(super) fn new(path: &Path) -> Result<Self, BucketError> {
        let made = fs::create_dir_all(path.join(INCOMING)).and_then(|()| path.canonicalize());
        let root = made.map_err(|error| BucketError::of_system(&error))?;
        Ok(Self {
            root: root.into(),
            under_way: Arc::default(),
        })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Held by what is being written.
    pub(super) fn under_way(&self) -> &RwLock<()> {
        &self.under_way
    }

    pub(super) async fn begin(&self, key: &ObjectKey) -> Result<Writing, BucketError> {
        let (root, place) = (Arc::clone(&self.root), self.place(key));
        let guard = Arc::clone(&self.under_way).read_owned().await;
        blocking(move || Writing::begin(root, place, guard)).await
    }

    pub(super) async fn facts(&self, key: &ObjectKey) -> Result<Facts, BucketError> {
        let place = self.place(key);
        blocking(move || {
            let found = fs::metadata(place).map_err(|error| BucketError::of_reading(&error))?;
            facts(&found)
        })
        .await
    }

    pub(super) async fn read(&self, key: &ObjectKey) -> Result<Reading, BucketError> {
        let place = self.place(key);
        blocking(move || read::open(&place)).await
    }

    pub(super) async fn delete(&self, key: &ObjectKey) -> Result<(), BucketError> {
        let place = self.place(key);
        blocking(move || match fs::remove_file(&place) {
            Ok(()) => sync_folder(&place).map_err(|error| BucketError::of_system(&error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(BucketError::of_system(&error)),
        })
        .await
    }

    pub(super) async fn list(
        &self,
        within: Within,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Vec<Listed>, BucketError> {
        let (root, after) = (Arc::clone(&self.root), after.cloned());
        blocking(move || {
            let after = after.as_ref().map_or("", ObjectKey::as_str);
            list::list(&root, within.prefix(), after, limit)
                .map_err(|error| BucketError::of_system(&error))
        })
        .await
    }

    pub(super) async fn clean(&self, before: Timestamp) -> Result<usize, BucketError> {
        let incoming = self.root.join(INCOMING);
        blocking(move || {
            clean(&incoming, before.into()).map_err(|error| BucketError::of_system(&error))
        })
        .await
    }

    fn place(&self, key: &ObjectKey) -> PathBuf {
        // A key has no segment that leads elsewhere.
        self.root.join(key.as_str())
    }
}

/// Does it where blocking is no matter.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BucketError> + Send + 'static,
) -> Result<T, BucketError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(BucketError::Unavailable("it was interrupted".to_owned())))
}

fn facts(found: &fs::Metadata) -> Result<Facts, BucketError> {
    if !found.is_file() {
        return Err(BucketError::NotFound);
    }
    Ok(Facts {
        len: found.len(),
        modified: found.modified().ok().map(Timestamp::from),
    })
}

/// Sees to it that the names in the folder that `place` is in are on the disk.
fn sync_folder(place: &Path) -> io::Result<()> {
    match place.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Removes files that have not been touched since a moment.
fn clean(incoming: &Path, before: SystemTime) -> io::Result<usize> {
    let mut removed = 0_usize;
    for entry in fs::read_dir(incoming)? {
        let entry = entry?;
        // Whoever writes it may finish or give it up at any moment.
        let Ok(found) = entry.metadata() else {
            continue;
        };
        let is_old = found.modified().is_ok_and(|modified| modified < before);
        if found.is_file() && is_old && fs::remove_file(entry.path()).is_ok() {
            removed = removed.saturating_add(1);
        }
    }
    Ok(removed)
}
