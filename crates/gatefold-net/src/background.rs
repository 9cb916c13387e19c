//! The runtime that connections live in.
//!
//! A connection is kept for whoever needs its host next, and may well outlive the runtime of whoever
//! needed it first: a server has one for each core, and a request that somebody makes there must not take
//! with it, when it ends, what others are waiting for.

use std::future::Future;

use hyper::rt::Executor;
use tokio::{runtime::Handle, task::JoinSet};

use crate::error::NetError;

/// Where connections are opened, and driven for as long as they last.
#[derive(Clone)]
pub(crate) struct Background(Handle);

impl Background {
    /// The runtime that this is called in.
    ///
    /// # Panics
    /// Outside of one.
    pub(crate) fn here() -> Self {
        Self(Handle::current())
    }

    /// Does something there; it ends when nobody waits for it any more.
    pub(crate) async fn run<W>(&self, work: W) -> Result<W::Output, NetError>
    where
        W: Future<Output: Send> + Send + 'static,
    {
        let mut task = JoinSet::new();
        task.spawn_on(work, &self.0);
        match task.join_next().await {
            Some(Ok(output)) => Ok(output),
            // It panicked, or that runtime is being ended.
            Some(Err(_)) | None => Err(NetError::Unreachable),
        }
    }
}

impl<W> Executor<W> for Background
where
    W: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, work: W) {
        drop(self.0.spawn(work));
    }
}
