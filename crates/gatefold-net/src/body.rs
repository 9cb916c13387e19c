//! A body as it comes, never decompressed and never waited for without end.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep, sleep};

use crate::error::NetError;

/// The body of an answer. Dropping it ends the connection it comes from, unless all of it was read.
pub struct Body {
    incoming: Incoming,
    idle: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    waiting: bool,
}

impl Body {
    pub(crate) fn new(incoming: Incoming, idle: Duration) -> Self {
        Self {
            incoming,
            idle,
            timer: None,
            waiting: false,
        }
    }

    /// How long the body says that it is, in bytes; `None` when it does not. What comes is then
    /// exactly as long, or ends in an error.
    #[must_use]
    pub fn announced(&self) -> Option<u64> {
        self.incoming.size_hint().exact()
    }

    /// The next bytes; `None` at the end. The time between two pieces runs only while somebody asks
    /// for them: a slow reader is not the peer's fault.
    pub fn poll_chunk(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, NetError>>> {
        loop {
            match Pin::new(&mut self.incoming).poll_frame(context) {
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(NetError::below(&error))));
                }
                Poll::Ready(Some(Ok(frame))) => {
                    self.waiting = false;
                    // Trailers say nothing that we use.
                    if let Ok(bytes) = frame.into_data()
                        && !bytes.is_empty()
                    {
                        return Poll::Ready(Some(Ok(bytes)));
                    }
                }
                Poll::Pending => return self.poll_timer(context),
            }
        }
    }

    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, NetError>>> {
        let idle = self.idle;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(idle)));
        if !self.waiting {
            self.waiting = true;
            let now = Instant::now();
            timer.as_mut().reset(now.checked_add(idle).unwrap_or(now));
        }
        timer
            .as_mut()
            .poll(context)
            .map(|()| Some(Err(NetError::TimedOut)))
    }

    /// The next bytes; `None` at the end.
    pub async fn chunk(&mut self) -> Option<Result<Bytes, NetError>> {
        std::future::poll_fn(|context| self.poll_chunk(context)).await
    }

    /// All of it, when it is `most` bytes long at most.
    ///
    /// # Errors
    /// [`NetError::TooLong`] as soon as that is known; whatever ends the transfer early.
    pub async fn collect(mut self, most: usize) -> Result<Bytes, NetError> {
        let most_announced = u64::try_from(most).unwrap_or(u64::MAX);
        if self.announced().is_some_and(|len| len > most_announced) {
            return Err(NetError::TooLong);
        }
        let mut all = BytesMut::new();
        while let Some(chunk) = self.chunk().await {
            let chunk = chunk?;
            if chunk.len() > most.saturating_sub(all.len()) {
                return Err(NetError::TooLong);
            }
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Body")
    }
}
