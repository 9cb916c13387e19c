//! Answers requests for sealed URLs.

use std::sync::Arc;

use gatefold_domain::Clock;
use gatefold_edge_core::{
    Admission, ByteRange, Facts, Plan,
    answer::{self, Failure, Head},
    plan,
};
use gatefold_seal::{Opener, UnixSeconds};
use http::{HeaderValue, Method, Request, Response, header};
use tokio::runtime::Handle;

use crate::{
    body::{Body, Deadline, Sending, Through},
    cache::{Cache, CacheOptions, disk::DiskError},
    catalogue::Known,
    etag::TagKey,
    metrics::Metrics,
    origin::OriginError,
    outcome::{Answer, Outcome},
    outlet::Outlet,
    sessions::{Sessions, Settled, settle},
    supply::{Freshness, Origins, Supply, Surroundings, Way},
};

/// What an edge is made of.
pub struct EdgeOptions {
    /// The keys that open, and what each minter may seal. Whoever keeps a clone can exchange them
    /// while the edge runs.
    pub opener: Arc<Opener>,
    /// Where bytes come from.
    pub origins: Origins,
    /// What is kept of them.
    pub cache: CacheOptions,
    /// How long what origins say is believed.
    pub freshness: Freshness,
    /// Who knows the persons behind requests.
    pub sessions: Arc<dyn Sessions>,
    /// The secret behind entity tags.
    pub tag_key: TagKey,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How long after its URL's window an answer may still be on its way, in seconds.
    pub overrun: u64,
    /// Where origins are asked and disks are written: not where listeners are served.
    pub background: Handle,
}

/// The edge.
pub struct Edge {
    opener: Arc<Opener>,
    supply: Arc<Supply>,
    metrics: Arc<Metrics>,
    sessions: Arc<dyn Sessions>,
    clock: Arc<dyn Clock>,
    overrun: u64,
}

impl Edge {
    /// An edge. Blocks while it looks through what is kept on disk.
    ///
    /// # Errors
    /// When the folder for that cannot be used.
    pub fn new(options: EdgeOptions) -> Result<Self, DiskError> {
        let cache = Cache::open(&options.cache)?;
        let metrics = Arc::new(Metrics::default());
        let supply = Supply::new(
            options.origins,
            Arc::new(cache),
            options.freshness,
            options.tag_key,
            Surroundings {
                clock: Arc::clone(&options.clock),
                metrics: Arc::clone(&metrics),
                background: options.background,
            },
        );
        Ok(Self {
            opener: options.opener,
            supply: Arc::new(supply),
            metrics,
            sessions: options.sessions,
            clock: options.clock,
            overrun: options.overrun,
        })
    }

    /// Forgets everything that is kept of the objects that are meant, by their sources
    /// (`https://…`, `private:…`, `files:folder/name`); gives how many slices that were. They are
    /// gone from memory and disk when this returns. Blocks.
    pub fn purge(&self, is_meant: impl Fn(&str) -> bool) -> u64 {
        self.supply.purge(is_meant)
    }

    /// How much is kept in memory and on disk, in bytes.
    #[must_use]
    pub fn fill(&self) -> (u64, u64) {
        self.supply.cache.fill()
    }

