//! The heads of answers to requests for public objects.

use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::{ByteRange, MediaType};

fn object(name: &str, len: Option<u64>) -> Object {
    let modified = UNIX_EPOCH.checked_add(Duration::from_hours(24));
    Object::new(len, MediaType::of_name(name), Some("\"v1\""), modified)
}

/// The lines of a head that are named, without those that are not there.
fn lines(head: &Head, names: &[&str]) -> Vec<String> {
    let line = |name: &&str| {
        let value = head.headers.get(*name)?.to_str().unwrap();
        Some(format!("{name}: {value}"))
    };
    names.iter().filter_map(line).collect()
}

/// What every answer for a public object has.
fn assert_is_for_everybody(head: &Head) {
    let names = [
        "access-control-allow-origin",
        "access-control-expose-headers",
        "cross-origin-resource-policy",
        "x-content-type-options",
        "content-security-policy",
        "access-control-allow-credentials",
        "set-cookie",
        "vary",
    ];
    assert_eq!(
        lines(head, &names),
        [
            "access-control-allow-origin: *",
            "access-control-expose-headers: Accept-Ranges, Content-Length, Content-Range, ETag",
            "cross-origin-resource-policy: cross-origin",
            "x-content-type-options: nosniff",
            "content-security-policy: sandbox; default-src 'none'",
        ]
    );
}

#[test]
fn a_public_object_is_kept_and_an_error_of_a_request_is_not() {
    let part = Plan::Part(ByteRange { first: 2, last: 4 });
    let kept = [
        "cache-control: public, max-age=3600",
        "cdn-cache-control: public, max-age=31536000",
    ];
    let never = ["cache-control: no-store"];
    let typed = |len| {
        [
            "content-type: audio/mpeg".to_owned(),
            format!("content-length: {len}"),
        ]
    };
    for (plan, status, caching, body, range) in [
        (Plan::Whole, 200, &kept[..], Some(10), None),
        (
            part,
            206,
            &kept[..],
            Some(3),
            Some("content-range: bytes 2-4/10"),
        ),
        (Plan::NotModified, 304, &kept[..], None, None),
        (Plan::PreconditionFailed, 412, &never[..], None, None),
        (
            Plan::Unsatisfiable,
            416,
            &never[..],
            None,
            Some("content-range: bytes */10"),
        ),
    ] {
        let head = public(&object("a.mp3", Some(10)), plan);
        assert_eq!(head.status.as_u16(), status);
        assert_is_for_everybody(&head);
        assert_eq!(
            lines(&head, &["cache-control", "cdn-cache-control"]),
            caching
        );
        let described = ["content-type", "content-length"];
        let body = body.map_or_else(Vec::new, |len| typed(len).to_vec());
        assert_eq!(lines(&head, &described), body, "{plan:?}");
        let range: Vec<_> = range.into_iter().collect();
        assert_eq!(lines(&head, &["content-range"]), range, "{plan:?}");
        assert_eq!(
            lines(&head, &["etag", "last-modified", "accept-ranges"]),
            [
                "etag: \"v1\"",
                "last-modified: Fri, 02 Jan 1970 00:00:00 GMT",
                "accept-ranges: bytes",
            ],
            "{plan:?}"
        );
    }
}

#[test]
fn what_is_no_medium_is_downloaded_and_what_has_no_length_has_no_parts() {
    let names = ["content-type", "content-disposition"];
    let page = public(&object("a.html", Some(10)), Plan::Whole);
    assert_eq!(
        lines(&page, &names),
        [
            "content-type: application/octet-stream",
            "content-disposition: attachment",
        ]
    );
    let endless = public(&object("a.ogg", None), Plan::Whole);
    assert_eq!(
        lines(&endless, &["accept-ranges", "content-length"]),
        ["accept-ranges: none"]
    );
}

#[test]
fn refusals_of_public_objects_are_the_same_for_everybody() {
    let not_found = failed_public(Failure::NotFound);
    let origin = failed_public(Failure::Origin);
    for ((head, body), status, code) in [
        (not_found, 404, "not_found"),
        (origin, 502, "origin_failed"),
        (public_method(), 405, "method_not_allowed"),
    ] {
        assert_eq!(head.status.as_u16(), status);
        assert_is_for_everybody(&head);
        assert_eq!(
            lines(
                &head,
                &["cache-control", "cdn-cache-control", "content-type"]
            ),
            ["cache-control: no-store", "content-type: application/json"],
            "{code}"
        );
        let allow: &[&str] = if status == 405 {
            &["allow: GET, HEAD, OPTIONS"]
        } else {
            &[]
        };
        assert_eq!(lines(&head, &["allow"]), allow, "{code}");
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["code"], code);
    }
}

#[test]
fn any_page_may_ask_for_parts_of_public_objects() {
    let head = public_preflight();
    assert_eq!(head.status, StatusCode::NO_CONTENT);
    assert_is_for_everybody(&head);
    let names = [
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-max-age",
        "content-type",
    ];
    assert_eq!(
        lines(&head, &names),
        [
            "access-control-allow-methods: GET, HEAD",
            "access-control-allow-headers: Range, If-Range, If-None-Match",
            "access-control-max-age: 600",
        ]
    );
}
