//! At an edge that stands elsewhere, who may no longer listen is refused within five minutes.
//!
//! Nobody moves the clock of a process. What it has to tell apart is moved instead: tickets and
//! cookies that were made in the past, by the minter's key and the edge's own secret.

use std::fs;

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_e2e::{
    Result,
    edge::Stand,
    http::{Ask, get, with},
    keys::SITE,
    raw,
    subject::{FAN, Kind, now, window_since},
};
use http::StatusCode;

use crate::shared::assert_refused;

/// How long a binding lasts, in seconds.
const BOUND: u64 = 300;
/// Seconds that a slow machine may take from making to asking.
const SLACK: u64 = 20;

/// When a cookie's binding ends, as it says itself.
fn end(cookie: &str) -> Result<u64> {
    let (_, text) = cookie.split_once("=EB").ok_or("no binding")?;
    let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|error| error.to_string())?;
    // After version, kind and minter.
    let end = bytes.get(6..14).ok_or("too short")?;
    Ok(u64::from_be_bytes(end.try_into()?))
}

#[tokio::test]
async fn who_is_given_no_more_tickets_is_refused_within_five_minutes() -> Result {
    let Stand { subject, edge, .. } = &Stand::start(Kind::Bucket)?;
    let (minter, host) = (&subject.keys.minter, subject.host.as_str());
    let bind = |made: u64| {
        let ticket = raw::session_ticket(minter, host, FAN, made);
        with(
            get(&format!("/securev1/bind?ticket={ticket}")),
            "origin",
            SITE,
        )
    };
    let window = window_since(10, BOUND)?;
    let link = subject.seal(minter, "small.wav", FAN, window)?;
    let play = |cookie: &str| -> Ask {
        let asking = with(get(&link.path), "origin", SITE);
        with(asking, "cookie", cookie)
    };

    // While support lasts: a ticket, a binding, music.
    let before = now();
    let bound = subject.answer(bind(before)).await?;
    assert_eq!(bound.status, StatusCode::NO_CONTENT);
    let set = bound.header("set-cookie");
    let cookie = set.split(';').next().ok_or("no cookie")?;
    assert_eq!(subject.answer(play(cookie)).await?.status, StatusCode::OK);
    let end = end(cookie)?;
    assert!((before..=now()).contains(&(end - BOUND)), "{end}");

    // It has ended, and nobody gives tickets. The last one is good for its minute.
    for (age, expected) in [(0, 204), (60 - SLACK, 204), (60, 403), (600, 403)] {
        let answer = subject.answer(bind(now() - age)).await?;
        assert_eq!(answer.status, expected, "a ticket of {age} seconds");
        if expected == 403 {
            assert_eq!(answer.json()?["code"], "expired", "{age}");
            assert!(!answer.headers.contains_key("set-cookie"), "{age}");
        }
    }
    // The binding is good for its five minutes, and nothing renews it.
    let name = cookie.split('=').next().ok_or("no name")?;
    let secret = fs::read(edge.folder().join("secrets/binding.key"))?;
    let aged = |age: u64| {
        let value = raw::binding(&secret, minter, host, FAN, now() - age + BOUND);
        format!("{name}={value}")
    };
    for age in [0, BOUND / 2, BOUND - SLACK] {
        let answer = subject.answer(play(&aged(age))).await?;
        assert_eq!(answer.status, StatusCode::OK, "bound {age} seconds ago");
        assert!(!answer.headers.contains_key("set-cookie"), "{age}");
    }
    for age in [BOUND, BOUND + 1, 10 * BOUND] {
        let answer = subject.answer(play(&aged(age))).await?;
        assert_refused(
            &answer,
            "client",
            "no_client",
            &format!("bound {age} seconds ago"),
        )?;
    }
    // A cookie that somebody gave a longer life is not the edge's, or not one that it makes.
    let longer = format!(
        "{name}={}",
        raw::binding(&[0; 32], minter, host, FAN, now() + BOUND)
    );
    for (what, cookie) in [
        ("another's secret", longer),
        (
            "a binding for a day",
            format!(
                "{name}={}",
                raw::binding(&secret, minter, host, FAN, now() + 86_400)
            ),
        ),
    ] {
        let answer = subject.answer(play(&cookie)).await?;
        assert_refused(&answer, "client", "no_client", what)?;
    }
    // The URL itself is of five minutes, so that it does not outlive them by much.
    let over = window_since(10 + 2 * 300 + 60, BOUND)?;
    let old = subject.seal(minter, "small.wav", FAN, over)?;
    let asking = with(with(get(&old.path), "origin", SITE), "cookie", cookie);
    assert_refused(&subject.answer(asking).await?, "window", "expired", "old")
}
