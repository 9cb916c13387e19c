//! What an edge keeps: pieces of objects, in memory and on disk.
//!
//! An object is cut into slices of one length. A slice is kept under the tag of the object's
//! version and its number, so that nothing is ever replaced: another version has other keys, and
//! what nobody asks for any more is pushed out.
//!
//! ```text
//! slice -> memory -> disk -> flight: one fetch for all who wait
//! ```

pub(crate) mod disk;
pub(crate) mod flight;
mod memory;

use std::{path::PathBuf, sync::Arc};

use bytes::Bytes;

use crate::etag::Tag;

use self::{
    disk::{Disk, DiskError, Slot},
    flight::Purged,
    memory::Memory,
};

/// How much an edge keeps, and where.
#[derive(Clone, Debug)]
pub struct CacheOptions {
    /// The most memory that slices may take, in bytes.
    pub memory: u64,
    /// The folder for slices on disk; without one, none are kept there.
    pub folder: Option<PathBuf>,
    /// The most that slices may take on disk, in bytes.
    pub disk: u64,
    /// The length of a slice, in bytes.
    pub slice: u64,
}

/// Slices that are long enough to cost little each and short enough to be fetched for one range.
pub const DEFAULT_SLICE: u64 = 512 * 1024;

impl Default for CacheOptions {
    fn default() -> Self {
        Self {
            memory: 256 << 20,
            folder: None,
            disk: 10 << 30,
            slice: DEFAULT_SLICE,
        }
    }
}

/// Which slice of which version of which object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SliceKey {
    pub(crate) tag: Tag,
    pub(crate) index: u64,
}

/// A slice that has come.
pub(crate) struct Slice<'a> {
    /// What operators call the object.
    pub(crate) name: &'a Arc<str>,
    pub(crate) bytes: &'a Bytes,
    /// Whether it came from a disk of this machine.
    pub(crate) is_near: bool,
}

/// Where a slice was found.
pub(crate) enum Found {
    /// Here it is.
    Memory(Bytes),
    /// It can be read there.
    Disk(Arc<Slot>),
}

/// Slices in memory and on disk.
pub(crate) struct Cache {
    memory: Memory,
    disk: Option<Disk>,
    slice: u64,
}

impl Cache {
    /// Opens what a process before this one has left on disk. Blocks.
    ///
    /// # Errors
    /// When the folder cannot be used, or another process uses it.
    pub(crate) fn open(options: &CacheOptions) -> Result<Self, DiskError> {
        let slice = options.slice.max(1);
        let disk = options.folder.as_deref();
        let disk = disk.map(|folder| Disk::open(folder, options.disk, slice));
        Ok(Self {
            memory: Memory::new(options.memory, slice),
            disk: disk.transpose()?,
            slice,
        })
    }

    /// The length of a slice.
    pub(crate) fn slice_len(&self) -> u64 {
        self.slice
    }

    /// How much is kept in memory and on disk, in bytes.
    pub(crate) fn fill(&self) -> (u64, u64) {
        let disk = self.disk.as_ref().map_or(0, Disk::bytes);
        (self.memory.bytes(), disk)
    }

    /// Whether so many bytes would fit if nothing else were kept; what `is_near` is kept in memory
    /// alone.
    pub(crate) fn has_room(&self, bytes: u64, is_near: bool) -> bool {
        let disk = self.disk.as_ref().filter(|_| !is_near);
        bytes <= self.memory.capacity() || disk.is_some_and(|disk| bytes <= disk.capacity())
    }

    pub(crate) fn get(&self, key: &SliceKey) -> Option<Found> {
        if let Some(bytes) = self.memory.get(key) {
            return Some(Found::Memory(bytes));
        }
        let slot = self.disk.as_ref()?.get(key)?;
        Some(Found::Disk(slot))
    }

    pub(crate) fn contains(&self, key: &SliceKey) -> bool {
        self.memory.contains(key) || self.disk.as_ref().is_some_and(|disk| disk.contains(key))
    }

    /// Keeps a slice of the object that is called `name`, unless the object was purged while it
    /// was fetched; in memory alone when it came from a disk of this machine. Blocks while it is
    /// written.
    pub(crate) fn keep(&self, key: SliceKey, slice: &Slice<'_>, purged: &Purged) {
        self.memory.insert(key, slice.name, slice.bytes);
        if let Some(disk) = self.disk.as_ref().filter(|_| !slice.is_near) {
            disk.write(key, slice.name, slice.bytes);
        }
        // Asked afterwards: a purge that came in between has not seen what was only now put there.
        if purged.get() {
            self.remove(&key);
        }
    }

    /// Keeps in memory what was read from disk.
    pub(crate) fn promote(&self, key: SliceKey, name: &Arc<str>, bytes: &Bytes) {
        self.memory.insert(key, name, bytes);
        // Likewise.
        if self.disk.as_ref().is_none_or(|disk| !disk.contains(&key)) {
            self.memory.remove(&key);
        }
    }

    /// Forgets a slice.
    pub(crate) fn remove(&self, key: &SliceKey) {
        self.memory.remove(key);
        if let Some(disk) = &self.disk {
            disk.remove(key);
        }
    }

    /// Forgets all slices of the objects whose names are meant; gives how many those were. They
    /// are gone from memory and disk when this returns. Blocks.
    pub(crate) fn purge(&self, is_meant: impl Fn(&str) -> bool) -> u64 {
        let disk = self.disk.as_ref().map(|disk| disk.purge(&is_meant));
        let memory = self.memory.purge(&is_meant);
        disk.unwrap_or_default().max(memory)
    }
}

#[cfg(test)]
mod tests;
