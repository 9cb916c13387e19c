//! Files on their way to a client without passing through our memory (`sendfile(2)`).
//!
//! hyper takes a body as slices of memory and hands these, in order, to the connection's socket. A
//! part of a file has no bytes in memory. So the body queues it at the connection's *outlet* and
//! gives hyper a *stand-in*: as many bytes of a memory that nobody reads. The socket knows a
//! stand-in by its address and sends the part.
//!
//! ```text
//! body -- part ------------------------ outlet ------- part -- sendfile -> client
//!      \- stand-in -- hyper: head, order, framing -- stand-in
//! ```
//!
//! The bytes of a stand-in are never sent, and no part is sent for another, because
//!
//! - a stand-in lies at the very end of its memory, so that its address says how long it is. The
//!   socket sends the first part of the queue for it when exactly as much is left of both;
//! - a stand-in may move on over what was sent for it, and over nothing else. When it does (somebody
//!   copied it), or goes away before its end (somebody forgot it), it *breaks* the outlet;
//! - nothing at all is sent through a broken outlet: the connection ends.

mod socket;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    fs::File,
    io,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use bytes::Buf;

pub(crate) use self::socket::FileSocket;

/// The most that one part has, in bytes: long enough that its system calls cost little.
pub(crate) const MOST: usize = 1024 * 1024;

/// What stand-ins point at. Nobody reads it, so the system never gives it any memory.
static NOTHING: LazyLock<Box<[u8]>> = LazyLock::new(|| vec![0; MOST].into_boxed_slice());

/// How much is left of a stand-in that begins here; `None` when this is other memory.
fn left_of_stand_in(slice: &[u8]) -> Option<usize> {
    let before = slice.as_ptr().addr().checked_sub(NOTHING.as_ptr().addr())?;
    MOST.checked_sub(before).filter(|left| *left > 0)
}

/// A part of a file that nobody changes.
#[derive(Clone)]
pub(crate) struct FilePart {
    file: Arc<File>,
    next: u64,
    left: usize,
}

impl FilePart {
    /// The `len` bytes from `first` on, or the first [`MOST`] of them.
    pub(crate) fn new(file: Arc<File>, first: u64, len: usize) -> Self {
        Self {
            file,
            next: first,
            left: len.min(MOST),
        }
    }

    /// Its length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.left
    }
}

/// A connection's way out for files: parts that its bodies have queued for its socket.
#[derive(Clone, Default)]
pub(crate) struct Outlet(Arc<Mutex<Queue>>);

#[derive(Default)]
struct Queue {
    parts: VecDeque<FilePart>,
    /// What was sent and the stand-in has not moved over yet.
    sent: usize,
    is_broken: bool,
}

impl Outlet {
    /// Queues a part, and gives what stands for it.
    pub(crate) fn push(&self, part: FilePart) -> StandIn {
        let left = part.left;
        self.lock().parts.push_back(part);
        StandIn {
            outlet: self.clone(),
            left,
        }
    }

    /// The part to send for a stand-in; without one, whether other memory may be sent.
    ///
    /// # Errors
    /// When neither may.
    fn next(&self, stand_in: Option<&[u8]>) -> io::Result<Option<FilePart>> {
        let queue = self.lock();
        if queue.is_broken || queue.sent > 0 {
            return Err(io::Error::other("a file and its answer are out of step"));
        }
        let Some(slice) = stand_in else {
            return Ok(None);
        };
        let part = queue.parts.front();
        let part = part
            .filter(|part| left_of_stand_in(slice) == Some(part.left) && slice.len() == part.left);
        part.cloned()
            .map(Some)
            .ok_or_else(|| io::Error::other("an answer stands for no file"))
    }

    /// So much of the first part was sent.
    fn sent(&self, bytes: usize) {
        let mut queue = self.lock();
        queue.sent = bytes;
        let left = queue.parts.front_mut().map(|part| {
            part.next = part.next.saturating_add(bytes as u64);
            part.left = part.left.saturating_sub(bytes);
            part.left
        });
        if left == Some(0) {
            queue.parts.pop_front();
        }
    }

    /// A stand-in moves on.
    fn moved(&self, bytes: usize) {
        let mut queue = self.lock();
        match queue.sent.checked_sub(bytes) {
            Some(sent) => queue.sent = sent,
            None => queue.is_broken = true,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What hyper holds in the place of a part of a file.
pub(crate) struct StandIn {
    outlet: Outlet,
    left: usize,
}

impl Buf for StandIn {
    fn remaining(&self) -> usize {
        self.left
    }

    fn chunk(&self) -> &[u8] {
        let before = MOST.saturating_sub(self.left);
        NOTHING.get(before..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        self.outlet.moved(bytes);
        self.left = self.left.saturating_sub(bytes);
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        if self.left > 0 {
            self.outlet.lock().is_broken = true;
        }
    }
}
