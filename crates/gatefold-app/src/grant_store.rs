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

use crate::accounts::Memory;

/// Keeps grants and sign-ins in the database. A grant that is deleted takes the sessions along that
/// lived by it.
pub(crate) struct Grants {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    /// What forgets the sessions that end.
    pub(crate) memory: Arc<Memory>,
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
            for session in deleted.map_err(StoreError::new)? {
                self.memory.forget_session(session);
            }
            Ok(())
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gatefold_domain::SessionId;
    use gatefold_ops::system_random;
    use gatefold_store::{Crypter, KeyFile, NewExchangeToken, NewSecret, Options, Shown, TokenFor};
    use gatefold_testkit::ManualClock;

    use super::*;
    use crate::accounts::SecretHash;

    #[tokio::test]
    async fn a_session_is_forgotten_with_the_grant_that_it_lives_by() {
        let clock = ManualClock::at_unix(1_790_000_000);
        let now = Timestamp::from(clock.now());
        let later = now.after(Duration::from_mins(1));
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/gatefold.db", folder.path().display());
        let keys = KeyFile::generate(&mut system_random(), now);
        let crypter = Crypter::new(&keys, Box::new(system_random())).unwrap();
        let url = url.parse().unwrap();
        let store = Store::open(&url, crypter, Options::default(), now).await;
        let store = store.unwrap();
        let (did, grant, id) = (
            "did:web:a.example.com".parse().unwrap(),
            [1; 16],
            SessionId::from_bytes([2; 16]),
        );
        let secret = SecretHash::from_bytes([3; 32]);
        store.accounts().seen(&did, None, now).await.unwrap();
        let token = NewExchangeToken {
            hash: &[4; 32],
            did: &did,
            grant: &grant,
            what: TokenFor::CommandLine { verifier: &[5; 32] },
            session_expires: later,
            expires: later,
        };
        store.exchange_tokens().put(token).await.unwrap();
        let shown = Shown {
            verifier: Some(&[5; 32]),
            ..Shown::default()
        };
        let make = |_| NewSecret {
            id,
            hash: *secret.as_bytes(),
            public_id: None,
        };
        let redeemed = store
            .exchange_tokens()
            .redeem(&[4; 32], shown, None, now, make)
            .await;
        assert_eq!(redeemed.unwrap().unwrap().session.id, id);
        let memory = Arc::new(Memory::remembering(secret, did, id, now, later));
        let grants = Grants {
            store,
            clock: Arc::new(clock),
            memory: Arc::clone(&memory),
        };
        assert!(memory.knows(&secret, now));
        grants
            .delete_grant(GrantId::from_bytes([9; 16]))
            .await
            .unwrap();
        assert!(memory.knows(&secret, now), "another one");
        grants
            .delete_grant(GrantId::from_bytes(grant))
            .await
            .unwrap();
        assert!(!memory.knows(&secret, now));
    }
}
