//! Writes a file beside its place and then puts it there.

use std::{
    fs::{self, Permissions},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use tempfile::NamedTempFile;
use tokio::{
    runtime::Handle,
    sync::OwnedRwLockReadGuard,
    task::{JoinHandle, spawn_blocking},
};

use super::{BucketError, INCOMING, blocking, sync_folder};

/// Who may read and write a file, but for what the process's umask takes away: others may be let read.
const MODE: u32 = 0o666;

/// An object that is being written.
pub(in crate::bucket) struct Writing {
    file: Option<Incoming>,
    root: Arc<Path>,
    place: PathBuf,
}

impl Writing {
    /// Blocks.
    pub(super) fn begin(
        root: Arc<Path>,
        place: PathBuf,
        guard: OwnedRwLockReadGuard<()>,
    ) -> Result<Self, BucketError> {
        // Whoever writes for long in vain should know early. What decides is the link at the end.
        if place.exists() {
            return Err(BucketError::Exists);
        }
        let file = tempfile::Builder::new()
            .prefix("")
            .permissions(Permissions::from_mode(MODE))
            .tempfile_in(root.join(INCOMING))
            .map_err(|error| BucketError::of_system(&error))?;
        Ok(Self {
            file: Some(Incoming(Some((file, guard)))),
            root,
            place,
        })
    }

    pub(in crate::bucket) async fn write(&mut self, part: Bytes) -> Result<(), BucketError> {
        let mut file = self.take()?;
        // A file that cannot be written any further goes at once, and so does one whose writer left.
        let file = blocking(move || {
            let written = file.file()?.write_all(&part);
            written.map_err(|error| BucketError::of_system(&error))?;
            Ok(file)
        });
        self.file = Some(file.await?);
        Ok(())
    }

    pub(in crate::bucket) async fn finish(mut self) -> Result<(), BucketError> {
        let file = self.take()?;
        blocking(move || file.place(&self.root, &self.place)).await
    }

    pub(in crate::bucket) async fn abort(mut self) {
        if let Some(removing) = self.file.take().and_then(|mut file| file.remove()) {
            // It can only have been interrupted: then the file is gone with its task.
            let _ = removing.await;
        }
    }

    fn take(&mut self) -> Result<Incoming, BucketError> {
        let over = || BucketError::Unavailable("it was given up".to_owned());
        self.file.take().ok_or_else(over)
    }
}

/// A file that has no key yet, and is removed when it does not get one.
struct Incoming(Option<(NamedTempFile, OwnedRwLockReadGuard<()>)>);

impl Incoming {
    fn file(&mut self) -> Result<&mut NamedTempFile, BucketError> {
        let over = || BucketError::Unavailable("it was given up".to_owned());
        Ok(&mut self.0.as_mut().ok_or_else(over)?.0)
    }

    /// Puts it where it belongs. Blocks.
    fn place(mut self, root: &Path, place: &Path) -> Result<(), BucketError> {
        let failed = |error| BucketError::of_system(&error);
        self.file()?.as_file().sync_all().map_err(failed)?;
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let Some((file, _guard)) = self.0.take() else {
            return Ok(());
        };
        let linked = file.persist_noclobber(place);
        linked.map_err(|error| BucketError::of_system(&error.error))?;
        // Its folder may be as new as it is, to this process or another.
        for named in place.ancestors().take_while(|named| *named != root) {
            sync_folder(named).map_err(failed)?;
        }
        Ok(())
    }

    /// Removing a large file takes a moment.
    fn remove(&mut self) -> Option<JoinHandle<()>> {
        let file = self.0.take()?;
        // Without a runtime, as at the very end of a process, it is removed here.
        Handle::try_current().ok()?;
        Some(spawn_blocking(move || drop(file)))
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        self.remove();
    }
}
