//! The whole, as one service.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{Router, body::Body, response::Response};
use bytes::Bytes;
use gatefold_app::demonstration::Demonstration;
use gatefold_domain::Clock;
use gatefold_ops::config::Network;
use http::Request;
use tower_service::Service;

use crate::{
    accounts::Accounts,
    artists::Artists,
    demo::Demo,
    limits::RateLimiter,
    media_origin::MediaOrigin,
    metrics::Metrics,
    perimeter::{
        Perimeter, Rules, headers::Policies, pattern::OriginPattern, request_id::RequestIds,
    },
    playing::Playing,
    routes,
    site::Site,
    state::{Shared, WebState},
    tracks::Tracks,
    works::Works,
};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What the site does.
pub struct WebParts {
    /// Who signs in.
    pub accounts: Arc<Accounts>,
    /// What they hear.
    pub playing: Arc<Playing>,
    /// What there is.
    pub tracks: Arc<Tracks>,
    /// Whose it is.
    pub artists: Arc<Artists>,
    /// What is published here; without it, everything about that cannot be answered.
    pub works: Option<Works>,
    /// Who lets one be somebody else, at a demonstration.
    pub demonstration: Option<Demonstration>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// What the operator decides.
pub struct WebOptions {
    /// Where the site is.
    pub site: Site,
    /// What it is called, on its pages.
    pub name: String,
    /// Origins whose pages may use the API with the cookies of their readers.
    pub origins: Vec<OriginPattern>,
    /// Where media come from that do not come from this site.
    pub media: Vec<MediaOrigin>,
    /// What only a demonstration has.
    pub demo: Option<Demo>,
    /// Proxies whose word on a client's address is believed.
    pub proxies: Vec<Network>,
    /// Counts requests.
    pub limiter: Arc<dyn RateLimiter>,
    /// Counts answers.
    pub metrics: Arc<Metrics>,
    /// Whether the site is about to stop.
    pub stopping: Stopping,
    /// A random number, which names this process in the ids of requests.
    pub instance: u32,
}

/// Whether a site is about to stop, so that nobody new is sent to it. Clones tell the same.
#[derive(Clone, Debug, Default)]
pub struct Stopping(Arc<AtomicBool>);

impl Stopping {
    /// It is, from now on.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The site as a service, for a server that puts the [`Peer`](gatefold_ops::client_address::Peer)
/// of its connection into the extensions of each request. Clones are one site.
#[derive(Clone)]
pub struct WebService(Perimeter<Router>);

/// The site.
#[must_use]
pub fn service(parts: WebParts, options: WebOptions) -> WebService {
    let rules = Arc::new(Rules {
        policies: Policies::new(&options.site, &options.media),
        site: options.site,
        name: options.name.into(),
        origins: options.origins,
        ids: RequestIds::new(options.instance),
        metrics: options.metrics,
    });
    let state = WebState::new(Shared {
        accounts: parts.accounts,
        playing: parts.playing,
        tracks: parts.tracks,
        artists: parts.artists,
        works: parts.works,
        demonstration: parts.demonstration,
        clock: parts.clock,
        rules: Arc::clone(&rules),
        demo: options.demo,
        limiter: options.limiter,
        stopping: options.stopping,
        proxies: options.proxies,
    });
    WebService(Perimeter::new(rules, routes::router(&state)))
}

impl<B> Service<Request<B>> for WebService
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<B>>::poll_ready(&mut self.0, context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.0.call(request)
    }
}
