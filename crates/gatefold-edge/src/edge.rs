//! Answers requests for sealed URLs.

use std::sync::Arc;

use gatefold_domain::Clock;
use gatefold_edge_core::{
    Admission, Facts, admit,
    answer::{self, Failure, Head},
    plan,
};
use gatefold_seal::{Opener, Source, UnixSeconds};
use http::{HeaderValue, Method, Request, Response, header};

use crate::{
    body::{Body, Deadline},
    etag::TagKey,
    folder::{Folders, Found},
};

/// What an edge is made of.
pub struct EdgeOptions {
    /// The keys that open, and what each minter may seal. Whoever keeps a clone can exchange them
    /// while the edge runs.
    pub opener: Arc<Opener>,
    /// Where `files:` sources are.
    pub folders: Folders,
    /// The secret behind entity tags.
    pub tag_key: TagKey,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How long after its URL's window an answer may still be on its way, in seconds.
    pub overrun: u64,
}

/// The edge.
pub struct Edge {
    opener: Arc<Opener>,
    folders: Folders,
    tag_key: TagKey,
    clock: Arc<dyn Clock>,
    overrun: u64,
}

impl Edge {
    /// An edge.
    #[must_use]
    pub fn new(options: EdgeOptions) -> Self {
        let EdgeOptions {
            opener,
            folders,
            tag_key,
            clock,
            overrun,
        } = options;
        Self {
            opener,
            folders,
            tag_key,
            clock,
            overrun,
        }
    }

    /// Answers one request. Every answer is final: errors become statuses here.
    pub async fn answer<B>(self: Arc<Self>, request: Request<B>) -> Response<Body> {
        let (request, _) = request.into_parts();
        let now = UnixSeconds::from(self.clock.now());
        let facts = Facts {
            method: &request.method,
            path: request.uri.path(),
            query: request.uri.query(),
            headers: &request.headers,
            session: None,
        };
        let admission = match admit(&facts, &self.opener, now) {
            Ok(admission) => admission,
            Err(denial) => {
                tracing::info!(outcome = %denial, "refused");
                return with_text(answer::denied(denial), &request.method);
            }
        };
        if request.method == Method::OPTIONS {
            return with_body(answer::preflight(&admission), Body::empty());
        }
        match self.find(&admission).await {
            Ok(found) => {
                let plan = plan(&request.method, &request.headers, &found.object);
                let head = answer::opened(&admission, &found.object, plan, now);
                tracing::info!(status = head.status.as_u16(), "opened");
                let range = plan
                    .bytes(found.object.len)
                    .filter(|_| request.method == Method::GET);
                let body = range.map_or_else(Body::empty, |range| {
                    Body::file(found, range, self.deadline(&admission))
                });
                with_body(head, body)
            }
            Err(failure) => {
                tracing::info!(outcome = %failure, "failed");
                with_text(answer::failed(failure), &request.method)
            }
        }
    }

    async fn find(self: &Arc<Self>, admission: &Admission<'_>) -> Result<Found, Failure> {
        let Source::File { folder, name } = admission.opened.payload.source().clone() else {
            // Scopes allow hosts and the private bucket only where an origin for them exists.
            return Err(Failure::NotFound);
        };
        let edge = Arc::clone(self);
        tokio::task::spawn_blocking(move || edge.folders.find(&folder, &name, &edge.tag_key))
            .await
            .unwrap_or(Err(Failure::Origin))
    }

    fn deadline(&self, admission: &Admission<'_>) -> Deadline {
        let end = admission.opened.payload.window().valid_until();
        Deadline {
            clock: Arc::clone(&self.clock),
            last: UnixSeconds(end.0.saturating_add(self.overrun)),
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
fn with_text((mut head, text): (Head, String), method: &Method) -> Response<Body> {
    head.headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(text.len()));
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        Body::text(text)
    };
    with_body(head, body)
}
