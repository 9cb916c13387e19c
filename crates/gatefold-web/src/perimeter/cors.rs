//! Pages of other origins that may read answers: those that the operator names, and no others.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::{pattern::OriginPattern, writes::single_origin};
use crate::error::Problem;

/// What a page may ask with.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
/// What a page may say, besides what every page may.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, if-match, if-none-match, if-range, range",
);
/// What a page may read, besides what every page may.
const ANSWER_HEADERS: HeaderValue = HeaderValue::from_static(
    "content-disposition, content-range, etag, location, ratelimit-limit, ratelimit-remaining, \
     ratelimit-reset, retry-after, x-request-id, x-support-required",
);
/// For how long a browser need not ask again whether it may ask.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// The origin of a request, when it is one that may read answers.
pub(crate) fn allowed<'a>(
    headers: &'a HeaderMap,
    origins: &[OriginPattern],
) -> Option<&'a HeaderValue> {
    let origin = single_origin(headers)?;
    let is_allowed = origins.iter().any(|pattern| pattern.matches(origin));
    headers.get(header::ORIGIN).filter(|_| is_allowed)
}

/// Whether a request is a browser's question of whether a page may ask something.
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Refuses such a question of an origin that is not named.
pub(crate) const NOT_ALLOWED: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "origin_not_allowed",
    "pages of this origin may not use this site: its operator has not named it",
);

/// Says on an answer that its origin may read it.
pub(crate) fn allow(headers: &mut HeaderMap, origin: &HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        HeaderValue::from_static("true"),
    );
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS);
    // Loaded by whom may read it anyway.
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
}

/// Says on the answer to a browser's question what its page may ask.
pub(crate) fn answer_preflight(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_origins_may_read() {
        let origins = ["https://*.example.com".parse().unwrap()];
        for (values, is_allowed) in [
            (vec![], false),
            (vec!["https://app.example.com"], true),
            (vec!["https://evil.example"], false),
            (vec!["null"], false),
            (
                vec!["https://app.example.com", "https://app.example.com"],
                false,
            ),
        ] {
            let mut headers = HeaderMap::new();
            for value in &values {
                headers.append(header::ORIGIN, HeaderValue::from_static(value));
            }
            let found = allowed(&headers, &origins);
            assert_eq!(found.is_some(), is_allowed, "{values:?}");
            assert!(allowed(&headers, &[]).is_none());
        }
    }

    #[test]
    fn a_question_is_known_by_its_method_and_headers() {
        for (method, names, is) in [
            (
                Method::OPTIONS,
                vec!["origin", "access-control-request-method"],
                true,
            ),
            (Method::OPTIONS, vec!["origin"], false),
            (
                Method::OPTIONS,
                vec!["access-control-request-method"],
                false,
            ),
            (
                Method::POST,
                vec!["origin", "access-control-request-method"],
                false,
            ),
        ] {
            let mut headers = HeaderMap::new();
            for name in &names {
                headers.insert(*name, HeaderValue::from_static("x"));
            }
            assert_eq!(is_preflight(&method, &headers), is, "{method} {names:?}");
        }
    }
}
