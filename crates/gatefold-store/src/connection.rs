//! Connections, and transactions on them, with the runtime that their sockets belong to.
//!
//! A server has a runtime for each of its cores, which ask the database, and end before the server does.
//! A socket lives and dies with the runtime that it was opened in, whoever uses it later. So all of them
//! belong to the one in which the store was opened: whatever is asked is polled there as far as sockets
//! and timers can tell.

use std::{
    future::{Future, poll_fn},
    pin::pin,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction};
use tokio::runtime::Handle;

/// What statements are asked on.
pub(crate) trait On {
    type Inner: ConnectionTrait;

    fn inner(&self) -> &Self::Inner;

    /// The runtime of its sockets.
    fn home(&self) -> &Handle;
}

/// A pool of connections.
#[derive(Clone)]
pub(crate) struct Pool {
    inner: DatabaseConnection,
    home: Handle,
}

/// A transaction. One that is dropped has changed nothing.
pub(crate) struct Transaction {
    pub(crate) inner: DatabaseTransaction,
    pub(crate) home: Handle,
}

impl Pool {
    /// One that belongs to this runtime.
    pub(crate) fn here(inner: DatabaseConnection) -> Self {
        Self {
            inner,
            home: Handle::current(),
        }
    }
}

impl On for Pool {
    type Inner = DatabaseConnection;

    fn inner(&self) -> &DatabaseConnection {
        &self.inner
    }

    fn home(&self) -> &Handle {
        &self.home
    }
}

impl On for Transaction {
    type Inner = DatabaseTransaction;

    fn inner(&self) -> &DatabaseTransaction {
        &self.inner
    }

    fn home(&self) -> &Handle {
        &self.home
    }
}

/// Waits for something as if that were done in another runtime.
pub(crate) async fn at<T>(home: &Handle, asked: impl Future<Output = T>) -> T {
    let mut asked = pin!(asked);
    poll_fn(|context| {
        let _home = home.enter();
        asked.as_mut().poll(context)
    })
    .await
}
