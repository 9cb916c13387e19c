//! Who may have a URL's object: the rows of the delivery table that are an edge's to keep.

use gatefold_e2e::{
    Result,
    http::{Ask, ask, get, with},
    keys::{LONGEST, SITE},
    raw,
    subject::{FAN, Kind, Link, STRANGER, Subject, now, window_since},
};
use http::{HeaderName, Method, StatusCode};

use crate::{
    over_every_origin,
    shared::{assert_opened, assert_refused, assert_unkept},
};

over_every_origin![
    the_same_client_plays_in_time,
    nobody_and_other_sites_are_refused,
    a_condition_tells_nothing_to_whom_is_refused,
    only_the_rightful_site_may_read,
    a_preflight_is_answered_after_the_checks,
];

/// A minute that has just begun: the client is what is looked at here.
fn link(subject: &Subject) -> Result<Link> {
    subject.link("small.wav")
}

fn carrying(link: &Link, headers: &[(&'static str, &str)]) -> Ask {
    let request = get(&link.path);
    headers
        .iter()
        .fold(request, |request, (name, value)| with(request, name, value))
}

async fn the_same_client_plays_in_time(subject: &Subject) -> Result {
    let link = link(subject)?;
    // As often as it likes, whole or in parts.
    for range in ["bytes=0-", "bytes=0-9", "bytes=500-"] {
        let answer = subject.answer(link.get_with("range", range)).await?;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_opened(&answer, range);
    }
    Ok(())
}

async fn nobody_and_other_sites_are_refused(subject: &Subject) -> Result {
    let link = link(subject)?;
    let page = format!("{SITE}/album");
    let other = "https://other.example";
    // A person is not shown by a site, and each of these shows a site at most.
    let is_person = subject.kind == Kind::Bucket;
    let refused: &[(&[(&'static str, &str)], &str)] = &[
        (&[], "no_client"),
        (&[("origin", "null")], "no_client"),
        (&[("origin", SITE), ("origin", SITE)], "no_client"),
        (&[("referer", &page), ("referer", &page)], "no_client"),
        (&[("origin", other)], "wrong_client"),
        (&[("origin", &page)], "wrong_client"),
        (&[("origin", "https://music.example:8443")], "wrong_client"),
        (&[("origin", "http://music.example")], "wrong_client"),
        (&[("origin", "https://MUSIC.example")], "wrong_client"),
        (&[("origin", "https://music.example.")], "wrong_client"),
        (&[("origin", other), ("referer", &page)], "wrong_client"),
        (&[("referer", "https://other.example/")], "wrong_client"),
        (
            &[("referer", "https://music.example@other.example/")],
            "no_client",
        ),
        (
            &[("referer", "https://other.example/https://music.example/")],
            "wrong_client",
        ),
        (
            &[("cookie", "session=fan"), ("authorization", "Bearer fan")],
            "no_client",
        ),
    ];
    for (headers, code) in refused {
        let what = format!("{headers:?}");
        let code = if is_person { "no_client" } else { code };
        let answer = subject.answer(carrying(&link, headers)).await?;
        assert_refused(&answer, "client", code, &what)?;
    }
    let admitted: &[&[(&'static str, &str)]] = &[
        &[("origin", SITE)],
        &[("referer", &page)],
        &[("origin", "null"), ("referer", &page)],
        &[("origin", SITE), ("referer", "https://other.example/")],
    ];
    for headers in admitted {
        let what = format!("{headers:?}");
        let answer = subject.answer(carrying(&link, headers)).await?;
        if is_person {
            assert_refused(&answer, "client", "no_client", &what)?;
        } else {
            assert_eq!(answer.status, StatusCode::OK, "{what}");
        }
    }
    Ok(())
}

async fn a_condition_tells_nothing_to_whom_is_refused(subject: &Subject) -> Result {
    let rightful = link(subject)?;
    let tag = subject
        .answer(rightful.ask(Method::HEAD))
        .await?
        .header("etag");
    let gone = subject.link("gone.mp3")?;
    for link in [rightful, gone] {
        for (name, value) in [
            ("if-none-match", "*"),
            ("if-none-match", tag.as_str()),
            ("if-match", "\"x\""),
            ("range", "bytes=999999999999-"),
        ] {
            let answer = subject.answer(carrying(&link, &[(name, value)])).await?;
            assert_refused(&answer, "client", "no_client", name)?;
        }
        let head = subject.answer(ask(Method::HEAD, &link.path)).await?;
        assert_eq!(head.status, StatusCode::FORBIDDEN);
        assert!(head.body.is_empty());
        assert_unkept(&head, "HEAD of nobody");
    }
    Ok(())
}

async fn only_the_rightful_site_may_read(subject: &Subject) -> Result {
    let link = link(subject)?;
    let answer = subject.answer(link.get()).await?;
    assert_eq!(answer.header("access-control-allow-origin"), SITE);
    let exposed = answer
        .header("access-control-expose-headers")
        .to_lowercase();
    for name in ["accept-ranges", "content-length", "content-range", "etag"] {
        assert!(exposed.contains(name), "{exposed}");
    }
    // Who states no origin is told of none; that the answer varies by it is told all the same.
    let mut without = link.get();
    without.headers_mut().remove("origin");
    let page = format!("{SITE}/");
    let answer = subject.answer(with(without, "referer", &page)).await?;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert!(answer.header("vary").contains("Origin"));
    Ok(())
}

async fn a_preflight_is_answered_after_the_checks(subject: &Subject) -> Result {
    let link = link(subject)?;
    let preflight = |path: &str, origin: &str| {
        let asking = with(ask(Method::OPTIONS, path), "origin", origin);
        with(asking, "access-control-request-method", "GET")
    };
    let answer = subject.answer(preflight(&link.path, SITE)).await?;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-origin"), SITE);
    assert!(
        answer
            .header("access-control-allow-methods")
            .contains("GET")
    );
    assert!(
        answer
            .header("access-control-allow-headers")
            .to_lowercase()
            .contains("range")
    );
    assert!(answer.body.is_empty());
    assert!(answer.header("etag").is_empty());
    let code = if subject.kind == Kind::Bucket {
        "no_client"
    } else {
        "wrong_client"
    };
    let stranger = subject
        .answer(preflight(&link.path, "https://other.example"))
        .await?;
    assert_refused(&stranger, "client", code, "a stranger's preflight")?;
    let old = window_since(10_000, LONGEST)?;
    let expired = subject.seal(
        &subject.keys.minter,
        "small.wav",
        subject.kind.client(),
        old,
    )?;
    let answer = subject.answer(preflight(&expired.path, SITE)).await?;
    assert_refused(&answer, "window", "expired", "a preflight after the window")
}

/// What is for people only, which is what gated material is.
mod people {
    use gatefold_e2e::edge::Stand;

    use super::*;

    fn shown(link: &Link, proof: &str) -> Ask {
        carrying(link, &[("origin", SITE), ("authorization", proof)])
    }

    #[tokio::test]
    async fn another_account_is_refused_and_so_is_a_ticket_for_another_file() -> Result {
        let subject = &Stand::start(Kind::Bucket)?.subject;
        let link = link(subject)?;
        let other = subject.link("long.mp3")?;
        let (minter, patient) = (&subject.keys.minter, &subject.keys.patient);
        let proof = |did: &str, path: &str| subject.shown(minter, did, path);
        let rightful = proof(FAN, &link.path);
        let at = |now: u64, host: &str| {
            let ticket = raw::file_ticket(minter, host, FAN, &link.path, now);
            format!("Ticket {ticket}")
        };
        let mut changed = rightful.clone();
        changed.pop();
        for (what, proof, code) in [
            (
                "another account",
                proof(STRANGER, &link.path),
                "wrong_client",
            ),
            ("another file", proof(FAN, &other.path), "no_client"),
            ("another host", at(now(), "other.example"), "no_client"),
            (
                "a ticket that has ended",
                at(now() - 61, &subject.host),
                "no_client",
            ),
            (
                "a ticket to come",
                at(now() + 60, &subject.host),
                "no_client",
            ),
            ("half a ticket", changed, "no_client"),
            ("no ticket", "Ticket".to_owned(), "no_client"),
            (
                "another minter's",
                subject.shown(patient, FAN, &link.path),
                "wrong_client",
            ),
            (
                "an unknown minter's",
                subject.shown(&subject.keys.unknown, FAN, &link.path),
                "no_client",
            ),
            (
                "a retired minter's",
                subject.shown(&subject.keys.retired, FAN, &link.path),
                "no_client",
            ),
        ] {
            let answer = subject.answer(shown(&link, &proof)).await?;
            assert_refused(&answer, "client", code, what)?;
        }
        let answer = subject.answer(shown(&link, &rightful)).await?;
        assert_eq!(answer.status, StatusCode::OK);
        let twice = with(shown(&link, &rightful), "authorization", &rightful);
        assert_refused(
            &subject.answer(twice).await?,
            "client",
            "no_client",
            "shown twice",
        )
    }

    #[tokio::test]
    async fn a_browser_is_bound_by_a_ticket_and_then_plays() -> Result {
        let subject = &Stand::start(Kind::Bucket)?.subject;
        let link = link(subject)?;
        let ticket = |did: &str, now: u64| {
            raw::session_ticket(&subject.keys.minter, &subject.host, did, now)
        };
        let bind = |ticket: &str, origin: &str| {
            let path = format!("/securev1/bind?ticket={ticket}");
            with(get(&path), "origin", origin)
        };
        let bound = subject.answer(bind(&ticket(FAN, now()), SITE)).await?;
        assert_eq!(bound.status, StatusCode::NO_CONTENT, "{bound:?}");
        assert_eq!(bound.header("access-control-allow-origin"), SITE);
        assert_eq!(bound.header("access-control-allow-credentials"), "true");
        assert!(bound.header("cache-control").contains("no-store"));
        let set = bound.header("set-cookie");
        for attribute in ["HttpOnly", "Path=/", "Max-Age=300", "SameSite="] {
            assert!(set.contains(attribute), "{set}");
        }
        let cookie = set.split(';').next().ok_or("no cookie")?.to_owned();
        let playing = |cookie: &str| carrying(&link, &[("origin", SITE), ("cookie", cookie)]);
        let answer = subject.answer(playing(&cookie)).await?;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
        // Somebody else's binding, none, two, a changed one.
        let stranger = subject.answer(bind(&ticket(STRANGER, now()), SITE)).await?;
        let stranger = stranger.header("set-cookie");
        let stranger = stranger.split(';').next().unwrap_or_default();
        let answer = subject.answer(playing(stranger)).await?;
        assert_refused(&answer, "client", "wrong_client", "another account")?;
        let twice = format!("{cookie}; {cookie}");
        for (what, cookie) in [
            ("two", twice.as_str()),
            ("changed", &cookie[..cookie.len() - 2]),
        ] {
            let answer = subject.answer(playing(cookie)).await?;
            assert_refused(&answer, "client", "no_client", what)?;
        }
        // Nobody is bound by a foreign site, or by a ticket whose minute is over.
        for (what, asking) in [
            (
                "a foreign site",
                bind(&ticket(FAN, now()), "https://other.example"),
            ),
            ("an opaque origin", bind(&ticket(FAN, now()), "null")),
            ("an old ticket", bind(&ticket(FAN, now() - 61), SITE)),
            ("no ticket", bind("", SITE)),
        ] {
            let answer = subject.answer(asking).await?;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}");
            assert!(answer.headers.get("set-cookie").is_none(), "{what}");
            assert_eq!(answer.json()?["stage"], "ticket", "{what}");
            let cors = HeaderName::from_static("access-control-allow-origin");
            assert!(!answer.headers.contains_key(cors), "{what}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn private_objects_are_never_for_a_site() -> Result {
        let subject = &Stand::start(Kind::Bucket)?.subject;
        let window = window_since(60, LONGEST)?;
        let link = subject.seal(&subject.keys.minter, "small.wav", SITE, window)?;
        let answer = subject.answer(link.get()).await?;
        assert_refused(&answer, "scope", "client_out_of_scope", "a site")
    }

    #[tokio::test]
    async fn uploads_can_be_for_a_person_too() -> Result {
        let subject = &Stand::start(Kind::Folder)?.subject;
        let window = window_since(60, LONGEST)?;
        let link = subject.seal(&subject.keys.minter, "small.wav", FAN, window)?;
        assert_eq!(subject.answer(link.get()).await?.status, StatusCode::OK);
        let site = carrying(&link, &[("origin", SITE)]);
        assert_refused(
            &subject.answer(site).await?,
            "client",
            "no_client",
            "a site",
        )
    }
}
