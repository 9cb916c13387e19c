//! One fetch: a slice, or a whole object whose origin gives no parts.

use std::{future::poll_fn, sync::Arc};

use bytes::{Bytes, BytesMut};
use tokio::task::spawn_blocking;

use super::Supply;
use crate::{
    cache::{
        Slice, SliceKey,
        flight::{Pilot, Purged},
    },
    catalogue::Known,
    origin::OriginError,
};

/// What is fetched.
pub(super) struct Fetch {
    pub(super) supply: Arc<Supply>,
    pub(super) known: Arc<Known>,
    /// The key that others join it by.
    pub(super) run: SliceKey,
    /// Where it begins.
    pub(super) first: u64,
    pub(super) is_whole: bool,
}

impl Fetch {
    /// Fetches, keeps, and tells those who wait.
    pub(super) async fn run(self, pilot: Pilot) {
        let landing = Landing(&self, pilot.purged());
        let outcome = self.fetch(&pilot).await;
        // Nobody is told any more that it is as it was, and be it by a `HEAD`.
        if let Err(OriginError::Changed | OriginError::NotFound) = outcome {
            self.supply.catalogue.forget(&self.known.place);
        }
        drop(landing);
        pilot.end(outcome);
    }

    async fn fetch(&self, pilot: &Pilot) -> Result<(), OriginError> {
        let supply = &self.supply;
        let slice = supply.cache.slice_len();
        let len = self.known.facts.len.unwrap_or_default();
        let end = if self.is_whole {
            len
        } else {
            self.first.saturating_add(slice).min(len)
        };
        let last = end.checked_sub(1).ok_or(OriginError::Failed)?;
        let _room = supply.room(end.saturating_sub(self.first)).await;
        let mut chunks = supply.through(&self.known, self.first, Some(last)).await?;
        let mut at = self.first;
        let mut slices = Slices {
            fetch: self,
            purged: pilot.purged(),
            filling: BytesMut::new(),
            next: self.first,
            end,
        };
        while at < end {
            let chunk = poll_fn(|context| chunks.as_mut().poll_next(context)).await;
            let mut chunk = chunk.ok_or(OriginError::Failed)??;
            let left = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX);
            chunk.truncate(left);
            at = at.saturating_add(chunk.len() as u64);
            if !chunk.is_empty() {
                pilot.push(chunk.clone());
            }
            slices.add(chunk).await;
        }
        Ok(())
    }
}

/// Cuts what comes into slices, and keeps each that is whole.
struct Slices<'a> {
    fetch: &'a Fetch,
    purged: &'a Purged,
    filling: BytesMut,
    /// Where the slice begins that is being filled.
    next: u64,
    /// Where the last one ends.
    end: u64,
}

impl Slices<'_> {
    async fn add(&mut self, mut rest: Bytes) {
        while !rest.is_empty() {
            let slice = self.fetch.supply.cache.slice_len();
            let whole = self.end.saturating_sub(self.next).min(slice);
            let whole = usize::try_from(whole).unwrap_or(usize::MAX);
            if self.filling.is_empty() {
                self.filling.reserve(whole);
            }
            let missing = whole.saturating_sub(self.filling.len()).max(1);
            let part = rest.split_to(missing.min(rest.len()));
            self.filling.extend_from_slice(&part);
            if self.filling.len() >= whole {
                self.keep().await;
            }
        }
    }

    async fn keep(&mut self) {
        let fetch = self.fetch;
        let bytes = self.filling.split().freeze();
        let key = fetch.supply.slice_of(fetch.run.tag, self.next);
        self.next = self.next.saturating_add(bytes.len() as u64);
        let (cache, label) = (
            Arc::clone(&fetch.supply.cache),
            Arc::clone(&fetch.known.label),
        );
        let purged = self.purged.clone();
        let is_near = fetch.supply.is_near(&fetch.known);
        let kept = spawn_blocking(move || {
            let slice = Slice {
                name: &label,
                bytes: &bytes,
                is_near,
            };
            cache.keep(key, &slice, &purged);
        });
        if kept.await.is_err() {
            tracing::error!("a slice was lost while it was kept");
        }
    }
}

/// Takes a fetch off the list of those under way, however it ends.
struct Landing<'a>(&'a Fetch, &'a Purged);

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.0.supply.flights.land(&self.0.run, self.1);
    }
}
