//! A store that fails when it is told to.

use std::sync::atomic::{AtomicUsize, Ordering};

use gatefold_domain::Timestamp;
use gatefold_oauth::{
    Fence, Grant, GrantId, GrantStore, MemoryStore, Pending, StateHash, StoreError, StoreFuture,
};

/// A store in memory, of which the next replacements fail.
#[derive(Default)]
pub(crate) struct Failing {
    inner: MemoryStore,
    replacements: AtomicUsize,
}

impl Failing {
    /// Lets the next `n` replacements fail.
    pub(crate) fn fail(&self, n: usize) {
        self.replacements.store(n, Ordering::SeqCst);
    }
}

impl GrantStore for Failing {
    fn put_pending<'a>(&'a self, state: StateHash, pending: &'a Pending) -> StoreFuture<'a, ()> {
        self.inner.put_pending(state, pending)
    }

    fn take_pending(&self, state: StateHash) -> StoreFuture<'_, Option<Pending>> {
        self.inner.take_pending(state)
    }

    fn put_grant<'a>(&'a self, id: GrantId, grant: &'a Grant) -> StoreFuture<'a, ()> {
        self.inner.put_grant(id, grant)
    }

    fn grant(&self, id: GrantId) -> StoreFuture<'_, Option<Grant>> {
        self.inner.grant(id)
    }

    fn delete_grant(&self, id: GrantId) -> StoreFuture<'_, ()> {
        self.inner.delete_grant(id)
    }

    fn lease(
        &self,
        id: GrantId,
        holder: u128,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreFuture<'_, Option<Fence>> {
        self.inner.lease(id, holder, now, until)
    }

    fn replace_grant<'a>(
        &'a self,
        id: GrantId,
        fence: Fence,
        grant: &'a Grant,
    ) -> StoreFuture<'a, bool> {
        let left = self.replacements.load(Ordering::SeqCst);
        if left > 0 {
            self.replacements.store(left - 1, Ordering::SeqCst);
            return Box::pin(async { Err(StoreError::new("busy")) });
        }
        self.inner.replace_grant(id, fence, grant)
    }

    fn release(&self, id: GrantId, fence: Fence) -> StoreFuture<'_, ()> {
        self.inner.release(id, fence)
    }
}
