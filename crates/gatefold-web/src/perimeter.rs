//! The rules for every request, whatever it asks for, as one service around all routes.
//!
//! ```text
//! request id
//!   size      URL and headers                      414, 431
//!   host      this site's name                     400, 421; another loopback name: redirect
//!   cors      a browser's question for a page      204, 403
//!   writes    cookies and Origin                   403
//!     routes  limits, viewer, handler              panic: 500
//! problems    JSON for programs, a page for people
//! headers     security, CORS, request id
//! ```
//!
//! Each rule is a module with a table of what it lets through.

pub(crate) mod cors;
pub(crate) mod headers;
pub(crate) mod host;
pub(crate) mod panics;
pub(crate) mod pattern;
pub(crate) mod request_id;
pub(crate) mod size;
#[cfg(test)]
mod tests;
pub(crate) mod writes;

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, header};
use tokio::time::Instant;
use tower_service::Service;
use tracing::Instrument;

use self::{
    headers::{Policies, Policy},
    pattern::OriginPattern,
    request_id::{RequestId, RequestIds},
};
use crate::{
    credentials,
    error::Problem,
    metrics::Metrics,
    pages::{ErrorPage, Page},
    site::{Addressed, Site},
};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What the rules go by.
pub(crate) struct Rules {
    pub(crate) site: Site,
    /// What browsers may do with its answers.
    pub(crate) policies: Policies,
    /// What the site is called, for the page of an error.
    pub(crate) name: Box<str>,
    /// Who else may read answers, and write with cookies.
    pub(crate) origins: Vec<OriginPattern>,
    pub(crate) ids: RequestIds,
    pub(crate) metrics: Arc<Metrics>,
}

/// The rules around a service.
#[derive(Clone)]
pub(crate) struct Perimeter<S> {
    rules: Arc<Rules>,
    inner: S,
}

/// How a request's sender wants to be told: what a person sees in a browser, or JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    Page,
    Json,
}

/// What a route is for. In the extensions of a request, and of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// Programs: problems are JSON, whoever asks.
    Api,
    /// People, and programs that stand for them.
    Page,
}

/// The name under which a request came, which is one of the site's.
#[derive(Clone, Debug)]
pub(crate) struct HostName(pub(crate) Box<str>);

/// What is remembered of a request for its answer.
struct Asked {
    id: RequestId,
    method: Method,
    wants: Wants,
    /// Its origin, when that may read the answer.
    reader: Option<HeaderValue>,
}

impl<S> Perimeter<S> {
    pub(crate) fn new(rules: Arc<Rules>, inner: S) -> Self {
        Self { rules, inner }
    }
}

impl<S, B> Service<Request<B>> for Perimeter<S>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that is ready is the one that is called.
        let spare = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, spare);
        let rules = Arc::clone(&self.rules);
        let asked = rules.asked(&request);
        let span = tracing::info_span!("request", id = asked.id.as_str(), method = %asked.method);
        let answering = async move {
            let counted = InFlight::begin(&rules.metrics);
            let answer = match rules.admit(request, &asked) {
                Ok(request) => run(inner, request).await,
                Err(answer) => *answer,
            };
            let answer = rules.finish(answer, &asked);
            counted.answered(&asked.method, answer.status());
            tracing::debug!(status = answer.status().as_u16(), "answered");
            Ok(answer)
        };
        Box::pin(answering.instrument(span))
    }
}

/// A request that is being answered, for as long as whoever asked stays.
struct InFlight<'a> {
    metrics: &'a Metrics,
    since: Instant,
}

impl<'a> InFlight<'a> {
    fn begin(metrics: &'a Metrics) -> Self {
        metrics.began();
        Self {
            metrics,
            since: Instant::now(),
        }
    }

    fn answered(self, method: &Method, status: StatusCode) {
        self.metrics.answered(method, status, self.since.elapsed());
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.metrics.ended();
    }
}

