//! What goes on beside requests: sweeping, keeping grants alive; and forgetting what others changed.

use std::time::Duration;

use gatefold_domain::Timestamp;
use gatefold_oauth::{GrantId, KeptAlive, PersonError};
use gatefold_store::{Change, GrantRow, StoreError};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use super::Accounts;
use crate::news::Listens;

/// How often what is over is removed.
const SWEEP_EVERY: Duration = Duration::from_mins(5);
/// Rows of each table that one statement removes.
const SWEEP_BATCH: u32 = 500;
/// How often grants are looked at that lie idle.
const KEEP_ALIVE_EVERY: Duration = Duration::from_hours(6);
/// A grant that was not refreshed for so long is looked at.
const IDLE: Duration = Duration::from_hours(24);
/// Grants that are looked at between two looks at the lease.
const KEEP_ALIVE_BATCH: u32 = 64;
/// Of these, how many at one time: servers that do not answer must not take the time of the others.
const AT_ONCE: usize = 32;
/// How long one process does what one process is to do, before others may.
const LEASE: Duration = Duration::from_mins(10);

impl Accounts {
    /// Does, until it is dropped, what has to be done beside requests. Every process of an
    /// installation runs it; what one of them is to do is decided by leases in the database.
    pub async fn work(&self) {
        tokio::join!(self.sweep(), self.keep_alive());
    }

    /// Removes what is over, and gives grants back that nobody uses any more.
    async fn sweep(&self) {
        let mut ticks = ticks(SWEEP_EVERY);
        loop {
            ticks.tick().await;
            if let Err(error) = self.alone("sweep", async |_| self.sweep_once().await).await {
                tracing::warn!(%error, "what is over could not be removed");
            }
        }
    }

    async fn sweep_once(&self) -> Result<(), StoreError> {
        loop {
            let swept = self.store.sweep(self.now(), SWEEP_BATCH).await?;
            for orphan in &swept.orphans {
                self.revoke(orphan).await;
            }
            if !swept.is_more {
                return Ok(());
            }
        }
    }

    /// Refreshes grants of sessions that nobody uses, before their servers take them for dead.
    async fn keep_alive(&self) {
        let mut ticks = ticks(KEEP_ALIVE_EVERY);
        loop {
            ticks.tick().await;
            let kept = self.alone("keep-alive", async |fence| {
                self.keep_alive_once(fence).await
            });
            if let Err(error) = kept.await {
                tracing::warn!(%error, "idle grants could not be looked at");
            }
        }
    }

    async fn keep_alive_once(&self, fence: u64) -> Result<(), StoreError> {
        let before = self.now().before(IDLE);
        let mut last: Option<GrantRow> = None;
        loop {
            let now = self.now();
            let grants = self.store.grants();
            let stale = grants
                .stale(before, last.as_ref(), KEEP_ALIVE_BATCH, now)
                .await?;
            if stale.is_empty() {
                return Ok(());
            }
            for rows in stale.chunks(AT_ONCE) {
                self.keep_some_alive(rows).await;
            }
            last = stale.into_iter().last();
            let leases = self.store.leases();
            let until = self.now().after(LEASE);
            if !leases.renew("keep-alive", fence, until).await? {
                return Ok(());
            }
        }
    }

    async fn keep_some_alive(&self, rows: &[GrantRow]) {
        let mut asking = JoinSet::new();
        for row in rows.iter().cloned() {
            let oauth = self.oauth.clone();
            asking.spawn(async move { oauth.keep_alive(GrantId::from_bytes(row.key)).await });
        }
        // One that panicked is told of by the panic, and looked at again the next time.
        while let Some(asked) = asking.join_next().await {
            match asked {
                // What has ended is gone, with the sessions that lived by it.
                Ok(
                    Ok(KeptAlive::NotYet | KeptAlive::Refreshed) | Err(PersonError::SessionEnded),
                )
                | Err(_) => {}
                Ok(Err(error)) => tracing::info!(%error, "a grant could not be kept alive yet"),
            }
        }
    }

    /// Does something unless another process does it already.
    async fn alone(
        &self,
        name: &str,
        work: impl AsyncFnOnce(u64) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let holder = u128::from_be_bytes(*self.new_id().as_bytes());
        let now = self.now();
        let leases = self.store.leases();
        let Some(fence) = leases.take(name, holder, now, now.after(LEASE)).await? else {
            return Ok(());
        };
        let worked = work(fence).await;
        leases.release(name, fence).await?;
        worked
    }
}

impl Listens for Accounts {
    fn heard(&self, asked: Timestamp) {
        self.memory.heard(asked);
    }

    fn forget(&self, change: &Change) {
        self.memory.forget(change);
    }

    fn forget_all(&self) {
        self.memory.forget_all();
    }
}

fn ticks(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period);
    // After a long pause nothing is caught up with.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
