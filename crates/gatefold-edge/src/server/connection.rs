//! One connection, from its first byte to its end.

use std::{
    convert::Infallible,
    future::poll_fn,
    net::IpAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
};

use gatefold_edge_core::answer::{Limited, limited};
use gatefold_ops::client_address::{Peer, client_address};
use gatefold_seal::PATH_PREFIX;
use http::{Request, Response};
use http_body_util::Either;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::watch,
    time::{Instant, Sleep},
};

use super::{
    Others, Page, Shared,
    clients::Account,
    patience::{Patience, Verdict},
    pieces::Pieces,
    progress::{Answering, Counted, Metered, Progress},
};
use crate::{
    Body, Outcome, PUBLIC_PREFIX,
    edge::with_text,
    metrics::Ended,
    outlet::{FileSocket, Outlet},
};

/// One connection.
pub(crate) struct Connection<S> {
    shared: Arc<Shared>,
    others: S,
    peer: IpAddr,
    /// Changes, by its sender going away, when the server stops.
    stopped: watch::Receiver<()>,
    progress: Arc<Progress>,
    /// Where files go, when the connection can send them.
    outlet: Option<Outlet>,
}

/// Why hyper's part of a connection is over.
enum Over {
    Closed,
    Parked(Instant),
    Ended(Ended),
}

impl<S> Connection<S> {
    pub(crate) fn new(
        shared: Arc<Shared>,
        others: S,
        peer: IpAddr,
        stopped: watch::Receiver<()>,
    ) -> Self {
        Self {
            shared,
            others,
            peer,
            stopped,
            progress: Arc::default(),
            outlet: None,
        }
    }

    /// Serves the connection over a plain socket, which can send files where the system can.
    pub(crate) async fn serve_tcp<B>(mut self, stream: TcpStream)
    where
        S: Others<B>,
        B: Page,
    {
        let outlet = Outlet::default();
        self.outlet = cfg!(target_os = "linux").then(|| outlet.clone());
        self.serve(FileSocket::new(stream, outlet)).await;
    }

    /// Serves the connection. While it waits for a request, hyper and its buffers are not there.
    pub(crate) async fn serve<I, B>(mut self, stream: I)
    where
        I: AsyncRead + AsyncWrite + Unpin,
        S: Others<B>,
        B: Page,
    {
        let metrics = Arc::clone(&self.shared.metrics);
        metrics.connections().up();
        if let Some(ended) = self.until_it_ends(stream).await {
            metrics.ended(ended);
            tracing::debug!(reason = ?ended, "connection ended");
        }
        metrics.connections().down();
    }

    async fn until_it_ends<I, B>(&mut self, stream: I) -> Option<Ended>
    where
        I: AsyncRead + AsyncWrite + Unpin,
        S: Others<B>,
        B: Page,
    {
        let limits = &self.shared.limits;
        let now = Instant::now();
        let mut io = Metered::new(stream, Arc::clone(&self.progress));
        let mut patience = Patience::new(now);
        let (mut until, mut ended) = (now.checked_add(limits.header_time)?, Ended::Head);
        let mut sleep = pin!(tokio::time::sleep_until(until));
        let account = self.shared.clients.account(self.peer);
        loop {
            if sleep.deadline() != until {
                sleep.as_mut().reset(until);
            }
            tokio::select! {
                biased;
                begins = io.begins() => if !begins.is_ok_and(|begins| begins) {
                    return None;
                },
                _ = self.stopped.changed() => return None,
                () = &mut sleep => return Some(ended),
            }
            if ended == Ended::Idle {
                patience.unpark(Instant::now());
            }
            let http = http1::Builder::new()
                // Time is kept here: hyper would begin a timer anew for each request.
                .header_read_timeout(None)
                .max_header_size(limits.header_len)
                .max_buf_size(limits.header_len)
                .serve_connection(TokioIo::new(io), self.service(account.clone()));
            // Not a part of this future, which would be as large while it waits.
            let mut http = Box::new(http);
            let mut looking = Looking {
                shared: &self.shared,
                progress: &self.progress,
                patience: &mut patience,
                sleep: sleep.as_mut(),
            };
            let over = tokio::select! {
                biased;
                over = looking.watch(&mut *http) => over,
                _ = self.stopped.changed() => {
                    Pin::new(&mut *http).graceful_shutdown();
                    return looking.finish(&mut *http).await;
                }
            };
            (until, ended) = match over {
                Over::Closed => return None,
                Over::Ended(ended) => return Some(ended),
                Over::Parked(until) => (until, Ended::Idle),
            };
            let parts = http.into_parts();
            io = parts.io.into_inner();
            io.put_back(parts.read_buf);
        }
    }

