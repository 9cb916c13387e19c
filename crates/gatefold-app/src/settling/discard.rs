//! Removes objects that nothing leads to any more.
//!
//! What was public is gone when nobody gets it from anywhere: it is deleted, then purged wherever it may be
//! remembered, and then asked for at its old address. As long as anybody answers there, it is purged again.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use gatefold_domain::{Clock, ObjectKey, Timestamp};
use gatefold_media::bucket::Buckets;
use gatefold_store::{BucketName, Change, Job, JobKind, Store};

use crate::jobs::{Does, Doing, JobError, Outcome};

/// How long after a purge an address is asked: other processes of the site hear of it within a second.
const HEARD: Duration = Duration::from_millis(1500);

/// What came of purging.
pub type Purging<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// Somewhere that remembers public objects.
pub trait Purge: Send + Sync {
    /// Makes it forget one.
    fn purge<'a>(&'a self, key: &'a ObjectKey) -> Purging<'a>;

    /// Whether nobody gets an object any more at the address where it was.
    fn is_gone<'a>(&'a self, key: &'a ObjectKey) -> Purging<'a>;
}

/// Removes objects.
pub struct Discard {
    store: Store,
    buckets: Buckets,
    clock: Arc<dyn Clock>,
    purge: Vec<Arc<dyn Purge>>,
}

impl Discard {
    /// Removes objects from these buckets.
    #[must_use]
    pub fn new(store: Store, buckets: Buckets, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            buckets,
            clock,
            purge: Vec::new(),
        }
    }

    /// Purges what was public there, too.
    #[must_use]
    pub fn purging(self, purge: Vec<Arc<dyn Purge>>) -> Self {
        Self { purge, ..self }
    }

    async fn discard(&self, job: &Job) -> Result<Outcome, JobError> {
        let key = job.subject.parse::<ObjectKey>();
        let key = key.map_err(|_| JobError::Other("no object has such a key".to_owned()))?;
        let now: Timestamp = self.clock.now().into();
        match self.store.objects().get(&key).await? {
            Some(object) if object.bucket == BucketName::Private => {
                self.buckets.private.delete(&key).await?;
            }
            Some(object) => {
                self.buckets.public.delete(&key).await?;
                if object.purged.is_none() && !self.purge.is_empty() {
                    self.purge(job, &key, now).await?;
                    return Ok(Outcome::Later(HEARD));
                }
                self.see_that_it_is_gone(job, &key, now).await?;
            }
            None => {}
        }
        self.store.objects().gone(job, &key, now).await?;
        Ok(Outcome::Finished)
    }

    /// Tells everybody to forget it, and notes that: whoever goes on after a process that died knows where
    /// it was.
    async fn purge(&self, job: &Job, key: &ObjectKey, now: Timestamp) -> Result<(), JobError> {
        let change = Change::Withdrawn(key.clone());
        self.store.changes().tell(&change, now).await?;
        for place in &self.purge {
            place.purge(key).await.map_err(JobError::Other)?;
        }
        Ok(self.store.objects().purged(job, key, now).await?)
    }

    async fn see_that_it_is_gone(
        &self,
        job: &Job,
        key: &ObjectKey,
        now: Timestamp,
    ) -> Result<(), JobError> {
        for place in &self.purge {
            if let Err(there) = place.is_gone(key).await {
                self.purge(job, key, now).await?;
                return Err(JobError::Other(there));
            }
        }
        Ok(())
    }
}

impl Does for Discard {
    fn kind(&self) -> JobKind {
        JobKind::Discard
    }

    fn work<'a>(&'a self, job: &'a Job) -> Doing<'a> {
        Box::pin(self.discard(job))
    }
}
