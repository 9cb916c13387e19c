//! The https origin against servers that lie, byte by byte.

mod world;

use bytes::Bytes;

use self::world::*;
use super::*;

#[tokio::test]
async fn a_look_learns_length_version_and_ranges() {
    let settled = format!("Last-Modified: {OLD}\r\nDate: {NOW}\r\n");
    let fresh = format!("Last-Modified: {OLD}\r\nDate: {SOON}\r\n");
    let undated = format!("Last-Modified: {OLD}\r\n");
    let weak = format!("ETag: W/\"one\"\r\n{settled}");
    let unknown_total = "Content-Range: bytes 0-0/*\r\nContent-Length: 1\r\n";
    let empty = format!("Content-Range: bytes */0\r\nContent-Length: 0\r\n{TAG}");
    for (sent, len, version, ranges) in [
        (partial(0, 0, TAG), Some(10), Some(tagged()), true),
        (partial(0, 0, &settled), Some(10), Some(timed()), true),
        (partial(0, 0, &weak), Some(10), Some(timed()), true),
        (partial(0, 0, "ETag: W/\"one\"\r\n"), Some(10), None, true),
        (partial(0, 0, "ETag: one\r\n"), Some(10), None, true),
        (partial(0, 0, &format!("{TAG}{TAG}")), Some(10), None, true),
        (partial(0, 0, &fresh), Some(10), None, true),
        (partial(0, 0, &undated), Some(10), None, true),
        (partial(0, 0, ""), Some(10), None, true),
        (answer("206 X", unknown_total, b"0"), None, None, true),
        (whole(TAG), Some(10), Some(tagged()), false),
        (chunked("200 OK", TAG, OBJECT), None, Some(tagged()), false),
        (chunked("200 OK", &settled, OBJECT), None, None, false),
        (answer("200 OK", "", OBJECT), None, None, false),
        (answer("416 X", &empty, b""), Some(0), Some(tagged()), false),
    ] {
        let shown = String::from_utf8_lossy(&sent).into_owned();
        let world = World::always(sent).await;
        let Looked::Is(found) = world.look(None).await.unwrap() else {
            panic!("nothing was known: {shown}");
        };
        let got = (found.len, found.version, found.ranges);
        assert_eq!(got, (len, version, ranges), "{shown}");
        assert!(world.last_head().contains("range: bytes=0-0\r\n"));
    }
}

#[tokio::test]
async fn a_look_at_what_is_known_says_whether_it_is_that_still() {
    let settled = format!("Last-Modified: {OLD}\r\nDate: {NOW}\r\n");
    let not_modified = answer("304 Not Modified", TAG, b"");
    for (sent, known, unchanged) in [
        (not_modified.clone(), tagged(), true),
        (partial(0, 0, TAG), tagged(), true),
        (partial(0, 0, "ETag: \"two\"\r\n"), tagged(), false),
        (partial(0, 0, ""), tagged(), false),
        (partial(0, 0, &settled), timed(), true),
        (partial(0, 0, &settled), tagged(), false),
        // Parts can no longer be had, which is news.
        (whole(TAG), tagged(), false),
    ] {
        let shown = String::from_utf8_lossy(&sent).into_owned();
        let world = World::always(sent).await;
        let looked = world.look(Some(&known)).await.unwrap();
        assert_eq!(looked == Looked::Unchanged, unchanged, "{shown}");
        let asked = world.last_head().contains("if-none-match: \"one\"\r\n");
        assert_eq!(asked, known == tagged(), "{shown}");
    }
    // Nobody asked for it.
    for known in [None, Some(timed())] {
        let world = World::always(not_modified.clone()).await;
        assert_eq!(world.look(known.as_ref()).await, Err(OriginError::Failed));
    }
}

