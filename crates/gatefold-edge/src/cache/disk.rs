//! Slices on disk: one file each, never changed once it has its name.
//!
//! A file is written beside its place and gets its name when it is whole, so a process may die at
//! any moment. What a file holds is checked by its hash when it is opened for the first time: a
//! machine that lost power may have kept the name and lost the bytes.

mod slot;

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use quick_cache::{DefaultHashBuilder, Lifecycle, OptionsBuilder, Weighter, sync};

use self::slot::OpenFiles;
pub(crate) use self::slot::{Slot, is_at_hand};
use super::SliceKey;

/// How many files are held open at one time.
const OPEN_FILES: usize = 512;

/// Where files are while they are written.
const HALF: &str = "half";
/// Held locked by the process that uses the folder.
const LOCK: &str = "lock";

/// Why a folder cannot hold slices.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// Another process uses it.
    #[error("{} is another edge's cache: give each process a folder of its own", .0.display())]
    InUse(PathBuf),
    /// It cannot be read or written.
    #[error("the cache folder {path} cannot be used: {cause}", path = path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// Slices in files below one folder, bounded by their bytes.
pub(super) struct Disk {
    folder: PathBuf,
    slots: sync::Cache<SliceKey, Arc<Slot>, BySize, DefaultHashBuilder, Unlink>,
    /// The number of the next file: no name is ever used twice.
    next: AtomicU64,
    open: Arc<OpenFiles>,
    _lock: File,
}

#[derive(Clone)]
struct BySize;

impl Weighter<SliceKey, Arc<Slot>> for BySize {
    fn weight(&self, _: &SliceKey, slot: &Arc<Slot>) -> u64 {
        slot.size()
    }
}

/// Removes the files of what is pushed out, after the lock on the shard has been let go.
#[derive(Clone)]
struct Unlink;

#[derive(Default)]
struct PushedOut(Vec<Arc<Slot>>);

impl Drop for PushedOut {
    fn drop(&mut self) {
        self.0.iter().for_each(|slot| slot.unlink());
    }
}

impl Lifecycle<SliceKey, Arc<Slot>> for Unlink {
    type RequestState = PushedOut;

    fn on_evict(&self, state: &mut PushedOut, _: SliceKey, slot: Arc<Slot>) {
        state.0.push(slot);
    }
}

impl Disk {
    /// Takes a folder, and what an earlier process has left there. Blocks.
    pub(super) fn open(folder: &Path, bytes: u64, slice: u64) -> Result<Self, DiskError> {
        let io = |cause| DiskError::Io {
            path: folder.to_owned(),
            cause,
        };
        // What is for some people only is not for everybody who has an account on this machine.
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(io)?;
        let lock = File::create(folder.join(LOCK)).map_err(io)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => DiskError::InUse(folder.to_owned()),
            TryLockError::Error(cause) => io(cause),
        })?;
        let half = folder.join(HALF);
        match fs::remove_dir_all(&half) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
            _ => fs::create_dir(&half).map_err(io)?,
        }
        let slices = bytes.checked_div(slice).unwrap_or_default().max(1);
        let options = OptionsBuilder::new()
            .estimated_items_capacity(usize::try_from(slices).unwrap_or(usize::MAX))
            .weight_capacity(bytes)
            .build()
            .map_err(|error| io(io::Error::other(error)))?;
        let disk = Self {
            folder: folder.to_owned(),
            slots: sync::Cache::with_options(
                options,
                BySize,
                DefaultHashBuilder::default(),
                Unlink,
            ),
            next: AtomicU64::new(0),
            open: Arc::new(OpenFiles::new(OPEN_FILES)),
            _lock: lock,
        };
        disk.adopt().map_err(io)?;
        Ok(disk)
    }

    /// Takes over the files that are there; what cannot be read is removed.
    fn adopt(&self) -> io::Result<()> {
        let mut next = 0;
        for shelf in fs::read_dir(&self.folder)? {
            let shelf = shelf?;
            if shelf.file_name() == HALF || !shelf.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(shelf.path())? {
                let path = file?.path();
                let number = path.file_name().and_then(|name| name.to_str());
                let number = number.and_then(|name| u64::from_str_radix(name, 16).ok());
                match (number, Slot::adopt(&path, &self.open)) {
                    (Some(number), Some((key, slot))) => {
                        next = next.max(number.saturating_add(1));
                        if let Some(twin) = self.slots.peek(&key) {
                            twin.unlink();
                        }
                        self.slots.insert(key, Arc::new(slot));
                    }
                    _ => fs::remove_file(&path)?,
                }
            }
        }
        self.next.store(next, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn bytes(&self) -> u64 {
        self.slots.weight()
    }

    /// The most that it can hold, in bytes.
    pub(super) fn capacity(&self) -> u64 {
        self.slots.capacity()
    }

    pub(super) fn get(&self, key: &SliceKey) -> Option<Arc<Slot>> {
        self.slots.get(key)
    }

    pub(super) fn contains(&self, key: &SliceKey) -> bool {
        self.slots.contains_key(key)
    }

    /// Keeps a slice, unless it cannot be written: then it is not kept. Blocks.
    pub(super) fn write(&self, key: SliceKey, name: &Arc<str>, bytes: &Bytes) {
        if self.slots.contains_key(&key) {
            return;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let file = format!("{number:016x}");
        let half = self.folder.join(HALF).join(&file);
        // 256 shelves keep folders short.
        let shelf = self.folder.join(format!("{:02x}", number % 256));
        let path = shelf.join(&file);
        let written = (|| {
            let tail = slot::tail(key, name, bytes);
            let mut out = File::create_new(&half)?;
            out.write_all(bytes)?;
            out.write_all(&tail)?;
            fs::create_dir_all(&shelf)?;
            fs::rename(&half, &path)?;
            let lens = (bytes.len() as u64, tail.len() as u64);
            Ok::<_, io::Error>(Slot::new(path, name, lens, &self.open))
        })();
        match written {
            Ok(slot) => self.slots.insert(key, Arc::new(slot)),
            Err(error) => {
                let _ = fs::remove_file(&half);
                tracing::warn!(kind = %error.kind(), "a slice cannot be kept on disk");
            }
        }
    }

    pub(super) fn remove(&self, key: &SliceKey) {
        if let Some((_, slot)) = self.slots.remove(key) {
            slot.unlink();
        }
    }

    /// Removes the slices of all objects whose names are meant; they are gone for good when this
    /// returns. Blocks.
    pub(super) fn purge(&self, is_meant: impl Fn(&str) -> bool) -> u64 {
        let meant: Vec<_> = self
            .slots
            .iter()
            .filter(|(_, slot)| is_meant(slot.name()))
            .map(|(key, _)| key)
            .collect();
        for key in &meant {
            self.remove(key);
        }
        // So that they stay gone when the machine loses power.
        let shelves = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for shelf in shelves.filter(|_| !meant.is_empty()) {
            if let Err(error) = File::open(shelf.path()).and_then(|shelf| shelf.sync_all()) {
                tracing::warn!(kind = %error.kind(), "a folder of the cache cannot be synchronised");
            }
        }
        meant.len() as u64
    }
}
