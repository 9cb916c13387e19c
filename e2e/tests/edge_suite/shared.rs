//! What answers have in common.

use gatefold_e2e::{Result, http::Answer, keys::SITE};
use http::StatusCode;
use serde_json::{Value, json};

/// Every header that an edge may send. What an origin says beyond these is the origin's business.
const KNOWN: &[&str] = &[
    "accept-ranges",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "allow",
    "cache-control",
    "cdn-cache-control",
    "connection",
    "content-disposition",
    "content-length",
    "content-range",
    "content-security-policy",
    "content-type",
    "cross-origin-resource-policy",
    "date",
    "etag",
    "last-modified",
    "retry-after",
    "vary",
    "x-content-type-options",
];

/// What holds for every answer, whatever its status.
pub(crate) fn assert_hardened(answer: &Answer, what: &str) {
    for name in answer.headers.keys() {
        assert!(KNOWN.contains(&name.as_str()), "{what}: sends {name}");
    }
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(
        answer.header("content-security-policy"),
        "sandbox; default-src 'none'",
        "{what}"
    );
}

/// A header of an opened answer besides those that depend on the object.
pub(crate) fn assert_opened(answer: &Answer, what: &str) {
    assert_hardened(answer, what);
    assert_eq!(answer.header("cdn-cache-control"), "no-store", "{what}");
    assert_eq!(answer.header("accept-ranges"), "bytes", "{what}");
    assert_eq!(answer.header("access-control-allow-origin"), SITE, "{what}");
    let vary = answer.header("vary").to_lowercase();
    assert!(vary.contains("origin"), "{what}: varies by {vary}");
    let tag = answer.header("etag");
    assert!(
        tag.starts_with('"') && tag.ends_with('"') && tag.len() > 16,
        "{what}: {tag}"
    );
}

/// An error: nothing to keep, nothing for other sites, nothing about the object.
pub(crate) fn assert_unkept(answer: &Answer, what: &str) {
    assert_hardened(answer, what);
    assert_eq!(
        answer.header("cache-control"),
        "private, no-store",
        "{what}"
    );
    assert_eq!(answer.header("content-type"), "application/json", "{what}");
    for name in ["Cookie", "Authorization"] {
        assert!(answer.header("vary").contains(name), "{what}: {name}");
    }
    for name in ["etag", "last-modified", "content-range", "accept-ranges"] {
        assert!(!answer.headers.contains_key(name), "{what}: tells {name}");
    }
}

/// What every refusal has in common.
pub(crate) fn assert_refused(answer: &Answer, stage: &str, code: &str, what: &str) -> Result {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}: {answer:?}");
    assert_unkept(answer, what);
    let cors = |name: &http::HeaderName| name.as_str().starts_with("access-control-");
    assert!(!answer.headers.keys().any(cors), "{what}: {answer:?}");
    let said = answer.json()?;
    let told = (said.get("stage"), said.get("code"));
    assert_eq!(told, (Some(&json!(stage)), Some(&json!(code))), "{what}");
    assert!(said.get("detail").is_some_and(Value::is_string), "{what}");
    Ok(())
}
