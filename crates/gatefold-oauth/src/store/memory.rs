//! A store in memory: for tests, examples, and programs that may forget.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use gatefold_domain::Timestamp;

use super::{Fence, GrantStore, StoreFuture};
use crate::{Grant, GrantId, Pending, StateHash};

/// Keeps everything in the memory of one process. Sign-ins that never come back stay until it ends.
#[derive(Default)]
pub struct MemoryStore(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    pending: HashMap<StateHash, Pending>,
    grants: HashMap<GrantId, Kept>,
}

struct Kept {
    grant: Grant,
    fence: Fence,
    /// Until when the newest lease is held.
    held: Option<Timestamp>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ready<'a, T: Send + 'a>(value: T) -> StoreFuture<'a, T> {
    Box::pin(std::future::ready(Ok(value)))
}

impl GrantStore for MemoryStore {
    fn put_pending<'a>(&'a self, state: StateHash, pending: &'a Pending) -> StoreFuture<'a, ()> {
        self.inner().pending.insert(state, pending.clone());
        ready(())
    }

    fn take_pending(&self, state: StateHash) -> StoreFuture<'_, Option<Pending>> {
        ready(self.inner().pending.remove(&state))
    }

    fn put_grant<'a>(&'a self, id: GrantId, grant: &'a Grant) -> StoreFuture<'a, ()> {
        let kept = Kept {
            grant: grant.clone(),
            fence: Fence(0),
            held: None,
        };
        self.inner().grants.insert(id, kept);
        ready(())
    }

    fn grant(&self, id: GrantId) -> StoreFuture<'_, Option<Grant>> {
        ready(self.inner().grants.get(&id).map(|kept| kept.grant.clone()))
    }

    fn delete_grant(&self, id: GrantId) -> StoreFuture<'_, ()> {
        self.inner().grants.remove(&id);
        ready(())
    }

    fn lease(
        &self,
        id: GrantId,
        _: u128,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreFuture<'_, Option<Fence>> {
        let mut inner = self.inner();
        let free = inner
            .grants
            .get_mut(&id)
            .filter(|kept| kept.held.is_none_or(|held| held <= now));
        ready(free.map(|kept| {
            kept.fence = Fence(kept.fence.0.saturating_add(1));
            kept.held = Some(until);
            kept.fence
        }))
    }

    fn replace_grant<'a>(
        &'a self,
        id: GrantId,
        fence: Fence,
        grant: &'a Grant,
    ) -> StoreFuture<'a, bool> {
        let mut inner = self.inner();
        let ours = inner.grants.get_mut(&id).filter(|kept| kept.fence == fence);
        ready(ours.map(|kept| kept.grant = grant.clone()).is_some())
    }

    fn release(&self, id: GrantId, fence: Fence) -> StoreFuture<'_, ()> {
        if let Some(kept) = self.inner().grants.get_mut(&id)
            && kept.fence == fence
        {
            kept.held = None;
        }
        ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    const ID: GrantId = GrantId::from_bytes([1; 16]);

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    async fn lease(store: &MemoryStore, now: i64) -> Option<Fence> {
        let now = at(now);
        let until = now.after(std::time::Duration::from_millis(100));
        store.lease(ID, 0, now, until).await.unwrap()
    }

    #[tokio::test]
    async fn a_sign_in_is_taken_once() {
        let store = MemoryStore::new();
        let state = StateHash::of("state");
        store.put_pending(state, &testing::pending()).await.unwrap();
        let other = store.take_pending(StateHash::of("other")).await.unwrap();
        assert!(other.is_none());
        assert!(store.take_pending(state).await.unwrap().is_some());
        assert!(store.take_pending(state).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn one_holds_the_lease_until_it_ends() {
        let store = MemoryStore::new();
        assert_eq!(lease(&store, 0).await, None);
        store.put_grant(ID, &testing::grant()).await.unwrap();
        assert_eq!(lease(&store, 0).await, Some(Fence(1)));
        assert_eq!(lease(&store, 99).await, None);
        assert_eq!(lease(&store, 100).await, Some(Fence(2)));
        // The first holder woke up: nothing of it counts any more.
        let grant = testing::grant();
        assert!(!store.replace_grant(ID, Fence(1), &grant).await.unwrap());
        store.release(ID, Fence(1)).await.unwrap();
        assert_eq!(lease(&store, 101).await, None);
        assert!(store.replace_grant(ID, Fence(2), &grant).await.unwrap());
        store.release(ID, Fence(2)).await.unwrap();
        assert_eq!(lease(&store, 101).await, Some(Fence(3)));
    }

    #[tokio::test]
    async fn what_was_deleted_stays_away() {
        let store = MemoryStore::new();
        store.put_grant(ID, &testing::grant()).await.unwrap();
        let fence = lease(&store, 0).await.unwrap();
        store.delete_grant(ID).await.unwrap();
        store.delete_grant(ID).await.unwrap();
        let grant = testing::grant();
        assert!(!store.replace_grant(ID, fence, &grant).await.unwrap());
        assert!(store.grant(ID).await.unwrap().is_none());
    }
}
