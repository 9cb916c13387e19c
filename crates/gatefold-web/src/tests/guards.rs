//! Who gets where.

use gatefold_app::{Trouble, accounts::AccountsError};
use http::Method;

use super::{Actor, FORM, HTML, SITE, Web, accounts::Accounts};
use crate::{
    perimeter::Surface,
    routes::{Access, Route, table},
};

/// A path of a route.
fn path(route: &Route) -> String {
    route
        .path
        .replace("{id}", "k7m2pq9x")
        .replace("{file_id}", "k7m2pq9x")
        .replace("{did}", "did:web:nobody.example.com")
        .replace("{handle}", "nobody.example.com")
        .replace("{version}", "0")
        .replace("{name}", "style.css")
        .replace("{slug}", "lines")
        .replace("{tag}", "ambient")
}

fn is_page_get(route: &Route) -> bool {
    route.surface == Surface::Page && route.method == Method::GET
}

#[tokio::test]
async fn nobody_gets_past_a_guard() {
    for route in table() {
        let (web, path) = (Web::new(), path(&route));
        let name = format!("{} {path}", route.method);
        let told = web.ask(Actor::Nobody, &route.method, &path, &[], "").await;
        if route.access == Access::Public {
            assert_ne!(told.status, 401, "{name}");
            continue;
        }
        assert_eq!(told.status, 401, "{name}");
        assert_eq!(told.code(), "not_signed_in", "{name}");
        assert_eq!(told.header("www-authenticate"), Some("Bearer"), "{name}");
        // In a browser, the way to sign in.
        let told = web
            .ask(Actor::Nobody, &route.method, &path, &[HTML], "")
            .await;
        if is_page_get(&route) {
            assert_eq!(told.status, 303, "{name}");
            let there = told.header("location").unwrap();
            let next = path.replace('/', "%2F");
            assert_eq!(there, format!("/sign-in?next={next}"));
        } else {
            assert_eq!(told.status, 401, "{name}");
        }
        assert_eq!(web.accounts.asked(), [""; 0], "{name}");
    }
}

#[tokio::test]
async fn a_program_does_not_get_where_only_a_person_may() {
    for route in table() {
        for actor in [Actor::CommandLine, Actor::Developer] {
            let (web, path) = (Web::new(), path(&route));
            let told = web.ask(actor, &route.method, &path, &[], "").await;
            let is_refused = told.status == 403;
            let is_for_persons = route.access == Access::BrowserViewer;
            // A page of this site has to ask, and a program is none.
            let wants_origin = path == "/auth/start" && route.method == Method::POST;
            assert_eq!(
                is_refused,
                is_for_persons || wants_origin,
                "{actor:?} {} {path}: {}",
                route.method,
                told.status
            );
            if is_for_persons {
                assert_eq!(told.code(), "browser_session_required");
                assert_eq!(web.accounts.asked(), [""; 0]);
            }
        }
    }
}

#[tokio::test]
async fn every_write_with_a_cookie_demands_an_origin() {
    for route in table() {
        let (web, path) = (Web::new(), path(&route));
        let is_write = route.method != Method::GET;
        for origin in ["null", "https://evil.example", "https://evil.music.example"] {
            let headers = [("origin", origin)];
            let told = web
                .ask(Actor::Browser, &route.method, &path, &headers, "")
                .await;
            assert_eq!(told.status == 403, is_write, "{} {path}", route.method);
            if is_write {
                assert_eq!(told.code(), "cross_site");
                assert_eq!(web.accounts.asked(), [""; 0]);
            }
        }
    }
}

#[tokio::test]
async fn what_pages_of_this_site_do_no_other_page_does() {
    // One of an origin that may use the API: whoever gets a browser's accounts mixed up acts as them.
    for site in ["cross-site", "same-site"] {
        let headers = [
            FORM,
            ("origin", "https://app.example"),
            ("sec-fetch-site", site),
        ];
        for route in table() {
            let (web, path) = (Web::new(), path(&route));
            if route.method != Method::POST || !path.starts_with("/settings/") {
                continue;
            }
            let form = "handle=mallory.example&did=did:web:mallory.example&id=k7m2pq9x&name=n\
                        &expires_in_days=1";
            let told = web
                .ask(Actor::Browser, &route.method, &path, &headers, form)
                .await;
            assert_eq!(told.status, 403, "{path}");
            assert_eq!(told.code(), "cross_site");
            assert_eq!(web.accounts.asked(), [""; 0]);
        }
    }
}

