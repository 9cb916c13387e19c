//! How often one may ask.

use http::Method;

use super::{Actor, Web};

const FROM: &str = "x-forwarded-for";

async fn from(web: &Web, actor: Actor, path: &str, address: &str) -> super::Told {
    let headers = [(FROM, address)];
    web.ask(actor, &Method::GET, path, &headers, "").await
}

#[tokio::test]
async fn each_class_has_its_quota_and_says_so() {
    for (path, limit) in [
        ("/auth/start?handle=robin.example.com", 10),
        ("/auth/callback", 10),
        ("/", 100),
        ("/auth/me", 100),
        ("/nothing", 100),
    ] {
        let web = Web::new();
        for left in (0..limit).rev() {
            let told = from(&web, Actor::Nobody, path, "192.0.2.1").await;
            assert_ne!(told.status, 429, "{path} {left}");
            if path != "/nothing" {
                assert_eq!(told.header("ratelimit-limit"), Some(&*limit.to_string()));
                assert_eq!(told.header("ratelimit-remaining"), Some(&*left.to_string()));
                assert!(told.header("ratelimit-reset").is_some());
            }
        }
        let told = from(&web, Actor::Nobody, path, "192.0.2.1").await;
        assert_eq!(told.status, 429, "{path}");
        assert_eq!(told.code(), "rate_limited");
        assert_eq!(told.header("ratelimit-remaining"), Some("0"));
        let wait: u32 = told.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=6).contains(&wait), "{wait}");
        // Others are not kept waiting, nor is something else.
        let told = from(&web, Actor::Nobody, path, "192.0.2.2").await;
        assert_ne!(told.status, 429, "{path}");
        let other = if limit == 10 { "/" } else { "/auth/callback" };
        let told = from(&web, Actor::Nobody, other, "192.0.2.1").await;
        assert_ne!(told.status, 429, "{path}");
    }
}

#[tokio::test]
async fn who_goes_on_from_other_addresses_is_known_by_their_account() {
    let web = Web::new();
    for number in 0..100 {
        let told = from(
            &web,
            Actor::Developer,
            "/auth/me",
            &format!("192.0.2.{number}"),
        )
        .await;
        assert_eq!(told.status, 200);
        let left = told.header("ratelimit-remaining").unwrap();
        assert_eq!(left, (99 - number).to_string());
    }
    let told = from(&web, Actor::Developer, "/auth/me", "192.0.2.200").await;
    assert_eq!(told.status, 429);
    assert_eq!(told.header("ratelimit-remaining"), Some("0"));
    // What tells nothing of anybody is not counted as theirs.
    let told = from(&web, Actor::Developer, "/sign-in", "192.0.2.200").await;
    assert_eq!(told.status, 200);
}

#[tokio::test]
async fn neighbours_in_ipv6_are_one() {
    let web = Web::new();
    for number in 0..10 {
        let address = format!("2001:db8::{number}");
        from(&web, Actor::Nobody, "/auth/callback", &address).await;
    }
    for (address, status) in [("2001:db8::ffff", 429), ("2001:db8:0:1::1", 400)] {
        let told = from(&web, Actor::Nobody, "/auth/callback", address).await;
        assert_eq!(told.status, status, "{address}");
    }
}

#[tokio::test]
async fn a_person_who_is_too_fast_sees_a_page() {
    let web = Web::new();
    for _ in 0..10 {
        web.visit(Actor::Nobody, "/auth/callback").await;
    }
    let told = web.visit(Actor::Nobody, "/auth/callback").await;
    assert_eq!(told.status, 429);
    assert!(told.body.contains("A little slower"), "{}", told.body);
    assert!(told.header("retry-after").is_some());
}

#[tokio::test]
async fn files_of_pages_have_a_quota_of_their_own() {
    let web = Web::new();
    for _ in 0..150 {
        let told = web.get(Actor::Nobody, "/static/0/style.css").await;
        assert_eq!(told.status, 200);
    }
    assert_eq!(web.get(Actor::Nobody, "/").await.status, 200);
}
