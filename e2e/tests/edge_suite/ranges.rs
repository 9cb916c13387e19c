//! Parts of objects.

use gatefold_e2e::{
    Result,
    edge::SLICE,
    http::{sha256, with},
    subject::Subject,
};
use http::{Method, StatusCode};

use crate::{over_every_origin, shared::assert_opened};

over_every_origin![
    a_part_is_a_part_of_the_object,
    what_is_no_range_gets_the_whole,
    several_ranges_are_never_more_than_the_object,
    what_lies_outside_is_not_satisfiable,
];

async fn a_part_is_a_part_of_the_object(subject: &Subject) -> Result {
    let object = subject.object("long.mp3")?;
    let link = subject.link(object.name)?;
    let len = object.bytes.len();
    let end = len - 1;
    for (range, first, last) in [
        ("bytes=0-0".to_owned(), 0, 0),
        ("bytes=0-".to_owned(), 0, end),
        ("bytes=0-1023".to_owned(), 0, 1023),
        // Around the edges of slices, of whatever size they are.
        (format!("bytes={}-{}", SLICE - 1, SLICE), SLICE - 1, SLICE),
        (
            format!("bytes={SLICE}-{}", 2 * SLICE - 1),
            SLICE,
            2 * SLICE - 1,
        ),
        (
            format!("bytes={}-{}", SLICE - 7, 3 * SLICE + 7),
            SLICE - 7,
            3 * SLICE + 7,
        ),
        ("bytes=1000000-2100000".to_owned(), 1_000_000, 2_100_000),
        ("bytes=-1".to_owned(), end, end),
        ("bytes=-500000".to_owned(), len - 500_000, end),
        (format!("bytes=-{len}"), 0, end),
        ("bytes=-99999999999999999999999".to_owned(), 0, end),
        (format!("bytes={}-", len - 100_000), len - 100_000, end),
        (format!("bytes={end}-"), end, end),
        (format!("bytes={end}-99999999999999999999999"), end, end),
        ("BYTES=5-6".to_owned(), 5, 6),
    ] {
        let answer = subject.answer(link.get_with("range", &range)).await?;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_opened(&answer, &range);
        assert_eq!(
            answer.header("content-range"),
            format!("bytes {first}-{last}/{len}"),
            "{range}"
        );
        assert_eq!(
            answer.header("content-length"),
            (last + 1 - first).to_string(),
            "{range}"
        );
        assert_eq!(answer.header("content-type"), object.media_type, "{range}");
        assert_eq!(
            answer.hash(),
            sha256(&object.bytes[first..=last]),
            "{range}"
        );
    }
    Ok(())
}

async fn what_is_no_range_gets_the_whole(subject: &Subject) -> Result {
    let object = subject.object("slice.flac")?;
    let link = subject.link(object.name)?;
    let whole = sha256(&object.bytes);
    for range in [
        "bytes=5-0",
        "bytes=a-b",
        "bytes=",
        "bytes=-",
        "items=0-1",
        "bytes 0-1",
    ] {
        let answer = subject.answer(link.get_with("range", range)).await?;
        assert_eq!(answer.status, StatusCode::OK, "{range}");
        assert_eq!(answer.hash(), whole, "{range}");
        assert!(answer.header("content-range").is_empty(), "{range}");
    }
    // Only a GET has a range.
    let head = with(link.ask(Method::HEAD), "range", "bytes=0-0");
    let head = subject.answer(head).await?;
    assert_eq!(head.status, StatusCode::OK);
    assert_eq!(
        head.header("content-length"),
        object.bytes.len().to_string()
    );
    // Two lines contradict each other.
    let twice = with(link.get_with("range", "bytes=0-0"), "range", "bytes=5-5");
    assert!(subject.answer(twice).await?.body.len() <= object.bytes.len());
    Ok(())
}

async fn several_ranges_are_never_more_than_the_object(subject: &Subject) -> Result {
    let object = subject.object("slice.flac")?;
    let link = subject.link(object.name)?;
    let len = object.bytes.len();
    let everything = vec!["0-"; 200].join(",");
    for ranges in [
        "0-0,5-5".to_owned(),
        "0-0,-1".to_owned(),
        "0-99,50-149,100-199".to_owned(),
        "10-19,0-9".to_owned(),
        "-1,-2,-3".to_owned(),
        everything,
    ] {
        let asking = link.get_with("range", &format!("bytes={ranges}"));
        let answer = subject.answer(asking).await?;
        assert!(
            answer.body.len() <= len,
            "{ranges}: {} bytes",
            answer.body.len()
        );
        let kind = answer.header("content-type");
        assert_eq!(kind, object.media_type, "{ranges}");
        if answer.status == StatusCode::OK {
            assert_eq!(answer.hash(), sha256(&object.bytes), "{ranges}");
        } else {
            assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{ranges}");
            let said = answer.header("content-range");
            let (first, last) = part(&said).ok_or_else(|| format!("{ranges}: {said}"))?;
            assert_eq!(
                answer.hash(),
                sha256(&object.bytes[first..=last]),
                "{ranges}"
            );
        }
    }
    // One that can be had among others that cannot.
    let answer = subject
        .answer(link.get_with("range", "bytes=9-9,99999999-"))
        .await?;
    assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(answer.body, object.bytes[9..10]);
    Ok(())
}

fn part(content_range: &str) -> Option<(usize, usize)> {
    let (range, _) = content_range.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}

async fn what_lies_outside_is_not_satisfiable(subject: &Subject) -> Result {
    for object in &subject.objects {
        let (what, len) = (object.name, object.bytes.len());
        let link = subject.link(what)?;
        for range in [
            format!("bytes={len}-"),
            "bytes=99999999999-".to_owned(),
            "bytes=-0".to_owned(),
        ] {
            let answer = subject.answer(link.get_with("range", &range)).await?;
            assert_eq!(
                answer.status,
                StatusCode::RANGE_NOT_SATISFIABLE,
                "{what} {range}"
            );
            assert_eq!(
                answer.header("content-range"),
                format!("bytes */{len}"),
                "{what} {range}"
            );
            assert!(answer.body.is_empty(), "{what} {range}");
            assert!(
                !answer.header("cache-control").contains("immutable"),
                "{what} {range}"
            );
        }
    }
    Ok(())
}
