//! Who asks: a handler takes one of these to be reached at all.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use subtle::ConstantTimeEq;

use super::Admin;
use crate::edge::public;

/// Somebody who may change something: the token was shown.
pub(super) struct Operator;

/// Somebody who may read: on loopback everybody, elsewhere who shows the token.
pub(super) struct Reader;

impl FromRequestParts<Arc<Admin>> for Operator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self, Response> {
        let mut shown = parts.headers.get_all(header::AUTHORIZATION).into_iter();
        let token = match (shown.next(), shown.next()) {
            (Some(one), None) => one.as_bytes().strip_prefix(b"Bearer "),
            _ => None,
        };
        let expected = admin.token.expose().as_bytes();
        if token.is_some_and(|token| bool::from(token.ct_eq(expected))) {
            return Ok(Self);
        }
        let mut refusal = public::refusal(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "show the admin token: `Authorization: Bearer …`",
        );
        let scheme = HeaderValue::from_static("Bearer");
        refusal
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, scheme);
        Err(refusal)
    }
}

impl FromRequestParts<Arc<Admin>> for Reader {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, admin: &Arc<Admin>) -> Result<Self, Response> {
        if !admin.is_open {
            Operator::from_request_parts(parts, admin).await?;
        }
        Ok(Self)
    }
}
