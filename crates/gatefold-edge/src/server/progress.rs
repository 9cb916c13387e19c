//! What happens on a connection, seen where it passes: bytes at the socket, answers at their bodies.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{clients::Place, patience::Seen};
use crate::metrics::Metrics;

/// What has happened on a connection. One task writes and reads it; the atomics are there because
/// a runtime may move that task.
#[derive(Default)]
pub(crate) struct Progress {
    requests: AtomicU64,
    answering: AtomicU32,
    read: AtomicU64,
    written: AtomicU64,
    blocked: AtomicBool,
}

impl Progress {
    pub(crate) fn seen(&self) -> Seen {
        Seen {
            requests: self.requests.load(Relaxed),
            answering: self.answering.load(Relaxed) > 0,
            read: self.read.load(Relaxed),
            written: self.written.load(Relaxed),
            blocked: self.blocked.load(Relaxed),
        }
    }

    fn passed(counter: &AtomicU64, bytes: usize) {
        counter.fetch_add(bytes as u64, Relaxed);
    }
}

/// A request that is being answered, until its body has been handed over or dropped.
pub(crate) struct Answering {
    progress: Arc<Progress>,
    metrics: Arc<Metrics>,
    /// Its place among its client's requests, once it has one.
    pub(crate) place: Option<Place>,
}

impl Answering {
    pub(crate) fn begin(progress: &Arc<Progress>, metrics: &Arc<Metrics>) -> Self {
        progress.requests.fetch_add(1, Relaxed);
        progress.answering.fetch_add(1, Relaxed);
        metrics.streams().up();
        Self {
            progress: Arc::clone(progress),
            metrics: Arc::clone(metrics),
            place: None,
        }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.progress.answering.fetch_sub(1, Relaxed);
        self.metrics.streams().down();
    }
}

/// A body that counts what is taken of it.
pub(crate) struct Counted<B> {
    body: B,
    answering: Answering,
}

impl<B> Counted<B> {
    pub(crate) fn new(body: B, answering: Answering) -> Self {
        Self { body, answering }
    }
}

impl<B: http_body::Body + Unpin> http_body::Body for Counted<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.answering.metrics.sent(data.remaining() as u64);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection's bytes, counted.
pub(crate) struct Metered<S> {
    stream: S,
    /// What was read before there was a place for it.
    early: Bytes,
    progress: Arc<Progress>,
}

impl<S> Metered<S> {
    pub(crate) fn new(stream: S, progress: Arc<Progress>) -> Self {
        Self {
            stream,
            early: Bytes::new(),
            progress,
        }
    }

    /// Bytes to be read before all others.
    pub(crate) fn put_back(&mut self, bytes: Bytes) {
        self.early = bytes;
    }
}

impl<S: AsyncRead + Unpin> Metered<S> {
    /// Waits for the first bytes of a request without holding any memory for them meanwhile.
    /// Whether any came before the end.
    pub(crate) async fn begins(&mut self) -> io::Result<bool> {
        /// Holds the heads of most requests.
        const SOME: usize = 2048;
        if self.early.has_remaining() {
            return Ok(true);
        }
        std::future::poll_fn(|context| {
            let mut some = [0; SOME];
            let mut into = ReadBuf::new(&mut some);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut into))?;
            self.early = Bytes::copy_from_slice(into.filled());
            Poll::Ready(Ok::<_, io::Error>(()))
        })
        .await?;
        Progress::passed(&self.progress.read, self.early.len());
        Ok(self.early.has_remaining())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.early.has_remaining() {
            let some = self.early.len().min(into.remaining());
            into.put_slice(&self.early.split_to(some));
            if self.early.is_empty() {
                self.early = Bytes::new();
            }
            return Poll::Ready(Ok(()));
        }
        let before = into.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, into))?;
        let read = into.filled().len().saturating_sub(before);
        Progress::passed(&self.progress.read, read);
        Poll::Ready(Ok(()))
    }
}

impl<S> Metered<S> {
    fn wrote(&self, outcome: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.progress.blocked.store(outcome.is_pending(), Relaxed);
        if let Poll::Ready(Ok(bytes)) = outcome {
            Progress::passed(&self.progress.written, bytes);
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.wrote(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
