//! Keeping that sessions are in use, for which no request waits.

use std::{sync::Arc, time::Duration};

use gatefold_domain::Timestamp;
use gatefold_store::Store;
use tokio::{runtime::Handle, sync::Semaphore};

use super::cache::Known;

/// How often it is kept that a session is in use.
const EVERY: Duration = Duration::from_mins(5);
/// How many sessions it is kept of at one time. Those that find no place come with a later request.
const AT_ONCE: u32 = 16;

/// Keeps it, in tasks of one runtime: that of who asks may end before.
pub(super) struct Touches {
    runtime: Handle,
    room: Arc<Semaphore>,
}

impl Touches {
    /// With tasks of the runtime that this is called in.
    ///
    /// # Panics
    /// Outside of one.
    pub(super) fn here() -> Self {
        let places = usize::try_from(AT_ONCE).unwrap_or(1);
        Self {
            runtime: Handle::current(),
            room: Arc::new(Semaphore::new(places)),
        }
    }

    /// A session is in use now. Whether that is to be kept is decided by when it last was: at most once in
    /// five minutes for each session, over all processes.
    pub(super) fn touch(&self, store: &Store, known: &Known, now: Timestamp) {
        if !known.is_due(EVERY, now) {
            return;
        }
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else {
            return;
        };
        if !known.take(EVERY, now) {
            return;
        }
        let (store, session) = (store.clone(), known.viewer.session);
        self.runtime.spawn(async move {
            let sessions = store.sessions();
            if let Err(error) = sessions.touch(session, now.before(EVERY), now).await {
                tracing::warn!(%error, "the use of a session was not kept");
            }
            drop(place);
        });
    }

    /// Waits until what has begun is kept, and keeps nothing from then on.
    pub(super) async fn end(&self) {
        // It is closed nowhere else, so that all places are there in the end.
        let _all = self.room.acquire_many(AT_ONCE).await;
        self.room.close();
    }
}
