//! Hearing of what other processes changed, for everything here that remembers.

use std::{sync::Arc, time::Duration};

use gatefold_domain::{Clock, Timestamp};
use gatefold_store::{Change, ChangeCursor, Store, StoreError};
use tokio::time::{MissedTickBehavior, interval};

/// How often changes of other processes are read.
const LISTEN_EVERY: Duration = Duration::from_millis(400);

/// Something that remembers what others may change.
pub trait Listens: Send + Sync {
    /// Everything that changed until this moment has been told.
    fn heard(&self, asked: Timestamp);
    /// Forgets what is no longer so.
    fn forget(&self, change: &Change);
    /// Forgets everything: what changed cannot be told.
    fn forget_all(&self);
}

/// Reads what changes, and tells it. One for each process and database.
pub struct News {
    store: Store,
    clock: Arc<dyn Clock>,
    listeners: Vec<Arc<dyn Listens>>,
}

impl News {
    /// News for these.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, listeners: Vec<Arc<dyn Listens>>) -> Self {
        Self {
            store,
            clock,
            listeners,
        }
    }

    /// Tells of changes until it is dropped. What is remembered is believed only while this goes well.
    pub async fn work(&self) {
        let mut cursor = None;
        let mut ticks = interval(LISTEN_EVERY);
        // After a long pause nothing is caught up with.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match self.tell(cursor).await {
                Ok(told) => cursor = Some(told),
                Err(error) => tracing::warn!(%error, "changes of others cannot be read"),
            }
        }
    }

    /// Tells of what changed since then; where nothing was told yet, of everything. Up to where this
    /// went, for the next time.
    ///
    /// # Errors
    /// When the database cannot be asked: then nothing was told.
    pub async fn tell(&self, since: Option<ChangeCursor>) -> Result<ChangeCursor, StoreError> {
        let asked = self.clock.now().into();
        let told = self.hear(since).await?;
        for listener in &self.listeners {
            listener.heard(asked);
        }
        Ok(told)
    }

    async fn hear(&self, cursor: Option<ChangeCursor>) -> Result<ChangeCursor, StoreError> {
        let Some(cursor) = cursor else {
            let cursor = self.store.changes().cursor().await?;
            self.forget_all();
            return Ok(cursor);
        };
        let news = self.store.changes().since(cursor).await?;
        if !news.is_complete {
            self.forget_all();
        }
        for change in &news.changes {
            for listener in &self.listeners {
                listener.forget(change);
            }
        }
        Ok(news.cursor)
    }

    fn forget_all(&self) {
        for listener in &self.listeners {
            listener.forget_all();
        }
    }
}