    fn service<B>(
        &self,
        account: Option<Arc<Account>>,
    ) -> impl hyper::service::Service<
        Request<Incoming>,
        Response = Response<Counted<Either<Body, Pieces<B>>>>,
        Error = Infallible,
        Future: Send,
    > + use<S, B>
    where
        S: Others<B>,
        B: Page,
    {
        let (shared, others, peer) = (Arc::clone(&self.shared), self.others.clone(), self.peer);
        let (progress, outlet) = (Arc::clone(&self.progress), self.outlet.clone());
        service_fn(move |mut request: Request<Incoming>| {
            let (shared, mut others) = (Arc::clone(&shared), others.clone());
            let account = shared.account_of(&request, peer, account.as_ref());
            let mut answering = Answering::begin(&progress, &shared.metrics);
            let outlet = outlet.clone();
            async move {
                let whose = shared.whose(request.uri().path());
                let (body, outcome);
                match shared.admit(&request, account.as_ref(), &mut answering, whose) {
                    Err(TurnedAway { why, wait }) => {
                        let response = with_text(limited(why, wait), request.method());
                        body = response.map(Either::Left);
                        outcome = Some(Outcome::Limited(why));
                    }
                    Ok(()) if whose == Whose::Sealed => {
                        let edge = Arc::clone(&shared.edge);
                        let answer = edge.answer_through(request, outlet).await;
                        if let Some(account) = account.filter(|_| answer.outcome.is_failed_open()) {
                            shared.clients.failed(&account, Instant::now());
                        }
                        body = answer.response.map(Either::Left);
                        outcome = Some(answer.outcome);
                    }
                    Ok(()) if whose == Whose::Public => {
                        let edge = Arc::clone(&shared.edge);
                        let answer = edge.answer_public(request, outlet).await;
                        body = answer.response.map(Either::Left);
                        outcome = Some(answer.outcome);
                    }
                    Ok(()) => {
                        request.extensions_mut().insert(Peer(peer));
                        let response = others.call(request).await?;
                        body = response.map(|body| Either::Right(Pieces(body)));
                        outcome = None;
                    }
                }
                match (whose, outcome) {
                    (Whose::Sealed, Some(outcome)) => shared.metrics.outcome(outcome),
                    (Whose::Public, Some(outcome)) => shared.metrics.public(outcome),
                    (Whose::Others, _) | (_, None) => {}
                }
                Ok::<_, Infallible>(body.map(|body| Counted::new(body, answering)))
            }
        })
    }
}

/// Who answers a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The edge, once its seal is opened.
    Sealed,
    /// The edge, to everybody.
    Public,
    /// The service that shares the address.
    Others,
}

impl Shared {
    fn whose(&self, path: &str) -> Whose {
        if path.starts_with(PATH_PREFIX) {
            Whose::Sealed
        } else if path.starts_with(PUBLIC_PREFIX) && self.edge.has_public() {
            Whose::Public
        } else {
            Whose::Others
        }
    }