/// Answers, whatever happens in there.
async fn run<S>(mut inner: S, request: Request<Body>) -> Response
where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
{
    match panics::caught(async move { inner.call(request).await }).await {
        Some(Ok(response)) => response,
        Some(Err(never)) => match never {},
        None => Problem::panicked().into_response(),
    }
}

impl Rules {
    fn asked<B>(&self, request: &Request<B>) -> Asked {
        Asked {
            id: self.ids.next(),
            method: request.method().clone(),
            wants: Wants::of(request),
            reader: cors::allowed(request.headers(), &self.origins).cloned(),
        }
    }

    /// The request, when it may go on; otherwise its answer.
    fn admit<B>(&self, request: Request<B>, asked: &Asked) -> Result<Request<Body>, Box<Response>>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let refuse = |problem: Problem| Box::new(problem.into_response());
        size::check(request.uri(), request.headers()).map_err(refuse)?;
        let (addressed, host) =
            host::check(request.headers(), request.uri(), &self.site).map_err(refuse)?;
        if cors::is_preflight(request.method(), request.headers()) {
            return Err(Box::new(preflight(asked)));
        }
        if addressed == Addressed::OtherName && asked.is_visit() {
            // Cookies and links belong to one name.
            let path = request
                .uri()
                .path_and_query()
                .map_or("/", |path| path.as_str());
            let there = format!("{}{path}", self.site.origin());
            return Err(Box::new(Redirect::temporary(&there).into_response()));
        }
        let has_cookie = credentials::has_cookie(request.headers(), &self.site);
        writes::check(
            request.method(),
            request.headers(),
            has_cookie,
            &self.site,
            host,
            &self.origins,
        )
        .map_err(refuse)?;
        let host = HostName(host.into());
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(host);
        request.extensions_mut().insert(asked.wants);
        Ok(request)
    }

    fn finish(&self, mut answer: Response, asked: &Asked) -> Response {
        if let Some(problem) = answer.extensions_mut().remove::<Problem>() {
            answer = self.tell(answer, &problem, asked);
        }
        let policy = answer.extensions().get::<Policy>().copied();
        let headers = answer.headers_mut();
        headers::secure(
            headers,
            policy.unwrap_or_default(),
            &self.policies,
            &self.site,
        );
        if let Some(origin) = &asked.reader {
            cors::allow(headers, origin);
        }
        if !self.origins.is_empty() {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(id) = asked.id.header() {
            headers.insert(HeaderName::from_static("x-request-id"), id);
        }
        answer
    }

    /// A problem in the form that its reader can use, with what its answer says besides.
    fn tell(&self, answer: Response, problem: &Problem, asked: &Asked) -> Response {
        problem.log(asked.id.as_str());
        let is_api = answer.extensions().get() == Some(&Surface::Api);
        let (mut parts, _) = answer.into_parts();
        if parts.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            parts.headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        let told = match asked.wants {
            Wants::Page if !is_api => {
                Page::new(ErrorPage::new(&self.name, problem, asked.id.as_str())).into_response()
            }
            Wants::Page | Wants::Json => (
                [(header::CONTENT_TYPE, "application/json")],
                problem.to_json(asked.id.as_str()),
            )
                .into_response(),
        };
        let (told, body) = told.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.extend(told.headers);
        parts.extensions.extend(told.extensions);
        Response::from_parts(parts, body)
    }
}

fn preflight(asked: &Asked) -> Response {
    if asked.reader.is_none() {
        return cors::NOT_ALLOWED.into_response();
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    cors::answer_preflight(response.headers_mut());
    response
}

impl Wants {
    fn of<B>(request: &Request<B>) -> Self {
        let mut accepted = request.headers().get_all(header::ACCEPT).iter();
        let is_page = accepted.any(|value| {
            let value = value.to_str().unwrap_or_default();
            value.to_ascii_lowercase().contains("text/html")
        });
        if is_page { Self::Page } else { Self::Json }
    }
}

impl Asked {
    /// Whether somebody opens an address in a browser.
    fn is_visit(&self) -> bool {
        self.wants == Wants::Page && matches!(self.method, Method::GET | Method::HEAD)
    }
}
