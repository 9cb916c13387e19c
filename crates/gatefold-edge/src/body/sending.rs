//! A part of an object, slice by slice: from memory, from disk, or from the fetch that brings it.
//! A connection that has an outlet is given long runs of a file as such, others read them.

use std::{
    future::poll_fn,
    io,
    sync::{Arc, Weak},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use gatefold_edge_core::ByteRange;
use tokio::task::spawn_blocking;

use super::{Deadline, Piece};
use crate::{
    cache::{Found, SliceKey, disk::Slot, flight::Flight},
    catalogue::Known,
    etag::Tag,
    metrics::Hit,
    origin::{BoxFuture, OriginError},
    outlet::{FilePart, Outlet},
    supply::Supply,
};

/// The most that is read from disk at once, in bytes: what a client that has stopped taking holds of
/// our memory. A larger piece would not be read faster, and would fall out of the processor's cache;
/// where it can be, it is sent as a file.
const PIECE: usize = 64 * 1024;

/// The longest run that is read although it could be sent as a file, in bytes. The call, and the
/// packet that it ends, cost as much as two copies of so much; for 64 KiB it is nearly twice as much.
const LEAST_FILE: usize = 3 * PIECE;

/// What is sent of an object.
pub(crate) struct Sending {
    supply: Arc<Supply>,
    known: Arc<Known>,
    tag: Tag,
    /// The offset of the next byte, and of the first that is not sent.
    next: u64,
    end: u64,
    deadline: Deadline,
    /// Where files go, on a connection that can send them.
    outlet: Option<Outlet>,
    /// A run that was taken before it was asked for.
    ready: Option<Run>,
    /// The fetch that brought the last run.
    flight: Option<Joined>,
    /// Whether there was a fetch that is over, and what it brought was not kept.
    is_lost: bool,
    waiting: Option<BoxFuture<'static, Waited>>,
}

/// Bytes in a row.
enum Run {
    Memory(Bytes),
    File(FilePart),
}

impl Run {
    fn len(&self) -> usize {
        match self {
            Self::Memory(bytes) => bytes.len(),
            Self::File(part) => part.len(),
        }
    }
}

/// A fetch whose bytes are used as they come. Its memory is as large as what it fetches.
enum Joined {
    /// What it brings is kept, so that nobody needs to hold it who has stopped taking.
    Kept(Weak<Flight>),
    /// It is all there is.
    Held(Arc<Flight>),
}

impl Joined {
    fn at_hand(&self, offset: u64) -> Option<Bytes> {
        match self {
            Self::Kept(flight) => flight.upgrade()?.at_hand(offset),
            Self::Held(flight) => flight.at_hand(offset),
        }
    }
}

/// How it goes on.
enum Step {
    Run(Run),
    Wait(BoxFuture<'static, Waited>),
}

/// What has come of waiting.
enum Waited {
    /// Bytes from the next one on.
    Bytes(Result<Bytes, OriginError>),
    /// The disk has lost a slice.
    Lost(SliceKey),
}

impl Sending {
    pub(crate) fn new(
        supply: &Arc<Supply>,
        known: &Arc<Known>,
        tag: Tag,
        range: ByteRange,
        deadline: Deadline,
        outlet: Option<Outlet>,
    ) -> Self {
        Self {
            supply: Arc::clone(supply),
            known: Arc::clone(known),
            tag,
            next: range.first,
            end: range.first.saturating_add(range.len()),
            deadline,
            outlet,
            ready: None,
            flight: None,
            is_lost: false,
            waiting: None,
        }
    }

    /// Waits for the first run, so that what cannot be had is an error and not a broken answer.
    ///
    /// # Errors
    /// When there is no first run.
    pub(crate) async fn prime(&mut self) -> Result<(), OriginError> {
        let first = poll_fn(|context| self.poll_next(context)).await?;
        self.ready = Some(first);
        Ok(())
    }

    /// All of it, when it is in memory already.
    pub(super) fn take_whole(&mut self) -> Option<Bytes> {
        let is_whole = |run: &mut Run| self.next == self.end && matches!(run, Run::Memory(_));
        match self.ready.take_if(is_whole)? {
            Run::Memory(bytes) => Some(bytes),
            // It was asked for a moment ago.
            Run::File(_) => None,
        }
    }

    /// What is still to be sent, in bytes.
    pub(super) fn left(&self) -> u64 {
        let ready = self.ready.as_ref().map_or(0, |run| run.len() as u64);
        self.end.saturating_sub(self.next).saturating_add(ready)
    }

    pub(super) fn poll_piece(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Piece>>> {
        if let Some(run) = self.ready.take() {
            return Poll::Ready(Some(self.give(run)));
        }
        if self.next >= self.end {
            return Poll::Ready(None);
        }
        if self.waiting.is_none()
            && let Err(error) = self.deadline.check()
        {
            self.next = self.end;
            return Poll::Ready(Some(Err(error)));
        }
        let run = ready!(self.poll_next(context)).map_err(io::Error::other);
        let piece = run.and_then(|run| self.give(run));
        if piece.is_err() {
            self.next = self.end;
        }
        Poll::Ready(Some(piece))
    }

    /// Makes a run a piece of the answer. A part of a file has its place in the outlet from here on.
    fn give(&self, run: Run) -> io::Result<Piece> {
        match (run, &self.outlet) {
            (Run::Memory(bytes), _) => Ok(bytes.into()),
            (Run::File(part), Some(outlet)) => Ok(outlet.push(part).into()),
            (Run::File(_), None) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// The next run, and moves on behind it.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Run, OriginError>> {
        loop {
            let Some(waiting) = &mut self.waiting else {
                match self.step() {
                    Step::Run(run) => return Poll::Ready(self.cut(run)),
                    Step::Wait(waiting) => self.waiting = Some(waiting),
                }
                continue;
            };
            let waited = ready!(waiting.as_mut().poll(context));
            self.waiting = None;
            match waited {
                Waited::Bytes(bytes) => {
                    return Poll::Ready(bytes.and_then(|bytes| self.cut(Run::Memory(bytes))));
                }
                Waited::Lost(key) => self.supply.cache.remove(&key),
            }
        }
    }

    /// Takes no more of a run than is to be sent.
    fn cut(&mut self, mut run: Run) -> Result<Run, OriginError> {
        if let Run::Memory(bytes) = &mut run {
            let left = self.end.saturating_sub(self.next);
            bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        }
        if run.len() == 0 {
            // It would be asked for again and again.
            return Err(OriginError::Failed);
        }
        self.next = self.next.saturating_add(run.len() as u64);
        Ok(run)
    }

    /// A run from the next byte on, or what to wait for.
    fn step(&mut self) -> Step {
        // Everything of a fetch that was joined is used for as long as it is there.
        let at_hand = |flight: &Joined| flight.at_hand(self.next);
        if let Some(bytes) = self.flight.as_ref().and_then(at_hand) {
            return Step::Run(Run::Memory(bytes));
        }
        let flight = self.flight.take();
        let key = self.supply.slice_of(self.tag, self.next);
        let skip = self.next.saturating_sub(self.supply.start_of(key));
        let metrics = &self.supply.around.metrics;
        match self.supply.cache.get(&key) {
            Some(Found::Memory(slice)) => {
                metrics.slice(Hit::Memory);
                let skip = usize::try_from(skip).unwrap_or(usize::MAX);
                Step::Run(Run::Memory(slice.slice(skip.min(slice.len())..)))
            }
            Some(Found::Disk(slot)) => {
                metrics.slice(Hit::Disk);
                let len = self.run_len(skip);
                if self.outlet.is_some()
                    && len > LEAST_FILE
                    && let Some(part) = slot.part_at_hand(skip, len)
                {
                    return Step::Run(Run::File(part));
                }
                let len = len.min(PIECE);
                match slot.read_at_hand(skip, len) {
                    Some(bytes) => Step::Run(Run::Memory(bytes)),
                    None => Step::Wait(self.read(slot, key, skip, len)),
                }
            }
            None => {
                metrics.slice(Hit::Miss);
                self.is_lost |=
                    matches!(&flight, Some(Joined::Kept(flight)) if flight.strong_count() == 0);
                Step::Wait(self.fetch(key))
            }
        }
    }

    /// How much is wanted of a slice of which `skip` bytes are not.
    fn run_len(&self, skip: u64) -> usize {
        let of_slice = self.supply.cache.slice_len().saturating_sub(skip);
        let wanted = self.end.saturating_sub(self.next);
        usize::try_from(of_slice.min(wanted)).unwrap_or(usize::MAX)
    }

    fn read(
        &self,
        slot: Arc<Slot>,
        key: SliceKey,
        skip: u64,
        len: usize,
    ) -> BoxFuture<'static, Waited> {
        let (cache, label) = (
            Arc::clone(&self.supply.cache),
            Arc::clone(&self.known.label),
        );
        let reading = spawn_blocking(move || {
            if slot.is_checked() {
                return slot.read(skip, len);
            }
            let slice = slot.check(key)?;
            cache.promote(key, &label, &slice);
            let skip = usize::try_from(skip).map_err(io::Error::other)?;
            if skip >= slice.len() {
                return Err(io::ErrorKind::InvalidData.into());
            }
            Ok(slice.slice(skip..))
        });
        Box::pin(async move {
            match reading.await {
                Ok(Ok(bytes)) => Waited::Bytes(Ok(bytes)),
                Ok(Err(error)) => {
                    tracing::warn!(kind = %error.kind(), "a slice on disk is damaged: it is fetched anew");
                    Waited::Lost(key)
                }
                Err(_) => Waited::Bytes(Err(OriginError::Failed)),
            }
        })
    }

    /// Waits for a fetch; where slices are kept, the one after it is begun as well, so that a long
    /// answer does not wait at every slice's end.
    fn fetch(&mut self, key: SliceKey) -> BoxFuture<'static, Waited> {
        let flight = self.supply.fetch(&self.known, key);
        let ahead = SliceKey {
            index: key.index.saturating_add(1),
            ..key
        };
        let keeps = self.supply.keeps(&self.known);
        if keeps && self.supply.start_of(ahead) < self.end {
            self.supply.fetch_ahead(&self.known, ahead);
        }
        // Once lost, it is held: an object must not be fetched anew for every run of it.
        self.flight = Some(if keeps && !self.is_lost {
            Joined::Kept(Arc::downgrade(&flight))
        } else {
            Joined::Held(Arc::clone(&flight))
        });
        let next = self.next;
        Box::pin(async move { Waited::Bytes(flight.bytes_at(next).await) })
    }
}
