//! The pages that play: what they show to whom, and the service worker that they bring.

use http::Method;

use super::{
    Actor, HTML, Told, Web,
    tracks::{DRAFT, GATED, OPEN, UNAVAILABLE},
};

async fn page(actor: Actor, path: &str) -> Told {
    Web::new().ask(actor, &Method::GET, path, &[HTML], "").await
}

#[tokio::test]
async fn the_home_page_lists_tracks_for_everybody() {
    for actor in [Actor::Nobody, Actor::Browser] {
        let told = page(actor, "/").await;
        assert_eq!(told.status, 200);
        let (night, morning) = (told.body.find("Night Tram"), told.body.find("Morning Tram"));
        assert!(night.unwrap() < morning.unwrap(), "the newest first");
        // Plain links, for whoever has no JavaScript.
        assert!(told.body.contains("href=\"/audio/file-1\""), "{actor:?}");
        assert!(told.body.contains("href=\"/audio/file-2\""), "{actor:?}");
        assert_eq!(told.body.matches(">Supporters<").count(), 1, "{actor:?}");
        assert!(!told.body.contains("Who are you?"), "no demonstration");
    }
}

#[tokio::test]
async fn what_is_kept_is_named_after_its_listener() {
    for (actor, listener) in [
        (Actor::Nobody, ""),
        (Actor::Browser, "did:plc:ewvi7nxzyoun6zhxrhs64oiz"),
    ] {
        for path in ["/", "/track/1"] {
            let told = page(actor, path).await;
            let expected = format!("data-listener=\"{listener}\"");
            assert!(told.body.contains(&expected), "{actor:?} {path}");
        }
    }
}

#[tokio::test]
async fn a_track_has_a_page_that_says_whom_it_is_for() {
    for (actor, id, words) in [
        (Actor::Nobody, OPEN, "Everybody may hear this"),
        (Actor::Nobody, GATED, "For supporters of The Tram"),
        (Actor::Nobody, GATED, "href=\"/sign-in?next=%2Ftrack%2F2\""),
        (
            Actor::Nobody,
            GATED,
            "href=\"https://tram.example.com/support\"",
        ),
        (Actor::Browser, GATED, "If you are one, just play it"),
    ] {
        let told = page(actor, &format!("/track/{id}")).await;
        assert_eq!(told.status, 200, "{actor:?} {id}");
        assert!(told.body.contains(words), "{actor:?} {id}: {words}");
        assert_eq!(told.header("cache-control"), Some("private, no-store"));
    }
}

#[tokio::test]
async fn a_draft_is_answered_like_what_is_not_there() {
    for actor in [Actor::Nobody, Actor::Browser] {
        let nothing = page(actor, "/track/77").await;
        assert_eq!(nothing.status, 404);
        for path in [
            &format!("/track/{DRAFT}"),
            "/track/0",
            "/track/-1",
            // One track has one address.
            "/track/01",
            "/track/+1",
            "/track/one",
            "/track/%FF",
            "/track/99999999999999999999",
        ] {
            let told = page(actor, path).await;
            assert_eq!(told.status, 404, "{actor:?} {path}");
            assert_eq!(told.body, nothing.body, "{actor:?} {path}");
        }
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_told_as_such() {
    let told = page(Actor::Nobody, &format!("/track/{UNAVAILABLE}")).await;
    assert_eq!(told.status, 503);
    assert_eq!(told.header("retry-after"), Some("5"));
    assert!(!told.body.contains("database is locked"));
}

#[tokio::test]
async fn the_service_worker_comes_with_all_its_parts() {
    let worker = page(Actor::Nobody, "/service-worker.js").await;
    let imports = worker
        .body
        .lines()
        .filter(|line| line.starts_with("import "));
    let parts = imports.map(|line| line.split("\"./").nth(1).unwrap().trim_end_matches("\";"));
    let parts: Vec<_> = parts.map(|part| format!("/{part}")).collect();
    assert!(parts.len() > 3, "{parts:?}");
    for path in parts
        .iter()
        .map(String::as_str)
        .chain(["/service-worker.js"])
    {
        let told = page(Actor::Nobody, path).await;
        assert_eq!(told.status, 200, "{path}");
        let media_type = Some("text/javascript; charset=utf-8");
        assert_eq!(told.header("content-type"), media_type, "{path}");
        // Another version is noticed at once.
        assert_eq!(told.header("cache-control"), Some("no-cache"), "{path}");
        let policy = told.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self';"), "{path}: {policy}");
        assert!(policy.contains("connect-src 'self'"), "{path}: {policy}");
    }
    for path in [
        "/worker/passwords.txt",
        "/worker/%FF",
        "/worker/service-worker.js",
    ] {
        assert_eq!(page(Actor::Nobody, path).await.status, 404, "{path}");
    }
}
