//! Accepts connections: requests for sealed URLs and public objects go to the edge without a detour, all
//! others to the service that shares its address.
//!
//! ```text
//! listener (one, or one for each core)
//!   connection     parked while it waits; then hyper, watched by `patience`
//!     limits       URL, requests at once, failed opens: 414, 429
//!       /securev1/ the edge
//!       /media/    the edge, where it has public objects
//!       others     the other service
//! ```

mod clients;
mod connection;
mod cores;
mod limits;
mod patience;
mod pieces;
mod progress;
#[cfg(test)]
mod tests;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tower_service::Service;

use self::{clients::Clients, connection::Connection};
use crate::{edge::Edge, metrics::Metrics};

pub use self::{
    cores::Listeners,
    limits::{Limits, LimitsError},
};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A service that shares the edge's address, such as an `axum::Router`, and answers with bodies `B`.
/// It bounds the time that it takes for a request's body itself.
pub trait Others<B: Page>:
    Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>
    + Clone
    + Send
    + 'static
{
}

impl<B: Page, S> Others<B> for S where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// The body of an answer of such a service.
pub trait Page:
    http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static
{
}

impl<B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static> Page for B {}

/// An edge with its limits and metrics, ready to accept connections. Clones share all of them.
#[derive(Clone)]
pub struct Server(Arc<Shared>);

/// What all connections share.
struct Shared {
    edge: Arc<Edge>,
    limits: Limits,
    metrics: Arc<Metrics>,
    clients: Clients,
    room: Arc<Semaphore>,
}

impl Server {
    /// A server.
    ///
    /// # Errors
    /// When the limits are such that nobody could be served.
    pub fn new(edge: Arc<Edge>, limits: Limits) -> Result<Self, LimitsError> {
        limits.validate()?;
        let metrics = Arc::clone(edge.shared_metrics());
        Ok(Self(Arc::new(Shared {
            edge,
            clients: Clients::new(&limits),
            room: Arc::new(Semaphore::new(
                limits.connections.min(Semaphore::MAX_PERMITS),
            )),
            limits,
            metrics,
        })))
    }

    /// Serves until `stop` completes. Then it accepts nothing more, ends the connections that wait
    /// for a request, and finishes what is being sent within [`Limits::shutdown_time`].
    ///
    /// # Errors
    /// When no connection can be accepted any more.
    pub async fn serve<S: Others<B>, B: Page>(
        &self,
        listener: TcpListener,
        others: S,
        stop: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let (stopping, stopped) = watch::channel(());
        let mut connections = JoinSet::new();
        tokio::pin!(stop);
        loop {
            let place = tokio::select! {
                biased;
                () = &mut stop => break,
                place = Arc::clone(&self.0.room).acquire_owned() => place.map_err(io::Error::other)?,
            };
            let (stream, peer) = tokio::select! {
                biased;
                () = &mut stop => break,
                accepted = accept(&listener) => accepted,
            };
            while connections.try_join_next().is_some() {}
            let shared = Arc::clone(&self.0);
            let connection = Connection::new(shared, others.clone(), peer.ip(), stopped.clone());
            connections.spawn(async move {
                connection.serve_tcp(stream).await;
                drop(place);
            });
        }
        drop(listener);
        drop(stopping);
        let rest = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(self.0.limits.shutdown_time, rest)
            .await
            .is_err()
        {
            tracing::warn!("stopped before every answer was sent");
        }
        Ok(())
    }
}

/// Serves an edge that nobody else counts, as [`Server::serve`] does.
///
/// # Errors
/// When the limits are of no use, or no connection can be accepted any more.
pub async fn serve<S: Others<B>, B: Page>(
    listener: TcpListener,
    edge: Arc<Edge>,
    others: S,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let server = Server::new(edge, limits)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    server.serve(listener, others, stop).await
}

/// Accepts the next connection that can be had.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "cannot turn off Nagle's algorithm");
                }
                return (stream, peer);
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                // Usually too many open files: what is being served gives some back.
                tracing::error!(%error, "cannot accept connections");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
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
