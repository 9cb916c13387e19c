//! Accepts connections: requests under `/securev1/` go to the edge without a detour, all others to
//! the service that shares its address.

use std::{convert::Infallible, io, sync::Arc, time::Duration};

use bytes::Bytes;
use gatefold_seal::PATH_PREFIX;
use http::{Request, Response};
use http_body_util::Either;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tower_service::Service;

use crate::{body::Body, edge::Edge, stall::Stalling};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Bounds on what clients may take of a server.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at one time; further ones wait to be accepted.
    pub connections: usize,
    /// How long a client may take to send a request's headers.
    pub header_time: Duration,
    /// How long an answer waits for a client that takes none of it.
    pub stall_time: Duration,
    /// How large a request's head may be, in bytes.
    pub header_len: usize,
    /// How long answers that are being sent are waited for when the server stops.
    pub shutdown_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            header_time: Duration::from_secs(10),
            // A listener who pauses takes nothing: long enough for a breath, and a player that
            // goes on later asks again for the rest.
            stall_time: Duration::from_mins(2),
            header_len: 16 * 1024,
            shutdown_time: Duration::from_secs(10),
        }
    }
}

/// Serves until `stop` completes, then finishes what is being sent within
/// [`Limits::shutdown_time`].
///
/// # Errors
/// When no connection can be accepted any more.
pub async fn serve<S, B>(
    listener: TcpListener,
    edge: Arc<Edge>,
    others: S,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let room = Arc::new(Semaphore::new(limits.connections));
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        let place = tokio::select! {
            () = &mut stop => break,
            place = Arc::clone(&room).acquire_owned() => place.map_err(io::Error::other)?,
        };
        let stream = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) if is_of_one_connection(&error) => continue,
                Err(error) => {
                    // Usually too many open files: what is being served gives some back.
                    tracing::error!(%error, "cannot accept connections");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        while connections.try_join_next().is_some() {}
        let connection = Connection {
            edge: Arc::clone(&edge),
            others: others.clone(),
            limits: limits.clone(),
            stopped: stopped.clone(),
        };
        connections.spawn(async move {
            connection.serve(stream).await;
            drop(place);
        });
    }
    drop(listener);
    drop(stopping);
    let rest = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.shutdown_time, rest)
        .await
        .is_err()
    {
        tracing::warn!("stopped before every answer was sent");
    }
    Ok(())
}

struct Connection<S> {
    edge: Arc<Edge>,
    others: S,
    limits: Limits,
    /// Changes, by its sender going away, when the server stops.
    stopped: watch::Receiver<()>,
}

impl<S> Connection<S> {
    async fn serve<B>(mut self, stream: TcpStream)
    where
        S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>
            + Clone
            + Send
            + 'static,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot turn off Nagle's algorithm");
        }
        let (edge, others) = (self.edge, self.others);
        let service = service_fn(move |request: Request<Incoming>| {
            let (edge, mut others) = (Arc::clone(&edge), others.clone());
            async move {
                if request.uri().path().starts_with(PATH_PREFIX) {
                    Ok::<_, Infallible>(edge.answer(request).await.map(Either::<Body, B>::Left))
                } else {
                    let response = others.call(request).await?;
                    Ok(response.map(Either::Right))
                }
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_time)
            .max_buf_size(self.limits.header_len.max(8192))
            .serve_connection(
                TokioIo::new(Stalling::new(stream, self.limits.stall_time)),
                service,
            );
        tokio::pin!(connection);
        let outcome = tokio::select! {
            outcome = &mut connection => outcome,
            _ = self.stopped.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = outcome {
            tracing::debug!(%error, "connection ended early");
        }
    }
}

/// Whether an accept failed because of the connection that it would have given.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