    /// What it and its server have counted, how full its caches are included.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        let (memory, disk) = self.fill();
        self.metrics.cached(memory, disk);
        &self.metrics
    }

    /// Where its server counts.
    pub(crate) fn shared_metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Answers one request. Every answer is final: errors become statuses here.
    pub async fn answer<B>(self: Arc<Self>, request: Request<B>) -> Answer {
        self.answer_through(request, None).await
    }

    /// Answers one request that came over a connection with such an outlet.
    pub(crate) async fn answer_through<B>(
        self: Arc<Self>,
        request: Request<B>,
        outlet: Option<Outlet>,
    ) -> Answer {
        let (request, _) = request.into_parts();
        let now = UnixSeconds::from(self.clock.now());
        let facts = Facts {
            method: &request.method,
            path: request.uri.path(),
            query: request.uri.query(),
            headers: &request.headers,
        };
        let admission = match settle(&facts, &self.opener, &*self.sessions, now).await {
            Ok(Settled::Admitted(admission)) => admission,
            Ok(Settled::Answered(head)) => {
                let outcome = if request.method == Method::OPTIONS {
                    Outcome::Preflight
                } else {
                    Outcome::Bound
                };
                return Answer {
                    response: with_body(head, Body::empty()),
                    outcome,
                };
            }
            Err(denial) => {
                tracing::info!(outcome = %denial, "refused");
                return Answer {
                    response: with_text(answer::denied(denial), &request.method),
                    outcome: denial.into(),
                };
            }
        };
        match self.serve(&admission, &request, outlet, now).await {
            Ok(answer) => {
                tracing::info!(status = answer.response.status().as_u16(), "opened");
                answer
            }
            Err(error) => {
                let failure = Failure::from(error);
                tracing::info!(outcome = %failure, "failed");
                Answer {
                    response: with_text(answer::failed(failure), &request.method),
                    outcome: failure.into(),
                }
            }
        }
    }

    /// Answers an admitted request.
    async fn serve(
        &self,
        admission: &Admission<'_>,
        request: &http::request::Parts,
        outlet: Option<Outlet>,
        now: UnixSeconds,
    ) -> Result<Answer, OriginError> {
        let source = admission.opened.payload.source();
        let mut known = self.supply.find(source, now).await?;
        let mut attempt = self
            .attempt(admission, request, &known, outlet.clone())
            .await;
        if matches!(attempt, Err(OriginError::Changed)) {
            // Found out only now: the answer is the new version's, and not that there is none.
            self.supply.catalogue.forget(source);
            known = self.supply.find(source, now).await?;
            attempt = self.attempt(admission, request, &known, outlet).await;
        }
        let (plan, body) = attempt?;
        let head = answer::opened(admission, &known.object, plan, now);
        Ok(Answer {
            response: with_body(head, body),
            outcome: plan.into(),
        })
    }

    /// The answer to an admitted request, if the object is what is known of it.
    async fn attempt(
        &self,
        admission: &Admission<'_>,
        request: &http::request::Parts,
        known: &Arc<Known>,
        outlet: Option<Outlet>,
    ) -> Result<(Plan, Body), OriginError> {
        let plan = plan(&request.method, &request.headers, &known.object);
        if request.method != Method::GET || !plan.has_body() {
            return Ok((plan, Body::empty()));
        }
        let source = admission.opened.payload.source();
        let body = match known.object.len.map(|len| plan.bytes(len)) {
            Some(Some(range)) => self.part(admission, known, range, outlet).await?,
            // There is not one byte.
            Some(None) => Body::empty(),
            None => {
                let chunks = self.supply.through(known, source, 0, None).await?;
                Body::through(Through::new(chunks, None, self.deadline(admission)))
            }
        };
        Ok((plan, body))
    }

    async fn part(
        &self,
        admission: &Admission<'_>,
        known: &Arc<Known>,
        range: ByteRange,
        outlet: Option<Outlet>,
    ) -> Result<Body, OriginError> {
        let source = admission.opened.payload.source();
        let deadline = self.deadline(admission);
        match self.supply.way(known) {
            Way::Slices(tag) => {
                let mut sending =
                    Sending::new(&self.supply, known, source, tag, range, deadline, outlet);
                sending.prime().await?;
                Ok(Body::sending(sending))
            }
            Way::Through => {
                let last = Some(range.last);
                let chunks = self
                    .supply
                    .through(known, source, range.first, last)
                    .await?;
                Ok(Body::through(Through::new(
                    chunks,
                    Some(range.len()),
                    deadline,
                )))
            }
        }
    }

    /// An answer that is begun in its URL's grace has as long as one that is begun in its window.
    fn deadline(&self, admission: &Admission<'_>) -> Deadline {
        let end = admission.opened.payload.window().valid_until();
        let begun = end.max(UnixSeconds::from(self.clock.now()));
        Deadline {
            clock: Arc::clone(&self.clock),
            last: UnixSeconds(begun.0.saturating_add(self.overrun)),
        }
    }
}

fn with_body(head: Head, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    response
}

/// A `HEAD` is answered with the length of the text that a `GET` would have had.
pub(crate) fn with_text((mut head, text): (Head, String), method: &Method) -> Response<Body> {
    head.headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(text.len()));
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        Body::text(text)
    };
    with_body(head, body)
}