#[tokio::test]
async fn a_type_is_what_is_stated_or_what_the_name_says() {
    for (stated, expected) in [
        ("Content-Type: audio/x-wav\r\n", "audio/wav"),
        ("Content-Type: application/octet-stream\r\n", "audio/mpeg"),
        ("", "audio/mpeg"),
        ("Content-Type: text/html\r\n", "application/octet-stream"),
        (
            "Content-Type: application/json\r\n",
            "application/octet-stream",
        ),
        ("Content-Type: \u{e9}\r\n", "application/octet-stream"),
    ] {
        let world = World::always(partial(0, 0, stated)).await;
        let Looked::Is(found) = world.look(None).await.unwrap() else {
            panic!("nothing was known: {stated}");
        };
        assert_eq!(found.media_type.as_str(), expected, "{stated}");
    }
}

#[tokio::test]
async fn a_look_that_learns_nothing_is_an_error() {
    let encoded = format!("Content-Encoding: gzip\r\n{TAG}");
    for (sent, expected) in [
        (answer("404 X", "", b""), OriginError::NotFound),
        (answer("410 X", "", b""), OriginError::NotFound),
        (answer("401 X", "", b""), OriginError::Failed),
        (answer("403 X", "", b""), OriginError::Failed),
        (answer("412 X", "", b""), OriginError::Failed),
        (answer("416 X", "", b""), OriginError::Failed),
        (
            answer("416 X", "Content-Range: bytes */9\r\n", b""),
            OriginError::Failed,
        ),
        (answer("500 X", "", b""), OriginError::Failed),
        (answer("204 X", "", b""), OriginError::Failed),
        (partial(1, 1, TAG), OriginError::Failed),
        (partial(0, 1, TAG), OriginError::Failed),
        (
            answer("206 X", "Content-Length: 1\r\n", b"0"),
            OriginError::Failed,
        ),
        (
            answer("206 X", "Content-Range: bytes 0-0/10\r\n", b"01"),
            OriginError::Failed,
        ),
        (
            answer("206 X", "Content-Range: bytes 0-0/10\r\n", b""),
            OriginError::Failed,
        ),
        (whole(&encoded), OriginError::Failed),
        (partial(0, 0, &encoded), OriginError::Failed),
        (b"nonsense\r\n\r\n".to_vec(), OriginError::Failed),
        (Vec::new(), OriginError::Failed),
        (
            answer("302 X", "Location: https://b.example/\r\n", b""),
            OriginError::Refused,
        ),
        (
            answer("302 X", "Location: http://a.example/\r\n", b""),
            OriginError::Refused,
        ),
        (
            answer("302 X", "Location: /song.mp3\r\n", b""),
            OriginError::Refused,
        ),
        (answer("302 X", "", b""), OriginError::Refused),
    ] {
        let shown = String::from_utf8_lossy(&sent).into_owned();
        let world = World::always(sent).await;
        assert_eq!(world.look(None).await, Err(expected), "{shown}");
    }
}