    /// The account of whoever sent a request; `peers` is that of the connection's other end.
    fn account_of<B>(
        &self,
        request: &Request<B>,
        peer: IpAddr,
        peers: Option<&Arc<Account>>,
    ) -> Option<Arc<Account>> {
        if self.limits.proxies.is_empty() {
            return peers.cloned();
        }
        let forwarded = request.headers().get_all("x-forwarded-for");
        let values = forwarded.iter().map(http::HeaderValue::as_bytes);
        match client_address(peer, values, &self.limits.proxies) {
            client if client == peer.to_canonical() => peers.cloned(),
            client => self.clients.account(client),
        }
    }

    /// Whether the limits let a request be looked at.
    fn admit<B>(
        &self,
        request: &Request<B>,
        account: Option<&Arc<Account>>,
        answering: &mut Answering,
        whose: Whose,
    ) -> Result<(), TurnedAway> {
        let turned_away = |why, wait| TurnedAway { why, wait };
        let url = request.uri().path_and_query();
        if url.map_or(0, |url| url.as_str().len()) > self.limits.url_len {
            return Err(turned_away(Limited::UrlTooLong, 0));
        }
        let Some(account) = account else {
            return Err(turned_away(Limited::NoRoom, 10));
        };
        let Some(place) = self.clients.enter(account) else {
            return Err(turned_away(Limited::TooManyAtOnce, 1));
        };
        answering.place = Some(place);
        if whose == Whose::Sealed {
            let opened = self.clients.may_open(account, Instant::now());
            opened.map_err(|wait| {
                // A part of a second is a second: never "at once".
                turned_away(Limited::TooManyFailures, wait.as_secs().saturating_add(1))
            })?;
        }
        Ok(())
    }
}

/// A limit keeps a request from being looked at.
struct TurnedAway {
    why: Limited,
    /// When to come again, in seconds.
    wait: u64,
}

/// Looks at a connection while hyper serves it.
struct Looking<'a> {
    shared: &'a Shared,
    progress: &'a Progress,
    patience: &'a mut Patience,
    sleep: Pin<&'a mut Sleep>,
}

impl Looking<'_> {
    /// Serves until hyper or patience comes to an end.
    async fn watch<C>(&mut self, http: &mut C) -> Over
    where
        C: Future<Output = hyper::Result<()>> + Unpin,
    {
        poll_fn(|context| self.poll(http, context)).await
    }

    /// Finishes what is being sent and begins nothing more.
    async fn finish<C>(&mut self, http: &mut C) -> Option<Ended>
    where
        C: Future<Output = hyper::Result<()>> + Unpin,
    {
        poll_fn(|context| match self.poll(http, context) {
            Poll::Ready(Over::Ended(ended)) => Poll::Ready(Some(ended)),
            Poll::Ready(Over::Closed | Over::Parked(_)) => Poll::Ready(None),
            // Somebody who has yet to finish a request has been promised nothing.
            Poll::Pending if self.patience.is_at_rest() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    fn poll<C>(&mut self, http: &mut C, context: &mut Context<'_>) -> Poll<Over>
    where
        C: Future<Output = hyper::Result<()>> + Unpin,
    {
        if let Poll::Ready(outcome) = Pin::new(http).poll(context) {
            if let Err(error) = outcome {
                tracing::debug!(%error, "connection ended early");
            }
            return Poll::Ready(Over::Closed);
        }
        loop {
            let (seen, now) = (self.progress.seen(), Instant::now());
            match self.patience.look(seen, now, &self.shared.limits) {
                Verdict::End(ended) => return Poll::Ready(Over::Ended(ended)),
                Verdict::Park(until) => return Poll::Ready(Over::Parked(until)),
                Verdict::Wait(None) => return Poll::Pending,
                Verdict::Wait(Some(at)) => {
                    // A timer that is too early is left alone: setting it costs more than a look.
                    if self.sleep.is_elapsed() || at < self.sleep.deadline() {
                        self.sleep.as_mut().reset(at);
                    }
                    ready!(self.sleep.as_mut().poll(context));
                }
            }
        }
    }
}
