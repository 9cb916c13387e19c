//! Where grants and sign-ins are kept: the contract, and a store in memory.

use std::{error::Error, future::Future, pin::Pin};

use gatefold_domain::Timestamp;

use crate::{Grant, GrantId, Pending, StateHash};

mod memory;

pub use memory::MemoryStore;

/// What a store's methods give.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The store failed. What it failed of is for logs; nobody else is told.
#[derive(Debug, thiserror::Error)]
#[error("the store of grants cannot be asked")]
pub struct StoreError(#[source] pub Box<dyn Error + Send + Sync>);

impl StoreError {
    /// The store failed because of `cause`.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// The number of a lease: it grows with every holder, over all processes, and never goes back while
/// the grant is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub u64);

/// Keeps grants and sign-ins, for all processes of an installation together.
///
/// What every implementation has to hold:
///
/// - **What is answered is kept.** When a method has answered without an error, a crash of the
///   process or the machine does not undo it. A refresh token is good once: a write that was
///   acknowledged and lost is a session lost.
/// - **An error says nothing about what happened.** The write may be there or not; whoever called
///   reads again.
/// - **Nobody waits for ever.** What is asked of the store for a refresh ([`Self::lease`],
///   [`Self::grant`], [`Self::replace_grant`]) is answered, or fails, within 15 seconds: a lease has
///   to outlast what is done under it.
/// - **One order for all.** A read that begins after a write was answered sees it, in whichever
///   process. A replica that lags must not be read from.
/// - **Secrets are encrypted at rest**, as one value each: [`Grant::to_bytes`], [`Pending::to_bytes`].
///   The hash of a state and the name of a grant are no secrets.
/// - A future that is dropped may leave its write done or undone, and never half done.
pub trait GrantStore: Send + Sync + 'static {
    /// Keeps a sign-in until it is taken or `expires`. Afterwards it may be removed at any time.
    fn put_pending<'a>(&'a self, state: StateHash, pending: &'a Pending) -> StoreFuture<'a, ()>;

    /// Takes a sign-in out. Of all who ask for the same one, over all processes, one gets it.
    fn take_pending(&self, state: StateHash) -> StoreFuture<'_, Option<Pending>>;

    /// Keeps a new grant. Its name is new.
    fn put_grant<'a>(&'a self, id: GrantId, grant: &'a Grant) -> StoreFuture<'a, ()>;

    /// The grant of this name.
    fn grant(&self, id: GrantId) -> StoreFuture<'_, Option<Grant>>;

    /// Removes a grant and its lease. That there is none is no error.
    fn delete_grant(&self, id: GrantId) -> StoreFuture<'_, ()>;

    /// Asks for the lease of a grant for `holder`, until the moment `until`.
    ///
    /// It is given when nobody holds it or the time of whoever held it has passed (`until` of the
    /// last lease is not after `now`); one statement decides, so that of two who ask at once one
    /// gets it. Whoever gets it has a fence that is greater than all before. `None`: somebody else
    /// holds it, or there is no such grant.
    fn lease(
        &self,
        id: GrantId,
        holder: u128,
        now: Timestamp,
        until: Timestamp,
    ) -> StoreFuture<'_, Option<Fence>>;

    /// Puts a refreshed grant in place of the old one, if `fence` is still the newest of this grant
    /// and the grant is there; the lease goes on. `false`: nothing was changed.
    fn replace_grant<'a>(
        &'a self,
        id: GrantId,
        fence: Fence,
        grant: &'a Grant,
    ) -> StoreFuture<'a, bool>;

    /// Gives the lease back, if `fence` is still the newest; otherwise nothing happens.
    fn release(&self, id: GrantId, fence: Fence) -> StoreFuture<'_, ()>;
}
