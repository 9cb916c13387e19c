//! `/audio`: every status, with what goes with it.

use http::Method;

use super::{Actor, HTML, Web};

const SEALED: &str = "https://music.example/securev1/EC-did:plc:ewvi7nxzyoun6zhxrhs64oiz";
const PUBLIC: &str = "https://cdn.example/audio/1.mp3";

/// What is asked for, by whom, and what comes of it: status, and code or address.
const TABLE: &[(&str, Actor, u16, &str)] = &[
    ("public", Actor::Nobody, 307, PUBLIC),
    ("public", Actor::Browser, 307, PUBLIC),
    ("gated", Actor::Nobody, 401, "not_signed_in"),
    ("gated", Actor::Browser, 307, SEALED),
    ("gated", Actor::CommandLine, 307, SEALED),
    ("gated", Actor::Developer, 307, SEALED),
    ("support", Actor::Browser, 402, "support_required"),
    ("unknown", Actor::Browser, 503, "support_unknown"),
    ("publishing", Actor::Nobody, 503, "publishing"),
    ("unavailable", Actor::Nobody, 503, "unavailable"),
    ("broken", Actor::Nobody, 500, "internal"),
    ("nothing", Actor::Browser, 404, "not_found"),
    // What can be no name is told like one that is not there.
    ("a.mp3", Actor::Browser, 404, "not_found"),
    ("%2e%2e", Actor::Nobody, 404, "not_found"),
    ("%FF", Actor::Nobody, 404, "not_found"),
    ("a%2Fb", Actor::Nobody, 404, "not_found"),
];

#[tokio::test]
async fn every_status_by_every_way() {
    for (file, actor, status, what) in TABLE {
        let web = Web::new();
        let path = format!("/audio/{file}");
        let name = format!("{path} {actor:?}");

        let told = web.get(*actor, &path).await;
        assert_eq!(told.status, *status, "{name}");
        let is_granted = *status == 307;
        if is_granted {
            assert_eq!(told.header("location"), Some(*what), "{name}");
        } else {
            assert_eq!(told.code(), *what, "{name}");
        }

        let url = web.get(*actor, &format!("{path}/url")).await;
        if is_granted {
            assert_eq!(url.status, 200, "{name}");
            assert_eq!(url.json()["url"], *what, "{name}");
            assert_eq!(url.json()["file_id"], *file, "{name}");
            assert_eq!(url.json()["file_type"], "mp3", "{name}");
        } else {
            assert_eq!((url.status, url.code()), (*status, (*what).to_owned()));
        }

        let head = web.ask(*actor, &Method::HEAD, &path, &[], "").await;
        let asked = if is_granted { 200 } else { *status };
        assert_eq!(head.status, asked, "{name}");
        assert_eq!(head.header("location"), None, "{name}");

        for told in [told, url, head] {
            let cache = told.header("cache-control");
            assert_eq!(cache, Some("private, no-store"), "{name}");
            assert!(
                told.all("vary").contains(&"Cookie, Authorization"),
                "{name}"
            );
            let required = told.header("x-support-required");
            assert_eq!(required, (told.status == 402).then_some("true"), "{name}");
            let wait = told.header("retry-after");
            assert_eq!(wait.is_some(), told.status == 503, "{name}");
        }
    }
}

#[tokio::test]
async fn a_sealed_link_says_how_long_it_lasts() {
    let told = Web::new().get(Actor::Browser, "/audio/gated/url").await;
    // The window from 600 to 1200, seen at 1100.
    let json = told.json();
    assert_eq!(json["valid_until"], 1200);
    assert_eq!(json["valid_for"], 100);
    assert_eq!(json["grace"], 30);
    assert_eq!(json["lifetime"], 600);
    let told = Web::new().get(Actor::Browser, "/audio/public/url").await;
    assert!(told.json().get("valid_until").is_none());
}

#[tokio::test]
async fn who_has_to_support_is_told_whom() {
    let web = Web::new();
    let told = web.get(Actor::Browser, "/audio/support").await;
    let json = told.json();
    assert_eq!(
        json["detail"],
        "this track is for those who support The Tram"
    );
    assert_eq!(json["artist"], "The Tram");
    assert_eq!(json["artist_did"], super::accounts::TRAM);
    assert_eq!(json["artist_handle"], "tram.example.com");
    assert_eq!(json["support_url"], "https://tram.example.com/support");
    let told = web.get(Actor::Browser, "/audio/support-nowhere").await;
    assert!(told.json()["support_url"].is_null());
}

/// Players ask with whatever `Accept` they have: a page would be no answer to them.
#[tokio::test]
async fn refusals_are_for_programs() {
    for path in ["/audio/gated", "/audio/gated/url", "/audio/nothing"] {
        let told = Web::new()
            .ask(Actor::Nobody, &Method::GET, path, &[HTML], "")
            .await;
        assert_eq!(told.header("content-type"), Some("application/json"));
    }
    let told = Web::new().get(Actor::Browser, "/audio/unknown").await;
    assert_eq!(told.header("retry-after"), Some("3"));
}
