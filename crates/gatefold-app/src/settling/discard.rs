//! Removes objects that nothing leads to any more.

use std::sync::Arc;

use gatefold_domain::{Clock, ObjectKey, Timestamp};
use gatefold_media::bucket::Buckets;
use gatefold_store::{BucketName, Job, JobKind, Store};

use crate::jobs::{Does, Doing, JobError, Outcome};

/// Removes objects.
pub struct Discard {
    store: Store,
    buckets: Buckets,
    clock: Arc<dyn Clock>,
}

impl Discard {
    /// Removes objects from these buckets.
    #[must_use]
    pub fn new(store: Store, buckets: Buckets, clock: Arc<dyn Clock>) -> Self {
        Self {
            store,
            buckets,
            clock,
        }
    }

    async fn discard(&self, job: &Job) -> Result<Outcome, JobError> {
        let key = job.subject.parse::<ObjectKey>();
        let key = key.map_err(|_| JobError::Other("no object has such a key".to_owned()))?;
        if let Some(object) = self.store.objects().get(&key).await? {
            let bucket = match object.bucket {
                BucketName::Private => &self.buckets.private,
                BucketName::Public => &self.buckets.public,
            };
            bucket.delete(&key).await?;
        }
        let now: Timestamp = self.clock.now().into();
        self.store.objects().gone(job, &key, now).await?;
        Ok(Outcome::Finished)
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
