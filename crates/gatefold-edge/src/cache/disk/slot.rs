//! One slice in one file: its bytes, then its name and a hash over all of it.
//!
//! ```text
//! bytes | name | tag 16 | index 8 | length of bytes 8 | length of name 2 | SHA-256 32 | "gfslice1"
//! ```

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use quick_cache::sync;
use sha2::{Digest, Sha256};

use super::SliceKey;
use crate::{etag::Tag, outlet::FilePart};

const MAGIC: &[u8; 8] = b"gfslice1";
/// Everything after the name.
const FIXED: usize = 16 + 8 + 8 + 2 + 32 + 8;

/// The files that were read last, held open: as many as a process can spare.
pub(super) type OpenFiles = sync::Cache<PathBuf, Arc<File>>;

/// A slice on disk.
pub(crate) struct Slot {
    path: PathBuf,
    name: Arc<str>,
    len: u64,
    tail_len: u64,
    is_checked: AtomicBool,
    /// The file, for as long as it is among those that are held open.
    file: Mutex<Weak<File>>,
    open: Arc<OpenFiles>,
}

/// What follows a slice's bytes in its file.
pub(super) fn tail(key: SliceKey, name: &str, bytes: &[u8]) -> Vec<u8> {
    let name_len = u16::try_from(name.len()).unwrap_or(u16::MAX);
    let mut tail = Vec::with_capacity(name.len().saturating_add(FIXED));
    tail.extend_from_slice(name.as_bytes());
    tail.extend_from_slice(&key.tag.0.to_be_bytes());
    tail.extend_from_slice(&key.index.to_be_bytes());
    tail.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    tail.extend_from_slice(&name_len.to_be_bytes());
    let hash = Sha256::new().chain_update(bytes).chain_update(&tail);
    tail.extend_from_slice(&hash.finalize());
    tail.extend_from_slice(MAGIC);
    tail
}

impl Slot {
    pub(super) fn new(
        path: PathBuf,
        name: &Arc<str>,
        (len, tail_len): (u64, u64),
        open: &Arc<OpenFiles>,
    ) -> Self {
        Self {
            path,
            name: Arc::clone(name),
            len,
            tail_len,
            is_checked: AtomicBool::new(false),
            file: Mutex::default(),
            open: Arc::clone(open),
        }
    }

    /// Reads what a file says that it is; `None` when it is no slice. Its bytes are not checked.
    pub(super) fn adopt(path: &Path, open: &Arc<OpenFiles>) -> Option<(SliceKey, Self)> {
        let file = File::open(path).ok()?;
        let size = file.metadata().ok()?.len();
        let mut fixed = [0; FIXED];
        file.read_exact_at(&mut fixed, size.checked_sub(FIXED as u64)?)
            .ok()?;
        let (tag, rest) = fixed.split_first_chunk::<16>()?;
        let (index, rest) = rest.split_first_chunk::<8>()?;
        let (len, rest) = rest.split_first_chunk::<8>()?;
        let (name_len, rest) = rest.split_first_chunk::<2>()?;
        let len = u64::from_be_bytes(*len);
        let name_len = u16::from_be_bytes(*name_len);
        let tail_len = u64::from(name_len).checked_add(FIXED as u64)?;
        if !rest.ends_with(MAGIC) || len.checked_add(tail_len) != Some(size) {
            return None;
        }
        let mut name = vec![0; usize::from(name_len)];
        file.read_exact_at(&mut name, len).ok()?;
        let name: Arc<str> = String::from_utf8(name).ok()?.into();
        let key = SliceKey {
            tag: Tag(u128::from_be_bytes(*tag)),
            index: u64::from_be_bytes(*index),
        };
        let slot = Self::new(path.to_owned(), &name, (len, tail_len), open);
        Some((key, slot))
    }

    /// The name of the object that this is a slice of.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The size of the file.
    pub(super) fn size(&self) -> u64 {
        self.len.saturating_add(self.tail_len)
    }

    pub(super) fn unlink(&self) {
        self.open.remove(&self.path);
        let _ = fs::remove_file(&self.path);
    }

    /// The file, if it is held open.
    fn file(&self) -> Option<Arc<File>> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.upgrade()
    }

    /// Opens the file, and holds it open in place of another.
    fn open(&self) -> io::Result<Arc<File>> {
        let file = Arc::new(File::open(&self.path)?);
        self.open.insert(self.path.clone(), Arc::clone(&file));
        let mut place = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Arc::downgrade(&file);
        Ok(file)
    }

    /// Reads all of it, and checks that it is what was written. Blocks.
    ///
    /// # Errors
    /// When the file cannot be read, or does not hold this slice any more.
    pub(crate) fn check(&self, key: SliceKey) -> io::Result<Bytes> {
        let file = self.open()?;
        let size = usize::try_from(self.size()).map_err(io::Error::other)?;
        let mut content = vec![0; size];
        file.read_exact_at(&mut content, 0)?;
        let len = usize::try_from(self.len).map_err(io::Error::other)?;
        let (bytes, found) = content.split_at_checked(len).unwrap_or_default();
        if found != tail(key, &self.name, bytes) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.is_checked.store(true, Ordering::Release);
        Ok(Bytes::from(content).slice(..len))
    }

    /// Reads a part when that needs no waiting for the disk; `None` when it does, or when the file
    /// has yet to be checked.
    pub(crate) fn read_at_hand(&self, offset: u64, len: usize) -> Option<Bytes> {
        if !self.is_checked() {
            return None;
        }
        let file = self.file()?;
        at_hand(&file, offset, len)
    }

    /// A part, for a socket that sends files; `None` when the file is not at hand: it has yet to be
    /// checked or opened, or its bytes there are not in the system's page cache.
    pub(crate) fn part_at_hand(&self, offset: u64, len: usize) -> Option<FilePart> {
        if !self.is_checked() {
            return None;
        }
        let file = self.file()?;
        is_at_hand(&file, offset).then(|| FilePart::new(file, offset, len))
    }

    /// Whether its bytes have been checked.
    pub(crate) fn is_checked(&self) -> bool {
        self.is_checked.load(Ordering::Acquire)
    }

    /// Reads a part of a file that has been checked. Blocks.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn read(&self, offset: u64, len: usize) -> io::Result<Bytes> {
        if !self.is_checked() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let file = match self.file() {
            Some(file) => file,
            None => self.open()?,
        };
        let mut part = vec![0; len];
        file.read_exact_at(&mut part, offset)?;
        Ok(part.into())
    }
}

/// Reads from the system's page cache or not at all (`RWF_NOWAIT`).
#[cfg(target_os = "linux")]
fn at_hand(file: &File, offset: u64, len: usize) -> Option<Bytes> {
    use rustix::io::{ReadWriteFlags, preadv2};
    let mut part = vec![0; len];
    let mut into = [io::IoSliceMut::new(&mut part)];
    let read = preadv2(file, &mut into, offset, ReadWriteFlags::NOWAIT).ok()?;
    (read == len).then(|| part.into())
}

/// Whether one byte is in the system's page cache.
#[cfg(target_os = "linux")]
pub(crate) fn is_at_hand(file: &File, offset: u64) -> bool {
    use rustix::io::{ReadWriteFlags, preadv2};
    let mut byte = [0];
    let mut into = [io::IoSliceMut::new(&mut byte)];
    matches!(
        preadv2(file, &mut into, offset, ReadWriteFlags::NOWAIT),
        Ok(1)
    )
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn is_at_hand(_: &File, _: u64) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
fn at_hand(_: &File, _: u64, _: usize) -> Option<Bytes> {
    None
}
