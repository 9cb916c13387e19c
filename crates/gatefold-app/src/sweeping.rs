//! Sweeping: removes what was left behind by whoever died in the middle, and what is over.

use std::{sync::Arc, time::Duration};

use gatefold_domain::{Clock, Timestamp};
use gatefold_media::bucket::{Bucket, BucketError, Buckets, Within};
use gatefold_store::{Store, StoreError};

/// The name of the lease: one process sweeps.
const LEASE: &str = "sweep media";
/// How long after an upload has ended it is still told of.
const TOLD: Duration = Duration::from_hours(24);
/// How long somebody who was counted is remembered.
const COUNTED: Duration = Duration::from_hours(1);
/// How much is looked at together.
const BATCH: u32 = 500;

/// Sweeps.
pub struct Sweeping {
    store: Store,
    buckets: Buckets,
    clock: Arc<dyn Clock>,
    holder: u128,
    lease: Duration,
    after: Duration,
}

/// What was swept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads that broke off, or have ended long ago.
    pub uploads: u64,
    /// Objects that were expected, and did not come.
    pub given_up: u64,
    /// Objects that nothing refers to.
    pub orphans: u64,
}

/// Why not everything was swept.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The database cannot be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bucket cannot be asked.
    #[error(transparent)]
    Bucket(#[from] BucketError),
}

impl Sweeping {
    /// Sweeps these. What is younger than `after` is left alone: somebody may be at it. One process does,
    /// until nothing was heard of it for as long as its `lease`.
    #[must_use]
    pub fn new(
        store: Store,
        buckets: Buckets,
        clock: Arc<dyn Clock>,
        holder: u128,
        (lease, after): (Duration, Duration),
    ) -> Self {
        Self {
            store,
            buckets,
            clock,
            holder,
            lease,
            after,
        }
    }

    /// Sweeps again and again, until it is dropped.
    pub async fn work(&self) {
        let every = self
            .after
            .clamp(Duration::from_secs(1), Duration::from_mins(10));
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match self.sweep().await {
                Ok(Some(swept)) if swept != Swept::default() => {
                    let Swept {
                        uploads,
                        given_up,
                        orphans,
                    } = swept;
                    tracing::info!(uploads, given_up, orphans, "swept");
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "not everything could be swept"),
            }
        }
    }

    /// Sweeps once, unless another process does: what that was.
    ///
    /// # Errors
    /// When something cannot be asked. What was swept until then is.
    pub async fn sweep(&self) -> Result<Option<Swept>, SweepError> {
        let now = self.now();
        let leases = self.store.leases();
        let taken = leases
            .take(LEASE, self.holder, now, now.after(self.lease))
            .await?;
        let Some(fence) = taken else {
            return Ok(None);
        };
        let swept = self.sweep_all(fence, now).await;
        leases.release(LEASE, fence).await?;
        swept.map(Some)
    }

    async fn sweep_all(&self, fence: u64, now: Timestamp) -> Result<Swept, SweepError> {
        let before = now.before(self.after);
        let uploads = self.store.uploads();
        let uploads = uploads.sweep(before, now.before(TOLD), BATCH, now).await?;
        let given_up = self
            .store
            .objects()
            .give_up_stale(before, BATCH, now)
            .await?;
        self.store.plays().sweep(now.before(COUNTED), BATCH).await?;
        let mut orphans = 0u64;
        for bucket in [&self.buckets.private, &self.buckets.public] {
            bucket.clean(before).await?;
            let removed = self.remove_orphans(bucket, fence, before).await?;
            orphans = orphans.saturating_add(removed);
        }
        Ok(Swept {
            uploads,
            given_up,
            orphans,
        })
    }

    /// Removes the objects of a bucket that are known to nobody and old enough.
    async fn remove_orphans(
        &self,
        bucket: &Bucket,
        fence: u64,
        before: Timestamp,
    ) -> Result<u64, SweepError> {
        let batch = usize::try_from(BATCH).unwrap_or(usize::MAX);
        let (mut last, mut removed) = (None, 0u64);
        loop {
            let until = self.now().after(self.lease);
            if !self.store.leases().renew(LEASE, fence, until).await? {
                // Somebody else goes on. Two at once would do no harm either.
                return Ok(removed);
            }
            let listed = bucket
                .list(Within::Everything, last.as_ref(), batch)
                .await?;
            let keys: Vec<_> = listed.iter().map(|object| object.key.clone()).collect();
            let known = self.store.objects().known(&keys).await?;
            for object in &listed {
                let is_old = object
                    .facts
                    .modified
                    .is_some_and(|modified| modified < before);
                if is_old && !known.contains(&object.key) {
                    bucket.delete(&object.key).await?;
                    removed = removed.saturating_add(1);
                }
            }
            if listed.len() < batch {
                return Ok(removed);
            }
            last = keys.into_iter().next_back();
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }
}
