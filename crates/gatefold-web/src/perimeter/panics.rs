//! A defect that ends one request and not the connection, or the server.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

/// Runs a future; `None` when it panicked. The panic has been printed by then, with its place.
///
/// What a panic leaves behind is what other threads see of it as well: nothing that is shared is
/// changed except under locks and by values that are replaced whole.
pub(crate) async fn caught<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(move |context| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => Poll::Ready(Some(output)),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_outcome() {
        assert_eq!(caught(async { 1 }).await, Some(1));
        let waits_first = async {
            tokio::task::yield_now().await;
            2
        };
        assert_eq!(caught(waits_first).await, Some(2));
        let panics = async {
            tokio::task::yield_now().await;
            assert!(
                std::hint::black_box(false),
                "meant to be caught by the test"
            );
            3
        };
        assert_eq!(caught(panics).await, None);
    }
}