#[tokio::test]
async fn a_cookie_that_is_sent_twice_is_nobodys() {
    let twice = [(
        "cookie",
        "__Host-session_id=browser; __Host-session_id=browser",
    )];
    for route in table() {
        if route.access != Access::Public {
            let (web, path) = (Web::new(), path(&route));
            let told = web
                .ask(Actor::Browser, &route.method, &path, &twice, "")
                .await;
            assert_eq!(told.status, 400, "{} {path}", route.method);
            assert_eq!(told.code(), "cookie_repeated");
            assert_eq!(web.accounts.asked(), [""; 0]);
        }
    }
}

#[tokio::test]
async fn a_session_that_is_over_is_none() {
    let over = [("cookie", "__Host-session_id=over")];
    let web = Web::new();
    let told = web
        .ask(Actor::Browser, &Method::GET, "/auth/me", &over, "")
        .await;
    assert_eq!(told.status, 401);
    // A token beside it counts.
    let both = [over[0], ("authorization", "Bearer developer")];
    let told = web
        .ask(Actor::Nobody, &Method::GET, "/auth/me", &both, "")
        .await;
    assert_eq!(told.status, 200);
}

#[tokio::test]
async fn what_cannot_be_asked_is_not_answered_with_no() {
    for (fails, status) in [
        (
            (|| AccountsError::Trouble(Trouble::Unavailable("database is locked".into())))
                as fn() -> AccountsError,
            503,
        ),
        (
            || AccountsError::Trouble(Trouble::Broken("no such table".into())),
            500,
        ),
    ] {
        for route in table() {
            if route.access == Access::Public {
                continue;
            }
            let accounts = Accounts {
                fails: Some(fails),
                ..Accounts::default()
            };
            let web = Web::over(accounts);
            let path = path(&route);
            for headers in [vec![], vec![HTML]] {
                let told = web
                    .ask(Actor::Browser, &route.method, &path, &headers, "")
                    .await;
                assert_eq!(told.status, status, "{} {path}", route.method);
                assert!(!told.body.contains("table") && !told.body.contains("locked"));
                assert_eq!(told.header("retry-after").is_some(), status == 503);
            }
        }
    }
}

#[tokio::test]
async fn an_address_or_a_method_that_is_not_there() {
    let web = Web::new();
    for (method, path, status, code, title) in [
        (
            Method::GET,
            "/nothing",
            404,
            "not_found",
            "There is nothing here",
        ),
        (
            Method::POST,
            "/",
            405,
            "method_not_allowed",
            "This address does not do that",
        ),
        (
            Method::GET,
            "/auth/logout",
            405,
            "method_not_allowed",
            "This address does not do that",
        ),
    ] {
        let told = web.ask(Actor::Nobody, &method, path, &[], "").await;
        assert_eq!((told.status, told.code().as_str()), (status, code));
        let told = web.ask(Actor::Nobody, &method, path, &[HTML], "").await;
        assert_eq!(told.status, status);
        assert!(told.body.contains(title), "{}", told.body);
        assert_eq!(told.header("allow").is_some(), status == 405, "{path}");
    }
}

#[tokio::test]
async fn a_body_is_what_its_address_takes() {
    let large = format!("name={}", "n".repeat(70_000));
    for (path, headers, body, status, code) in [
        (
            "/auth/exchange",
            vec![("content-type", "text/plain")],
            "{\"exchange_token\":\"t\"}",
            415,
            "not_json",
        ),
        (
            "/auth/exchange",
            vec![("content-type", "application/json; charset=utf-8")],
            "{\"exchange_token\":1}",
            422,
            "invalid_body",
        ),
        (
            "/auth/exchange",
            vec![("content-type", "application/json")],
            "{",
            422,
            "invalid_body",
        ),
        (
            "/settings/tokens",
            vec![FORM],
            "name=n",
            422,
            "invalid_form",
        ),
        (
            "/settings/tokens",
            vec![FORM],
            large.as_str(),
            413,
            "body_too_large",
        ),
    ] {
        let headers: Vec<_> = headers.into_iter().chain([("origin", SITE)]).collect();
        let told = Web::new()
            .ask(Actor::Browser, &Method::POST, path, &headers, body)
            .await;
        assert_eq!((told.status, told.code().as_str()), (status, code));
    }
}
