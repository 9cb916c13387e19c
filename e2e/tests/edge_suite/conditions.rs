//! Conditional requests, and the entity tags that they are made with.

use std::collections::BTreeSet;

use gatefold_e2e::{
    Result,
    http::{sha256, with},
    keys::LONGEST,
    subject::{Subject, window_since},
};
use http::{Method, StatusCode};

use crate::{over_every_origin, shared::assert_hardened};

over_every_origin![
    what_a_client_has_is_not_sent_again,
    a_part_is_of_the_version_that_was_asked_for,
    a_tag_is_the_same_in_every_window_and_for_every_minter,
    every_object_has_its_own_tag,
    a_date_decides_where_no_tag_does,
];

async fn what_a_client_has_is_not_sent_again(subject: &Subject) -> Result {
    let link = subject.link("small.wav")?;
    let tag = subject.answer(link.ask(Method::HEAD)).await?.header("etag");
    for (tags, status) in [
        (tag.clone(), StatusCode::NOT_MODIFIED),
        (format!("W/{tag}"), StatusCode::NOT_MODIFIED),
        (format!("\"x\", {tag}, \"y\""), StatusCode::NOT_MODIFIED),
        ("*".to_owned(), StatusCode::NOT_MODIFIED),
        ("\"x\"".to_owned(), StatusCode::OK),
        (tag.trim_matches('"').to_owned(), StatusCode::OK),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let asking = with(link.ask(method.clone()), "if-none-match", &tags);
            let answer = subject.answer(asking).await?;
            assert_eq!(answer.status, status, "{method} {tags}");
            assert_eq!(answer.header("etag"), tag, "{method} {tags}");
            assert_hardened(&answer, &tags);
            if status == StatusCode::NOT_MODIFIED {
                assert!(answer.body.is_empty(), "{method} {tags}");
                assert!(
                    answer
                        .header("cache-control")
                        .starts_with("private, max-age="),
                    "{tags}"
                );
            }
        }
    }
    for (tags, status) in [
        (tag.clone(), StatusCode::OK),
        ("*".to_owned(), StatusCode::OK),
        (format!("\"x\", {tag}"), StatusCode::OK),
        ("\"x\"".to_owned(), StatusCode::PRECONDITION_FAILED),
        // A weak tag says too little here (RFC 9110, 13.1.1).
        (format!("W/{tag}"), StatusCode::PRECONDITION_FAILED),
    ] {
        let answer = subject.answer(link.get_with("if-match", &tags)).await?;
        assert_eq!(answer.status, status, "if-match: {tags}");
        assert_hardened(&answer, &tags);
    }
    // The first condition decides before the second (RFC 9110, 13.2.2).
    let both = with(link.get_with("if-match", "\"x\""), "if-none-match", &tag);
    assert_eq!(
        subject.answer(both).await?.status,
        StatusCode::PRECONDITION_FAILED
    );
    // And before the range.
    let known = with(link.get_with("range", "bytes=0-0"), "if-none-match", &tag);
    assert_eq!(
        subject.answer(known).await?.status,
        StatusCode::NOT_MODIFIED
    );
    Ok(())
}

async fn a_part_is_of_the_version_that_was_asked_for(subject: &Subject) -> Result {
    let object = subject.object("small.wav")?;
    let link = subject.link(object.name)?;
    let head = subject.answer(link.ask(Method::HEAD)).await?;
    let tag = head.header("etag");
    for (condition, status) in [
        (tag.as_str(), StatusCode::PARTIAL_CONTENT),
        ("\"x\"", StatusCode::OK),
        (&format!("W/{tag}"), StatusCode::OK),
        ("Thu, 01 Jan 2026 00:00:00 GMT", StatusCode::OK),
    ] {
        let asking = with(link.get_with("range", "bytes=10-19"), "if-range", condition);
        let answer = subject.answer(asking).await?;
        assert_eq!(answer.status, status, "{condition}");
        let bytes = if status == StatusCode::OK {
            &object.bytes[..]
        } else {
            &object.bytes[10..20]
        };
        assert_eq!(answer.hash(), sha256(bytes), "{condition}");
    }
    Ok(())
}

async fn a_tag_is_the_same_in_every_window_and_for_every_minter(subject: &Subject) -> Result {
    let name = "small.wav";
    let link = subject.link(name)?;
    let tag = subject.answer(link.ask(Method::HEAD)).await?.header("etag");
    let patient = &subject.keys.patient;
    let client = subject.kind.client();
    for since in [10, 400, 1810] {
        let window = window_since(since, LONGEST)?;
        let other = subject.seal(patient, name, client, window)?;
        assert_ne!(other.path, link.path);
        let answer = subject
            .answer(other.get_with("if-none-match", &tag))
            .await?;
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "since {since}");
    }
    Ok(())
}

async fn every_object_has_its_own_tag(subject: &Subject) -> Result {
    let mut tags = BTreeSet::new();
    for object in &subject.objects {
        let link = subject.link(object.name)?;
        tags.insert(subject.answer(link.ask(Method::HEAD)).await?.header("etag"));
    }
    assert_eq!(tags.len(), subject.objects.len(), "{tags:?}");
    Ok(())
}

async fn a_date_decides_where_no_tag_does(subject: &Subject) -> Result {
    let link = subject.link("small.wav")?;
    let head = subject.answer(link.ask(Method::HEAD)).await?;
    let (tag, modified) = (head.header("etag"), head.header("last-modified"));
    let future = "Fri, 01 Jan 2100 00:00:00 GMT";
    let past = "Thu, 01 Jan 1998 00:00:00 GMT";
    assert!(!modified.is_empty(), "each of these origins knows a time");
    for (name, value, status) in [
        (
            "if-modified-since",
            modified.as_str(),
            StatusCode::NOT_MODIFIED,
        ),
        ("if-modified-since", future, StatusCode::NOT_MODIFIED),
        ("if-modified-since", past, StatusCode::OK),
        ("if-modified-since", "yesterday", StatusCode::OK),
        ("if-unmodified-since", modified.as_str(), StatusCode::OK),
        ("if-unmodified-since", past, StatusCode::PRECONDITION_FAILED),
        ("if-unmodified-since", "yesterday", StatusCode::OK),
    ] {
        let answer = subject.answer(link.get_with(name, value)).await?;
        assert_eq!(answer.status, status, "{name}: {value}");
    }
    // A tag decides alone.
    let asking = with(
        link.get_with("if-none-match", "\"x\""),
        "if-modified-since",
        future,
    );
    assert_eq!(subject.answer(asking).await?.status, StatusCode::OK);
    let asking = with(link.get_with("if-match", &tag), "if-unmodified-since", past);
    assert_eq!(subject.answer(asking).await?.status, StatusCode::OK);
    Ok(())
}
