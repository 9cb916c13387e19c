//! Settling: brings what is elsewhere to where a track is. Whatever was interrupted, it begins with how
//! things are now.

mod cdn;
mod copies;
mod discard;
mod likes;
mod record;

use std::{sync::Arc, time::Duration};

use gatefold_domain::{Clock, Timestamp, TrackId};
use gatefold_media::bucket::Buckets;
use gatefold_store::{Job, JobKind, Store};

use crate::{
    ids::Ids,
    jobs::{Does, Doing, JobError, Outcome},
};

pub use cdn::{Cdn, Cloudflare, Webhook};
pub use discard::{Discard, Purge, Purging};
pub use likes::LikeRecords;
pub use record::Records;

/// When to look again whether copies that are on their way out are gone, where nobody says so.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Settles tracks.
pub struct Settling {
    store: Store,
    buckets: Buckets,
    clock: Arc<dyn Clock>,
    ids: Ids,
    records: Option<Records>,
}

impl Settling {
    /// Settles tracks of a database with these buckets.
    #[must_use]
    pub fn new(store: Store, buckets: Buckets, clock: Arc<dyn Clock>, ids: Ids) -> Self {
        Self {
            store,
            buckets,
            clock,
            ids,
            records: None,
        }
    }

    /// Writes records besides: without this, tracks have none.
    #[must_use]
    pub fn with_records(self, records: Records) -> Self {
        Self {
            records: Some(records),
            ..self
        }
    }

    async fn settle(&self, job: &Job) -> Result<Outcome, JobError> {
        let id = job.subject.parse::<TrackId>();
        let id = id.map_err(|_| JobError::Other("no track has such a number".to_owned()))?;
        let tracks = self.store.tracks();
        let Some(track) = tracks.settling(id).await? else {
            self.store.jobs().finish(job, self.now()).await?;
            return Ok(Outcome::Finished);
        };
        if self.publish(job, &track).await? {
            // Its copies are others by now: what follows begins with them.
            return Ok(Outcome::Later(Duration::ZERO));
        }
        if let Some(records) = &self.records {
            records.follow(job, &track, self.now()).await?;
        }
        if track.leaving > 0 {
            return Ok(Outcome::Later(LOOK_AGAIN));
        }
        tracks.settled(job, &track, self.now()).await?;
        Ok(Outcome::Finished)
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }
}

impl Does for Settling {
    fn kind(&self) -> JobKind {
        JobKind::Settle
    }

    fn work<'a>(&'a self, job: &'a Job) -> Doing<'a> {
        Box::pin(self.settle(job))
    }
}
