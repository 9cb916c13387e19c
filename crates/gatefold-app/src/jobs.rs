//! Jobs: what follows a change, done by whoever takes it first, in whatever process.
//!
//! A job is taken under a lease, which is renewed while its work goes on; when it cannot be, the work is
//! dropped where it is. Everything a job does can therefore be dropped anywhere, be begun again from its
//! beginning, and be under way a second time in a process that was thought dead: what such a process
//! writes is refused ([`StoreError::LeasePassed`]).

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use gatefold_domain::{Clock, Timestamp};
use gatefold_media::bucket::BucketError;
use gatefold_store::{Job, JobKind, Store, StoreError};
use tokio::sync::Notify;

/// How long a worker has a job before somebody else may take it, unless it says that it goes on: usually.
pub const LEASE: Duration = Duration::from_secs(15);
/// How often it says so in that time.
const RENEWALS: u32 = 3;
/// How often a worker looks for jobs that others have demanded, or that are due again.
const LOOK: Duration = Duration::from_millis(500);
/// How long a job waits after it could not be done for the first time; twice as long after each time more.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest that it waits.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// What came of the work on a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was finished, together with the last of what it changed.
    Finished,
    /// There is something to wait for, which is nobody's fault.
    Later(Duration),
}

/// Why a job could not be done now.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The database cannot be asked, or this job is somebody else's by now.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bucket cannot be asked.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// Something else stands in the way.
    #[error("{0}")]
    Other(String),
}

/// The work on a job.
pub type Doing<'a> = Pin<Box<dyn Future<Output = Result<Outcome, JobError>> + Send + 'a>>;

/// Does the jobs of one kind.
pub trait Does: Send + Sync {
    /// Which.
    fn kind(&self) -> JobKind;

    /// Does one, from its beginning.
    fn work<'a>(&'a self, job: &'a Job) -> Doing<'a>;
}

/// Takes jobs and has them done. Share it in an [`Arc`]; several may run at once.
pub struct Worker {
    store: Store,
    clock: Arc<dyn Clock>,
    holder: u128,
    lease: Duration,
    does: Vec<Arc<dyn Does>>,
    kinds: Vec<JobKind>,
    woken: Notify,
}

impl Worker {
    /// A worker that is told from others by `holder`, which is random.
    #[must_use]
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        holder: u128,
        does: Vec<Arc<dyn Does>>,
    ) -> Self {
        Self {
            store,
            clock,
            holder,
            lease: LEASE,
            kinds: does.iter().map(|does| does.kind()).collect(),
            does,
            woken: Notify::new(),
        }
    }

    /// The same with leases of another length.
    #[must_use]
    pub fn with_leases_of(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Says that there may be something to do at once.
    pub fn wake(&self) {
        self.woken.notify_one();
    }

    /// Does jobs as they become due, until it is dropped.
    pub async fn work(&self) {
        loop {
            if let Err(error) = self.do_all_due().await {
                tracing::warn!(%error, "jobs cannot be taken");
            }
            // Whether it was woken or has slept, it looks.
            let _ = tokio::time::timeout(LOOK, self.woken.notified()).await;
        }
    }

    /// Does the jobs that are due, one after the other, until there is none. How many there were.
    ///
    /// # Errors
    /// When none can be taken.
    pub async fn do_all_due(&self) -> Result<u64, StoreError> {
        let mut done = 0u64;
        while self.do_one().await? {
            done = done.saturating_add(1);
        }
        Ok(done)
    }

    /// Does the job that has been due for longest; `false` when there is none.
    ///
    /// # Errors
    /// When none can be taken.
    pub async fn do_one(&self) -> Result<bool, StoreError> {
        let now = self.now();
        let jobs = self.store.jobs();
        let until = now.after(self.lease);
        let Some(job) = jobs.take(&self.kinds, self.holder, now, until).await? else {
            return Ok(false);
        };
        let Some(does) = self.does.iter().find(|does| does.kind() == job.kind) else {
            return Ok(false);
        };
        let outcome = tokio::select! {
            outcome = does.work(&job) => outcome,
            () = self.lose(&job) => Err(StoreError::LeasePassed.into()),
        };
        self.settle(&job, outcome).await;
        Ok(true)
    }

    /// Holds a job. Ends when it is somebody else's.
    async fn lose(&self, job: &Job) {
        let every = self.lease.checked_div(RENEWALS).unwrap_or(self.lease);
        loop {
            tokio::time::sleep(every).await;
            let until = self.now().after(self.lease);
            match self.store.jobs().renew(job, until).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(%error, "a job cannot be held"),
            }
        }
    }

    async fn settle(&self, job: &Job, outcome: Result<Outcome, JobError>) {
        let kind = job.kind.as_str();
        let (after, problem) = match outcome {
            Ok(Outcome::Finished) | Err(JobError::Store(StoreError::LeasePassed)) => return,
            Ok(Outcome::Later(after)) => (after, None),
            Err(error) => {
                let attempts = job.attempts;
                tracing::warn!(%error, kind, attempts, "a job is put off");
                (wait(job.attempts), Some(error.to_string()))
            }
        };
        let due = self.now().after(after);
        let jobs = self.store.jobs();
        if let Err(error) = jobs.put_off(job, due, problem.as_deref()).await {
            // It is due again when its lease has passed.
            tracing::warn!(%error, kind, "a job cannot be put off");
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }
}

/// How long a job waits that was begun so often.
fn wait(attempts: u64) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    let factor = 2u32.checked_pow(doublings).unwrap_or(u32::MAX);
    FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fails_waits_twice_as_long_up_to_a_bound() {
        let waits = [1, 2, 3, 9, 10, 64, u64::MAX].map(wait);
        let seconds = waits.map(|wait| wait.as_secs());
        assert_eq!(seconds, [1, 2, 4, 256, 300, 300, 300]);
    }
}
