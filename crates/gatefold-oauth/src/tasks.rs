//! What is finished even if whoever asked for it leaves.

use std::sync::Arc;

use tokio::{runtime::Handle, sync::watch, task::JoinHandle};

/// Tasks that belong to nobody. They run in one runtime, because that of whoever asks may end with
/// the last of its connections, and they are counted, so that a process can wait for them.
pub(crate) struct Tasks {
    runtime: Handle,
    running: Arc<watch::Sender<usize>>,
}

/// One of them. It is over when this is dropped, also when it panicked.
struct Running(Arc<watch::Sender<usize>>);

impl Tasks {
    /// Tasks of the runtime that this is called in.
    pub(crate) fn here() -> Self {
        Self {
            runtime: Handle::current(),
            running: Arc::new(watch::Sender::new(0)),
        }
    }

    /// Begins one.
    pub(crate) fn spawn<W>(&self, work: W) -> JoinHandle<W::Output>
    where
        W: Future<Output: Send> + Send + 'static,
    {
        let running = Running::new(&self.running);
        self.runtime.spawn(async move {
            let _running = running;
            work.await
        })
    }

    /// Waits until none is left.
    pub(crate) async fn settled(&self) {
        // The sender is here, so that there is always somebody to hear from.
        let _ = self.running.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Running {
    fn new(count: &Arc<watch::Sender<usize>>) -> Self {
        count.send_modify(|count| *count = count.saturating_add(1));
        Self(Arc::clone(count))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn they_are_waited_for_whoever_waits() {
        let tasks = Tasks::here();
        tasks.settled().await;
        let (end, ended) = oneshot::channel();
        drop(tasks.spawn(ended));
        let mut settled = Box::pin(tasks.settled());
        for _ in 0..10 {
            let waits = tokio::select! {
                biased;
                () = &mut settled => false,
                () = tokio::task::yield_now() => true,
            };
            assert!(waits);
        }
        end.send(()).unwrap();
        settled.await;
    }

    #[test]
    fn they_outlive_the_runtime_of_who_asks() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let tasks = runtime.block_on(async { Tasks::here() });
        let (end, ended) = oneshot::channel::<()>();
        let asking = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let (tell, told) = oneshot::channel();
        asking.block_on(async {
            drop(tasks.spawn(async move {
                let ended = ended.await;
                tell.send(ended.is_ok())
            }));
        });
        drop(asking);
        end.send(()).unwrap();
        assert_eq!(runtime.block_on(told), Ok(true));
        runtime.block_on(tasks.settled());
    }
}
