//! `GET /objects/{key}?…&signature=…`: what a signed URL of a bucket in a folder names, for whoever has the
//! URL. Buckets of S3 servers answer theirs themselves.

use axum::{
    extract::{Request, State},
    response::Response,
    routing::get,
};
use gatefold_media::bucket::{SIGNED_PREFIX, SignedUrlRefusal};
use gatefold_seal::{Source, UnixSeconds};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};

use super::tracks::works;
use crate::{
    error::{NOT_FOUND, Problem},
    limits::Class,
    media::granted,
    perimeter::Surface,
    routes::{Access, Route},
    state::WebState,
};

const NOT_SIGNED: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "wrong_signature",
    "this address was not signed here, or has been changed",
);

const EXPIRED: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "expired",
    "this address was good until a while ago: ask for a new one",
);

pub(super) fn route() -> Route {
    Route {
        method: Method::GET,
        path: "/objects/{*key}",
        access: Access::Public,
        surface: Surface::Api,
        class: Class::Files,
        handler: get(object),
    }
}

async fn object(State(state): State<WebState>, request: Request) -> Result<Response, Problem> {
    let works = works(&state)?;
    let signer = works.signer.as_ref().ok_or(NOT_FOUND)?;
    let (request, _) = request.into_parts();
    // As they came: what was signed has one spelling.
    let path = request.uri.path().strip_prefix(SIGNED_PREFIX);
    let query = request.uri.query().unwrap_or_default();
    let now = state.clock.now();
    let opened = signer.open(path.unwrap_or_default(), query, now.into())?;
    let source = format!("private:{}", opened.key.as_str());
    let source = Source::parse(&source, None).map_err(|_| NOT_FOUND)?;
    // Made of whole seconds.
    let seconds = opened.until.as_millis() / 1000;
    let until = UnixSeconds(u64::try_from(seconds).unwrap_or_default());
    let mut response = granted(&works.edge, &request, (&source, until)).await;
    let headers = response.headers_mut();
    if let Some(text) = opened.disposition
        && let Ok(value) = HeaderValue::try_from(text)
    {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    // Whoever has the address has the bytes, from whatever page.
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    Ok(response)
}

impl From<SignedUrlRefusal> for Problem {
    fn from(refusal: SignedUrlRefusal) -> Self {
        match refusal {
            SignedUrlRefusal::NotAuthentic => NOT_SIGNED,
            SignedUrlRefusal::Expired => EXPIRED,
        }
    }
}
