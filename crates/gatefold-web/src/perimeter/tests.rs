//! The rules together, around a service that says what reached it.

use axum::{Router, extract::Request as AxumRequest, routing::any};
use http::HeaderMap;

use super::*;

const SITE: &str = "https://music.example";

struct Told {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Told {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

fn perimeter(site: &str) -> Perimeter<Router> {
    let site = Site::new(site).unwrap();
    let rules = Rules {
        policies: Policies::new(&site, &[]),
        site,
        name: "Harbour Radio".into(),
        origins: vec!["https://*.pages.example".parse().unwrap()],
        ids: RequestIds::new(0xabcd),
        metrics: Arc::default(),
    };
    let panics = || async {
        assert!(
            std::hint::black_box(false),
            "meant to be caught by the test"
        );
        ""
    };
    let reached = |request: AxumRequest| async move {
        let host = request.extensions().get::<HostName>();
        host.map(|HostName(host)| host.to_string())
            .unwrap_or_default()
    };
    let api = || async {
        let mut response =
            Problem::new(StatusCode::NOT_FOUND, "absent", "not there").into_response();
        response.extensions_mut().insert(Surface::Api);
        response
    };
    let router = Router::new()
        .route("/panics", any(panics))
        .route("/api", any(api))
        .fallback(reached);
    Perimeter::new(Arc::new(rules), router)
}

/// Asks; `head` is a method, a path and headers.
async fn ask(site: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Told {
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", site.split_once("//").unwrap().1);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    let answer = perimeter(site).call(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, 100_000).await.unwrap();
    Told {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml");

#[tokio::test]
async fn what_breaks_a_rule_does_not_come_through() {
    let long = format!("/{}", "a".repeat(9000));
    for (method, path, headers, status, says) in [
        ("GET", "/", vec![], 200, "music.example"),
        (
            "GET",
            "/",
            vec![("host", "evil.example")],
            421,
            "\"wrong_host\"",
        ),
        ("GET", long.as_str(), vec![], 414, "\"url_too_long\""),
        (
            "POST",
            "/",
            vec![("cookie", "__Host-session_id=1")],
            403,
            "\"cross_site\"",
        ),
        (
            "POST",
            "/",
            vec![("cookie", "__Host-signin=1"), ("origin", "null")],
            403,
            "\"cross_site\"",
        ),
        (
            "POST",
            "/",
            vec![("cookie", "__Host-session_id=1"), ("origin", SITE)],
            200,
            "music.example",
        ),
        (
            "POST",
            "/",
            vec![("cookie", "theme=dark")],
            200,
            "music.example",
        ),
        ("POST", "/", vec![], 200, "music.example"),
        (
            "OPTIONS",
            "/",
            vec![
                ("origin", "https://evil.example"),
                ("access-control-request-method", "GET"),
            ],
            403,
            "\"origin_not_allowed\"",
        ),
        (
            "OPTIONS",
            "/",
            vec![
                ("origin", "https://a.pages.example"),
                ("access-control-request-method", "GET"),
            ],
            204,
            "",
        ),
    ] {
        let told = ask(SITE, method, path, &headers).await;
        assert_eq!(told.status, status, "{method} {headers:?}");
        assert!(told.body.contains(says), "{headers:?}: {}", told.body);
    }
}

#[tokio::test]
async fn every_answer_has_an_id_and_the_headers() {
    for (path, headers) in [
        ("/", vec![]),
        ("/panics", vec![]),
        ("/api", vec![HTML]),
        ("/", vec![("host", "evil.example")]),
    ] {
        let told = ask(SITE, "GET", path, &headers).await;
        assert_eq!(told.header("x-request-id"), Some("0000abcd00000000"));
        for name in [
            "content-security-policy",
            "x-content-type-options",
            "strict-transport-security",
            "cross-origin-opener-policy",
            "permissions-policy",
            "referrer-policy",
        ] {
            assert!(told.header(name).is_some(), "{path} {name}");
        }
        assert_eq!(told.header("cache-control"), Some("private, no-store"));
    }
}

#[tokio::test]
async fn a_panic_is_answered_with_a_fixed_text() {
    let told = ask(SITE, "GET", "/panics", &[]).await;
    assert_eq!(told.status, 500);
    assert!(told.body.contains("\"request_id\":\"0000abcd00000000\""));
    assert!(!told.body.contains("meant"), "{}", told.body);
    let told = ask(SITE, "GET", "/panics", &[HTML]).await;
    assert_eq!(told.status, 500);
    assert!(told.body.contains("0000abcd00000000"));
    assert!(told.body.contains("Something went wrong here"));
}

#[tokio::test]
async fn people_get_pages_and_programs_json() {
    let evil = ("host", "evil.example");
    for (path, headers, kind, says) in [
        ("/", vec![evil], "application/json", "\"wrong_host\""),
        (
            "/",
            vec![evil, HTML],
            "text/html; charset=utf-8",
            "That did not work",
        ),
        // What is for programs stays JSON, though somebody opens it in a browser.
        ("/api", vec![HTML], "application/json", "\"absent\""),
    ] {
        let told = ask(SITE, "GET", path, &headers).await;
        assert_eq!(told.header("content-type"), Some(kind));
        assert!(told.body.contains(says), "{}", told.body);
    }
}

#[tokio::test]
async fn named_origins_may_read_answers_and_refusals() {
    for (origin, allowed) in [
        (Some("https://a.pages.example"), true),
        (Some("https://evil.example"), false),
        (Some("null"), false),
        (None, false),
    ] {
        for path in ["/", "/api", "/panics"] {
            let headers: Vec<_> = origin
                .map(|origin| ("origin", origin))
                .into_iter()
                .collect();
            let told = ask(SITE, "GET", path, &headers).await;
            let expected = origin.filter(|_| allowed);
            assert_eq!(told.header("access-control-allow-origin"), expected);
            let credentials = told.header("access-control-allow-credentials");
            assert_eq!(credentials, allowed.then_some("true"));
            let vary = told.headers.get_all("vary");
            assert!(vary.iter().any(|value| value == "Origin"));
        }
    }
}

#[tokio::test]
async fn a_visit_under_another_loopback_name_is_sent_to_the_first() {
    let site = "http://127.0.0.1:8400";
    let localhost = ("host", "localhost:8400");
    let told = ask(site, "GET", "/sign-in?next=%2F", &[localhost, HTML]).await;
    assert_eq!(told.status, 307);
    let there = Some("http://127.0.0.1:8400/sign-in?next=%2F");
    assert_eq!(told.header("location"), there);
    // Programs are answered.
    let told = ask(site, "GET", "/", &[localhost]).await;
    assert_eq!((told.status, told.body.as_str()), (200, "localhost:8400"));
}
