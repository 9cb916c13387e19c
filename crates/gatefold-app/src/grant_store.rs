//! The database as the OAuth client's store of grants.
//!
//! It holds the contract of [`GrantStore`] because the database does: an answer means that a row is
//! on disk, leases are decided by one statement, and rows are encrypted as a whole.

use std::sync::Arc;

use gatefold_domain::{Clock, Timestamp};
use gatefold_oauth::{
    Fence, Grant, GrantId, GrantStore, Pending, StateHash, StoreError, StoreFuture,
};
use gatefold_store::{NewGrant, Store};

/// Keeps grants and sign-ins in the database. A grant that is deleted takes the sessions along that
/// lived by it.
pub(crate) struct Grants {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
}

impl GrantStore for Grants {
    fn put_pending<'a>(&'a self, state: StateHash, pending: &'a Pending) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let bytes = pending.to_bytes();
            let put = self.store.pending();
            put.put(state.as_bytes(), &bytes, pending.expires)
                .await
                .map_err(StoreError::new)
        })
    }

    fn take_pending(&self, state: StateHash) -> StoreFuture<'_, Option<Pending>> {
        Box::pin(async move {
            let taken = self.store.pending().take(state.as_bytes()).await;
            match taken.map_err(StoreError::new)? {
                Some((bytes, _)) => Pending::from_bytes(&bytes)
                    .map(Some)
                    .map_err(StoreError::new),
                None => Ok(None),
            }
        })
    }

    fn put_grant<'a>(&'a self, id: GrantId, grant: &'a Grant) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let new = NewGrant {
                key: id.as_bytes(),
                did: &grant.did,
                bytes: &grant.to_bytes(),
                expires: Some(grant.expires),
                created: grant.created,
            };
            // The row of a grant refers to that of its account. What that says already stays.
            let accounts = self.store.accounts();
            let known = accounts.get(&grant.did).await.map_err(StoreError::new)?;
            if known.is_none() {
                let seen = accounts.seen(&grant.did, None, grant.created);
                seen.await.map_err(StoreError::new)?;
            }
            self.store.grants().put(new).await.map_err(StoreError::new)
        })
    }

    fn grant(&self, id: GrantId) -> StoreFuture<'_, Option<Grant>> {
        Box::pin(async move {
            let read = self.store.grants().get(id.as_bytes()).await;
            match read.map_err(StoreError::new)? {
                Some(bytes) => Grant::from_bytes(&bytes).map(Some).map_err(StoreError::new),
                None => Ok(None),
            }
        })
    }

    fn delete_grant(&self, id: GrantId) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let deleted = self
                .store
                .grants()
                .delete(id.as_bytes(), self.clock.now().into())
                .await;
            deleted.map(|_| ()).map_err(StoreError::new)
        })
    }

    fn lease(
        &self,
        id: GrantId,
        holder: u128,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreFuture<'_, Option<Fence>> {
        Box::pin(async move {
            let grants = self.store.grants();
            let leased = grants.lease(id.as_bytes(), holder, now, until).await;
            leased
                .map(|fence| fence.map(Fence))
                .map_err(StoreError::new)
        })
    }

    fn replace_grant<'a>(
        &'a self,
        id: GrantId,
        fence: Fence,
        grant: &'a Grant,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let bytes = grant.to_bytes();
            let expires = Some(grant.expires);
            self.store
                .grants()
                .replace(id.as_bytes(), fence.0, &bytes, expires, grant.refreshed)
                .await
                .map_err(StoreError::new)
        })
    }

    fn release(&self, id: GrantId, fence: Fence) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let released = self.store.grants().release(id.as_bytes(), fence.0).await;
            released.map_err(StoreError::new)
        })
    }
}
