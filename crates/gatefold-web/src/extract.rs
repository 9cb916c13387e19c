//! What a request says: its query and its body, or why they cannot be read.

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Query, Request},
};
use bytes::Bytes;
use http::{StatusCode, header, request::Parts};
use serde::de::DeserializeOwned;

use crate::{error::Problem, state::WebState};

/// The query of an address.
pub(crate) struct QueryOf<T>(pub(crate) T);

/// A form that was sent.
pub(crate) struct FormOf<T>(pub(crate) T);

/// JSON that was sent. Only as such: a page elsewhere can have a browser send a form, and any text,
/// without asking first.
pub(crate) struct JsonOf<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<WebState> for QueryOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &WebState) -> Result<Self, Problem> {
        // What stood there is not repeated: it may be a token.
        let query = Query::try_from_uri(&parts.uri).map_err(|_| BAD_QUERY)?;
        Ok(Self(query.0))
    }
}

impl<T: DeserializeOwned + 'static> FromRequest<WebState> for FormOf<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Problem> {
        let form = Form::from_request(request, state).await;
        form.map(|Form(form)| Self(form)).map_err(|_| BAD_FORM)
    }
}

impl<T: DeserializeOwned> FromRequest<WebState> for JsonOf<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &WebState) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(NOT_JSON);
        }
        let bytes = Bytes::from_request(request, state).await;
        let bytes = bytes.map_err(|_| BAD_JSON)?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|_| BAD_JSON)
    }
}

const BAD_QUERY: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "invalid_query",
    "the address's parameters are incomplete or given twice",
);

const BAD_FORM: Problem = Problem::new(
    StatusCode::UNPROCESSABLE_ENTITY,
    "invalid_form",
    "the form is incomplete, or a field does not hold what it should",
);

const BAD_JSON: Problem = Problem::new(
    StatusCode::UNPROCESSABLE_ENTITY,
    "invalid_body",
    "the body is not the JSON that this address takes",
);

const NOT_JSON: Problem = Problem::new(
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    "not_json",
    "send the body as application/json",
);