#[tokio::test]
async fn only_allowed_hosts_are_asked_and_redirects_inside_are_followed() {
    let world = World::new(|head| {
        let inside = answer("302 X", "Location: /other\r\nContent-Length: 0\r\n", b"");
        let sent = if head.starts_with("GET /other ") {
            partial(0, 0, TAG)
        } else {
            inside
        };
        (sent, Then::Close)
    })
    .await;
    assert!(matches!(world.look(None).await, Ok(Looked::Is(_))));
    for url in [
        "https://b.example/song.mp3",
        "https://c.example/song.mp3",
        "https://a.example:8443/song.mp3",
        "https://127.0.0.1/song.mp3",
        "http://a.example/song.mp3",
        "https://localhost/song.mp3",
    ] {
        let looked = Origin::look(&world.origin, url, None).await;
        assert_eq!(looked, Err(OriginError::Refused), "{url}");
    }
    assert_eq!(world.seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_read_gives_exactly_the_part() {
    let settled = format!("Last-Modified: {OLD}\r\nDate: {NOW}\r\n");
    let range = "Content-Range: bytes 2-4/10\r\n";
    let open = "Content-Range: bytes 2-4/*\r\n";
    for (sent, known, first, last, expected) in [
        (
            partial(2, 4, TAG),
            ten(Some(tagged()), true),
            2,
            Some(4),
            "234",
        ),
        (
            partial(2, 4, &settled),
            ten(Some(timed()), true),
            2,
            Some(4),
            "234",
        ),
        (partial(2, 4, ""), ten(None, true), 2, Some(4), "234"),
        (partial(7, 9, ""), ten(None, true), 7, None, "789"),
        (partial(7, 9, ""), ten(None, true), 7, Some(99), "789"),
        (
            chunked("206 X", range, b"234"),
            ten(None, true),
            2,
            Some(4),
            "234",
        ),
        (
            chunked("206 X", open, b"234"),
            ten(None, true),
            2,
            Some(4),
            "234",
        ),
        (
            answer("206 X", range, b"234"),
            ten(None, true),
            2,
            Some(4),
            "234",
        ),
        // Without ranges the start is skipped and the rest cut off.
        (whole(TAG), ten(Some(tagged()), false), 2, Some(4), "234"),
        (whole(TAG), ten(Some(tagged()), false), 9, None, "9"),
        (whole(""), ten(None, false), 0, None, "0123456789"),
        (
            chunked("200 OK", "", OBJECT),
            ten(None, false),
            2,
            Some(4),
            "234",
        ),
        (
            chunked("200 OK", "", OBJECT),
            ten(None, false),
            0,
            None,
            "0123456789",
        ),
        // A server may always give all of it; from the start that costs nothing.
        (whole(TAG), ten(Some(tagged()), true), 0, Some(4), "01234"),
    ] {
        let shown = String::from_utf8_lossy(&sent).into_owned();
        let world = World::always(sent).await;
        let got = world.read(&known, first, last).await;
        assert_eq!(got, Ok(expected.into()), "{first}-{last:?}: {shown}");
        let head = world.last_head();
        assert_eq!(head.contains("range: bytes="), known.ranges, "{head}");
        let matching = head.contains("if-match: \"one\"\r\n");
        assert_eq!(matching, known.version == Some(tagged()), "{head}");
        let since = head.contains(&format!("if-unmodified-since: {OLD}\r\n"));
        assert_eq!(since, known.version == Some(timed()), "{head}");
    }
}

#[tokio::test]
async fn a_read_without_a_known_length_gives_what_comes() {
    let unknown = Facts {
        len: None,
        ..ten(None, false)
    };
    let world = World::always(chunked("200 OK", "", OBJECT)).await;
    assert_eq!(world.read(&unknown, 0, None).await, Ok(OBJECT.into()));
    assert_eq!(world.read(&unknown, 4, Some(5)).await, Ok(b"45".into()));
    let empty = Facts {
        len: Some(0),
        ..ten(None, false)
    };
    assert_eq!(world.read(&empty, 0, None).await, Ok(Vec::new()));
    assert_eq!(world.seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn what_has_changed_is_never_given() {
    let known = || ten(Some(tagged()), true);
    let two = "ETag: \"two\"\r\n";
    let weak = "ETag: W/\"one\"\r\n";
    let later = format!("Last-Modified: {SOON}\r\n");
    let grown = format!("Content-Range: bytes 2-4/11\r\nContent-Length: 3\r\n{TAG}");
    let longer = format!("Content-Length: 11\r\n{TAG}");
    for (sent, known) in [
        (partial(2, 4, two), known()),
        (partial(2, 4, weak), known()),
        (partial(2, 4, ""), known()),
        (partial(2, 4, &later), ten(Some(timed()), true)),
        (answer("206 X", &grown, b"234"), known()),
        (answer("206 X", &grown, b"234"), ten(None, true)),
        (answer("412 X", "", b""), known()),
        (
            answer("416 X", "Content-Range: bytes */1\r\n", b""),
            known(),
        ),
        (whole(TAG), known()),
        (whole(two), ten(Some(tagged()), false)),
        (answer("200 OK", &longer, b"01234567890"), ten(None, false)),
    ] {
        let shown = String::from_utf8_lossy(&sent).into_owned();
        let world = World::always(sent).await;
        let cut = Cut {
            given: 0,
            error: OriginError::Changed,
        };
        assert_eq!(world.read(&known, 2, Some(4)).await, Err(cut), "{shown}");
    }
}

#[tokio::test]
async fn a_lie_about_a_part_is_a_failure() {
    let known = || ten(None, true);
    let range = "Content-Range: bytes 2-4/10\r\n";
    let long = format!("{range}Content-Length: 4\r\n");
    let short = format!("{range}Content-Length: 3\r\n");
    let encoded = format!("{range}Content-Encoding: gzip\r\n");
    let two_chunks = format!("{range}Transfer-Encoding: chunked\r\n");
    let several = "Content-Type: multipart/byteranges; boundary=a\r\n";
    for (sent, known, given, error) in [
        (partial(3, 4, ""), known(), 0, OriginError::Failed),
        (partial(2, 5, ""), known(), 0, OriginError::Failed),
        (partial(2, 3, ""), known(), 0, OriginError::Failed),
        (
            answer("206 X", &long, b"2345"),
            known(),
            0,
            OriginError::Failed,
        ),
        (
            answer("206 X", several, b"--a--"),
            known(),
            0,
            OriginError::Failed,
        ),
        (
            answer("206 X", &encoded, b"234"),
            known(),
            0,
            OriginError::Failed,
        ),
        // Nobody asked for a part.
        (partial(2, 4, ""), ten(None, false), 0, OriginError::Failed),
        (answer("404 X", "", b""), known(), 0, OriginError::NotFound),
        (answer("403 X", "", b""), known(), 0, OriginError::Failed),
        (answer("503 X", "", b""), known(), 0, OriginError::Failed),
        // Shorter than announced, in every framing.
        (
            answer("206 X", &short, b"23"),
            known(),
            2,
            OriginError::Failed,
        ),
        (
            answer("206 X", range, b"23"),
            known(),
            2,
            OriginError::Failed,
        ),
        (
            chunked("206 X", range, b"23"),
            known(),
            2,
            OriginError::Failed,
        ),
        // Longer than announced: the surplus is never given.
        (
            answer("206 X", &two_chunks, b"3\r\n234\r\n1\r\n5\r\n0\r\n\r\n"),
            known(),
            0,
            OriginError::Failed,
        ),
        (
            answer("206 X", range, b"2345"),
            known(),
            0,
            OriginError::Failed,
        ),
        (
            chunked("206 X", range, b"2345"),
            known(),
            0,
            OriginError::Failed,
        ),
    ] {
        let shown = String::from_utf8_lossy(&sent).into_owned();
        let world = World::always(sent).await;
        let cut = Cut { given, error };
        assert_eq!(world.read(&known, 2, Some(4)).await, Err(cut), "{shown}");
    }
}

#[tokio::test]
async fn an_endless_body_ends() {
    let range = "Content-Range: bytes 2-4/10\r\n";
    let world = World::new(move |_| (answer("206 X", range, b"234"), Then::Forever)).await;
    let got = world.read(&ten(None, true), 2, Some(4)).await;
    assert_eq!(got.map_err(|cut| cut.error), Err(OriginError::Failed));
    let world = World::new(|_| (answer("200 OK", "", OBJECT), Then::Forever)).await;
    let got = world.read(&ten(None, false), 2, Some(4)).await;
    assert_eq!(got, Ok(b"234".into()));
}

#[tokio::test]
async fn a_stall_ends() {
    let world = World::new(|_| {
        let head = "Content-Range: bytes 2-4/10\r\nContent-Length: 3\r\n";
        (answer("206 X", head, b"23"), Then::Stall)
    })
    .await;
    let known = ten(None, true);
    let mut chunks = Origin::read(&world.origin, URL, &known, 2, Some(4))
        .await
        .unwrap();
    assert_eq!(next(&mut chunks).await, Some(Ok(Bytes::from_static(b"23"))));
    tokio::time::pause();
    assert_eq!(next(&mut chunks).await, Some(Err(OriginError::TimedOut)));
    assert!(next(&mut chunks).await.is_none());
}
