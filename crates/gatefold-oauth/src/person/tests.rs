//! What is sent, and how refusals are read.

use super::*;

fn reply(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
    let headers = headers.iter().map(|(name, value)| {
        let value = HeaderValue::from_str(value).unwrap();
        (HeaderName::from_static(name), value)
    });
    Reply {
        status: StatusCode::from_u16(status).unwrap(),
        headers: headers.collect(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

#[test]
fn a_call_has_a_name_of_three_parts() {
    for (nsid, good) in [
        ("com.atproto.repo.createRecord", true),
        ("fm.plyr.track", true),
        ("a.b", false),
        ("", false),
        ("a..b", false),
        ("a.b.c?d", false),
        ("a.b.c/d", false),
        ("a.b.c d", false),
        ("../a.b.c", false),
    ] {
        assert_eq!(is_nsid(nsid), good, "{nsid}");
    }
    assert!(!is_nsid(&format!("a.b.{}", "c".repeat(MAX_NSID))));
}

#[test]
fn refusals_are_told_apart() {
    let now = Timestamp::from_millis(1_000_000_000);
    let read = |status, headers: &[(&'static str, &str)], body| {
        format!("{:?}", refusal(&reply(status, headers, body), now))
    };
    let scope = r#"DPoP error="insufficient_scope", scope="x""#;
    let expired = r#"DPoP error="invalid_token", error_description="exp""#;
    for (status, headers, body, expected) in [
        (
            403,
            &[][..],
            r#"{"error":"ScopeMissingError"}"#,
            "ScopeMissing",
        ),
        (403, &[("www-authenticate", scope)], "", "ScopeMissing"),
        (
            403,
            &[],
            r#"{"error":"Forbidden"}"#,
            "Invalid { status: 403, code: Forbidden }",
        ),
        (
            400,
            &[],
            r#"{"error":"InvalidSwap"}"#,
            "Invalid { status: 400, code: InvalidSwap }",
        ),
        (404, &[], "<html>", "Invalid { status: 404, code: unknown }"),
        (
            401,
            &[],
            r#"{"error":"AuthMissing"}"#,
            "Invalid { status: 401, code: AuthMissing }",
        ),
        (401, &[("www-authenticate", expired)], "", "Unavailable"),
        (401, &[], r#"{"error":"use_dpop_nonce"}"#, "Unavailable"),
        (429, &[], "", "RateLimited { retry_after: None }"),
        (
            429,
            &[("retry-after", "7")],
            "",
            "RateLimited { retry_after: Some(7s) }",
        ),
        (
            429,
            &[("ratelimit-reset", "1000009")],
            "",
            "RateLimited { retry_after: Some(9s) }",
        ),
        (
            429,
            &[("ratelimit-reset", "9")],
            "",
            "RateLimited { retry_after: Some(0ns) }",
        ),
        (
            429,
            &[("retry-after", "soon")],
            "",
            "RateLimited { retry_after: None }",
        ),
        (
            500,
            &[],
            r#"{"error":"InternalServerError"}"#,
            "Unavailable",
        ),
        (502, &[], "<html>", "Unavailable"),
        (302, &[], "", "Unavailable"),
    ] {
        assert_eq!(read(status, headers, body), expected, "{status} {body}");
    }
}

#[test]
fn an_answer_is_read_as_what_is_expected() {
    assert!(read::<Value>(&reply(200, &[], "{}")).is_ok());
    assert!(read::<()>(&reply(200, &[], "")).is_ok());
    assert!(read::<Uploaded>(&reply(200, &[], "{}")).is_err());
    assert!(read::<Value>(&reply(200, &[], "<html>")).is_err());
    let blob = Blob {
        cid: "bafy".to_owned(),
        mime_type: "audio/mpeg".to_owned(),
        size: 7,
    };
    let body = json!({"blob": blob.to_json()}).to_string();
    let read: Uploaded = read(&reply(200, &[], &body)).unwrap();
    assert_eq!(read.blob.reference.link, "bafy");
    assert_eq!(read.blob.mime_type, "audio/mpeg");
    assert_eq!(read.blob.size, 7);
}
