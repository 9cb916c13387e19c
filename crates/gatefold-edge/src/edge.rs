//! Answers requests for sealed URLs.

use std::sync::Arc;

use gatefold_domain::Clock;
use gatefold_edge_core::{
    Admission, ByteRange, Facts, Plan,
    answer::{self, Failure, Head},
    plan,
};
use gatefold_seal::{Opener, Source, UnixSeconds};
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
    place::PlaceRef,
    public,
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
    /// (`https://…`, `private:…`, `files:folder/name`, `public:…`); gives how many slices that were. They
    /// are gone from memory and disk when this returns. Blocks.
    ///
    /// Whoever takes an object out of its bucket first, and then purges it, has withdrawn it: no
    /// request that comes after this has returned gets anything of it, whatever was under way. An
    /// answer that has begun ends as a broken transfer, once what was fetched for it already is sent.
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
        match self.opened(&admission, &request, outlet, now).await {
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

    /// Whether it has public objects.
    pub(crate) fn has_public(&self) -> bool {
        self.supply.has_public()
    }

    /// Answers one request for a public object, which came over a connection with such an outlet.
    pub(crate) async fn answer_public<B>(
        self: Arc<Self>,
        request: Request<B>,
        outlet: Option<Outlet>,
    ) -> Answer {
        let (request, _) = request.into_parts();
        match self.public(&request, outlet).await {
            Ok(answer) => {
                tracing::info!(status = answer.response.status().as_u16(), "public");
                answer
            }
            Err(failure) => {
                tracing::info!(outcome = %failure, "failed");
                Answer {
                    response: with_text(answer::failed_public(failure), &request.method),
                    outcome: failure.into(),
                }
            }
        }
    }

    async fn public(
        &self,
        request: &http::request::Parts,
        outlet: Option<Outlet>,
    ) -> Result<Answer, Failure> {
        if request.method == Method::OPTIONS {
            return Ok(Answer {
                response: with_body(answer::public_preflight(), Body::empty()),
                outcome: Outcome::Preflight,
            });
        }
        if ![Method::GET, Method::HEAD].contains(&request.method) {
            return Ok(Answer {
                response: with_text(answer::public_method(), &request.method),
                outcome: Outcome::Method,
            });
        }
        let key = public::key(request.uri.path()).ok_or(Failure::NotFound)?;
        let now = UnixSeconds::from(self.clock.now());
        let wanted = Wanted {
            place: PlaceRef::Public(key),
            // It has no window that could end.
            last: UnixSeconds(u64::MAX),
        };
        let found = self.serve(wanted, request, outlet, now).await?;
        Ok(Answer {
            response: with_body(answer::public(&found.known.object, found.plan), found.body),
            outcome: found.plan.into(),
        })
    }

    /// Answers an admitted request.
    async fn opened(
        &self,
        admission: &Admission<'_>,
        request: &http::request::Parts,
        outlet: Option<Outlet>,
        now: UnixSeconds,
    ) -> Result<Answer, OriginError> {
        let wanted = Wanted {
            place: PlaceRef::Sealed(admission.opened.payload.source()),
            last: self.last(admission),
        };
        let found = self.serve(wanted, request, outlet, now).await?;
        let head = answer::opened(admission, &found.known.object, found.plan, now);
        Ok(Answer {
            response: with_body(head, found.body),
            outcome: found.plan.into(),
        })
    }

    /// Answers a request that others have looked at: it may have an object of the private bucket.
    ///
    /// What is kept of the object is shared with sealed URLs that name it. An answer that has begun may
    /// outlive `until`, as theirs may.
    pub async fn grant(&self, request: &http::request::Parts, granted: Granted<'_>) -> Answer {
        let now = UnixSeconds::from(self.clock.now());
        let wanted = Wanted {
            place: PlaceRef::Sealed(granted.source),
            last: self.end(granted.until),
        };
        match self.serve(wanted, request, None, now).await {
            Ok(found) => {
                let head =
                    answer::granted(&found.known.object, found.plan, now.until(granted.until));
                Answer {
                    response: with_body(head, found.body),
                    outcome: found.plan.into(),
                }
            }
            Err(error) => {
                let failure = Failure::from(error);
                Answer {
                    response: with_text(answer::failed(failure), &request.method),
                    outcome: failure.into(),
                }
            }
        }
    }

    /// Finds what is wanted, and what of it answers a request.
    async fn serve(
        &self,
        wanted: Wanted<'_>,
        request: &http::request::Parts,
        outlet: Option<Outlet>,
        now: UnixSeconds,
    ) -> Result<Served, OriginError> {
        let known = self.supply.find(wanted.place, now).await?;
        let attempt = self
            .attempt(&known, wanted.last, request, outlet.clone())
            .await;
        let (known, (plan, body)) = match attempt {
            Err(OriginError::Changed) => {
                // Found out only now: the answer is the new version's, and not that there is none.
                self.supply.catalogue.forget(&known.place);
                let known = self.supply.find(wanted.place, now).await?;
                let again = self.attempt(&known, wanted.last, request, outlet);
                let again = again.await?;
                (known, again)
            }
            attempt => (known, attempt?),
        };
        Ok(Served { known, plan, body })
    }

    /// What of an object answers a request, if the object is what is known of it.
    async fn attempt(
        &self,
        known: &Arc<Known>,
        last: UnixSeconds,
        request: &http::request::Parts,
        outlet: Option<Outlet>,
    ) -> Result<(Plan, Body), OriginError> {
        let plan = plan(&request.method, &request.headers, &known.object);
        if request.method != Method::GET || !plan.has_body() {
            return Ok((plan, Body::empty()));
        }
        let deadline = Deadline {
            clock: Arc::clone(&self.clock),
            last,
        };
        let body = match known.object.len.map(|len| plan.bytes(len)) {
            Some(Some(range)) => self.part(known, deadline, range, outlet).await?,
            // There is not one byte.
            Some(None) => Body::empty(),
            None => {
                let chunks = self.supply.through(known, 0, None).await?;
                Body::through(Through::new(chunks, None, deadline))
            }
        };
        Ok((plan, body))
    }

    async fn part(
        &self,
        known: &Arc<Known>,
        deadline: Deadline,
        range: ByteRange,
        outlet: Option<Outlet>,
    ) -> Result<Body, OriginError> {
        match self.supply.way(known) {
            Way::Slices(tag) => {
                let mut sending = Sending::new(&self.supply, known, tag, range, deadline, outlet);
                sending.prime().await?;
                Ok(Body::sending(sending))
            }
            Way::Through => {
                let last = Some(range.last);
                let chunks = self.supply.through(known, range.first, last).await?;
                Ok(Body::through(Through::new(
                    chunks,
                    Some(range.len()),
                    deadline,
                )))
            }
        }
    }

    /// When the answer to a sealed URL is to be over.
    fn last(&self, admission: &Admission<'_>) -> UnixSeconds {
        self.end(admission.opened.payload.window().valid_until())
    }

    /// An answer that is begun in its URL's grace has as long as one that is begun in its window.
    fn end(&self, end: UnixSeconds) -> UnixSeconds {
        let begun = end.max(UnixSeconds::from(self.clock.now()));
        UnixSeconds(begun.0.saturating_add(self.overrun))
    }
}

/// What somebody else has found that a request may have.
#[derive(Clone, Copy)]
pub struct Granted<'a> {
    /// The object.
    pub source: &'a Source,
    /// Until when its URL is good, for browsers that keep it so long.
    pub until: UnixSeconds,
}

/// An object that a request may have, and when its answer is to be over.
struct Wanted<'a> {
    place: PlaceRef<'a>,
    last: UnixSeconds,
}

/// What answers it.
struct Served {
    known: Arc<Known>,
    plan: Plan,
    body: Body,
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
