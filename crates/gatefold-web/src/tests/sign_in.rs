//! The steps of a sign-in.

use http::Method;

use super::{Actor, FORM, HTML, JSON, SITE, Web};

const START: &str = "/auth/start?handle=robin.example.com";
const THERE: &str = "https://pds.example/oauth/authorize?request_uri=1";

#[tokio::test]
async fn a_sign_in_begins_where_the_account_lives() {
    for (query, asked) in [
        (
            "handle=robin.example.com",
            "begin robin.example.com browser None Some(\"10.0.0.0/24\")",
        ),
        (
            "handle=%40robin.example.com%20&next=%2Ftracks%3Fa%3Db",
            "begin robin.example.com browser Some(\"/tracks?a=b\") Some(\"10.0.0.0/24\")",
        ),
        (
            "handle=robin.example.com&verifier_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "begin robin.example.com command line None Some(\"10.0.0.0/24\")",
        ),
        (
            "handle=robin.example.com&verifier_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&loopback_port=5000",
            "begin robin.example.com command line at 5000 None Some(\"10.0.0.0/24\")",
        ),
        // A browser's sign-in ends where it began.
        (
            "handle=robin.example.com&loopback_port=5000",
            "begin robin.example.com browser None Some(\"10.0.0.0/24\")",
        ),
    ] {
        let web = Web::new();
        let told = web
            .get(Actor::Nobody, &format!("/auth/start?{query}"))
            .await;
        assert_eq!(told.status, 303, "{}", told.body);
        assert_eq!(told.header("location"), Some(THERE));
        assert_eq!(web.accounts.asked(), [asked]);
    }
}

#[tokio::test]
async fn what_cannot_begin_says_why_and_keeps_what_was_typed() {
    for (query, status, code, says) in [
        (
            "handle=unknown.example.com&next=%2Ftracks",
            400,
            "unknown_handle",
            "Nobody has this handle",
        ),
        (
            "handle=down.example.com&next=%2Ftracks",
            424,
            "server_unavailable",
            "does not answer",
        ),
        (
            "handle=&next=%2Ftracks",
            400,
            "no_handle",
            "Say who you are",
        ),
        (
            "handle=a.example.com&next=https%3A%2F%2Fevil.example",
            400,
            "invalid_next",
            "has to be a path of this site",
        ),
        (
            "handle=a.example.com&next=%2F%2Fevil.example",
            400,
            "invalid_next",
            "has to be a path of this site",
        ),
        (
            "handle=a.example.com&next=%2Ftracks&verifier_challenge=short",
            400,
            "invalid_challenge",
            "verifier_challenge",
        ),
        (
            "handle=a.example.com&next=%2Ftracks&verifier_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&loopback_port=80",
            400,
            "invalid_loopback_port",
            "loopback_port",
        ),
    ] {
        let web = Web::new();
        let path = format!("/auth/start?{query}");
        let told = web.get(Actor::Nobody, &path).await;
        assert_eq!((told.status, told.code().as_str()), (status, code));
        let told = web.visit(Actor::Nobody, &path).await;
        assert_eq!(told.status, status);
        assert!(
            told.body
                .contains("<form method=\"post\" action=\"/auth/start\"")
        );
        assert!(told.body.contains(says), "{says}: {}", told.body);
        if query.contains("%2Ftracks") {
            assert!(told.body.contains("name=\"next\" value=\"/tracks\""));
        }
        if let Some((_, typed)) = query.split('&').next().unwrap().split_once('=') {
            assert!(told.body.contains(&format!("value=\"{typed}\"")));
        }
    }
}

#[tokio::test]
async fn another_site_cannot_begin_unasked() {
    for said in ["cross-site", "same-site"] {
        let web = Web::new();
        let headers = [("sec-fetch-site", said), HTML];
        let told = web
            .ask(Actor::Nobody, &Method::GET, START, &headers, "")
            .await;
        assert_eq!(told.status, 200);
        assert!(told.body.contains("Do you want to sign in?"));
        assert!(told.body.contains("value=\"robin.example.com\""));
        assert_eq!(web.accounts.asked(), [""; 0]);
    }
}

#[tokio::test]
async fn a_confirmation_comes_from_a_page_of_this_site() {
    for (headers, status) in [
        (vec![("origin", SITE)], 303),
        (
            vec![("origin", SITE), ("sec-fetch-site", "same-origin")],
            303,
        ),
        (
            vec![("origin", SITE), ("sec-fetch-site", "cross-site")],
            403,
        ),
        (vec![], 403),
        (vec![("origin", "null")], 403),
        (vec![("origin", "https://evil.example")], 403),
        // May use the API, and is another site all the same.
        (vec![("origin", "https://app.example")], 403),
    ] {
        let web = Web::new();
        let headers: Vec<_> = headers.into_iter().chain([FORM]).collect();
        let form = "handle=robin.example.com";
        let told = web
            .ask(Actor::Nobody, &Method::POST, "/auth/start", &headers, form)
            .await;
        assert_eq!(told.status, status, "{headers:?}");
        assert_eq!(web.accounts.asked().len(), usize::from(status == 303));
    }
}

#[tokio::test]
async fn forms_may_lead_to_an_authorization_server() {
    let web = Web::new();
    for (path, allowed) in [("/sign-in", true), ("/", false)] {
        let told = web.visit(Actor::Nobody, path).await;
        let policy = told.header("content-security-policy").unwrap();
        assert_eq!(policy.contains("form-action 'self' https:"), allowed);
    }
}

#[tokio::test]
async fn a_sign_in_that_does_not_end_in_one_says_why() {
    for (state, status, code, says) in [
        ("denied", 403, "denied", "You did not allow it"),
        ("elsewhere", 403, "other_browser", "in another browser"),
        ("old", 400, "unknown_state", "took too long"),
    ] {
        let web = Web::new();
        let path = format!("/auth/callback?state={state}&code=c&iss=https%3A%2F%2Fpds.example");
        let told = web.get(Actor::Nobody, &path).await;
        assert_eq!((told.status, told.code().as_str()), (status, code));
        let told = web.visit(Actor::Nobody, &path).await;
        assert_eq!(told.status, status);
        assert!(told.body.contains(says), "{}", told.body);
    }
    let twice = "/auth/callback?state=a&state=b";
    assert_eq!(Web::new().get(Actor::Nobody, twice).await.status, 400);
}

#[tokio::test]
async fn a_callback_shows_who_began() {
    let web = Web::new();
    let cookie = [("cookie", "__Host-signin=binding")];
    let path = "/auth/callback?state=old";
    web.ask(Actor::Nobody, &Method::GET, path, &cookie, "")
        .await;
    assert_eq!(
        web.accounts.asked(),
        ["finish Some(\"old\") Some(\"binding\")"]
    );
}

#[tokio::test]
async fn the_page_that_takes_a_token_tells_nobody() {
    let web = Web::new();
    let told = web
        .visit(
            Actor::Nobody,
            "/signed-in?exchange_token=t0k3nv4lu3&next=%2Ftracks",
        )
        .await;
    assert_eq!(told.status, 200);
    assert_eq!(told.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(told.header("cache-control"), Some("private, no-store"));
    assert!(!told.body.contains("t0k3nv4lu3"));
    assert!(told.body.contains("data-next=\"/tracks\""));
    for evil in [
        "https%3A%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "javascript%3A1",
    ] {
        let told = web
            .visit(Actor::Nobody, &format!("/signed-in?next={evil}"))
            .await;
        assert!(told.body.contains("data-next=\"/\""), "{}", told.body);
        assert!(!told.body.contains("evil"));
    }
}

#[tokio::test]
async fn who_redeems_a_token_is_judged_by_what_they_are() {
    let body = "{\"exchange_token\":\"t\",\"verifier\":\"v\"}";
    for (actor, headers, proof) in [
        (Actor::Nobody, vec![], "command line Some(\"v\")"),
        (
            Actor::Nobody,
            vec![("sec-fetch-mode", "cors")],
            "browser None None",
        ),
        (Actor::Nobody, vec![("origin", "null")], "browser None None"),
        (
            Actor::Nobody,
            vec![("cookie", "__Host-signin=binding"), ("origin", SITE)],
            "browser Some(\"binding\") None",
        ),
        (
            Actor::Browser,
            vec![],
            "browser None Some(\"did:plc:ewvi7nxzyoun6zhxrhs64oiz\")",
        ),
        // A token in the hands of a browser is no session of it.
        (
            Actor::Developer,
            vec![("cookie", "theme=dark")],
            "browser None None",
        ),
    ] {
        let web = Web::new();
        let headers: Vec<_> = headers.into_iter().chain([JSON]).collect();
        let told = web
            .ask(actor, &Method::POST, "/auth/exchange", &headers, body)
            .await;
        assert_eq!(
            (told.status, told.code().as_str()),
            (401, "exchange_refused")
        );
        assert_eq!(web.accounts.asked(), [format!("exchange t {proof}")]);
        assert_eq!(told.all("set-cookie"), [""; 0]);
    }
}

#[tokio::test]
async fn asking_ahead_takes_no_step() {
    for path in [
        START,
        "/auth/callback?state=1&code=2&iss=https%3A%2F%2Fpds.example",
    ] {
        let web = Web::new();
        let told = web.ask(Actor::Nobody, &Method::HEAD, path, &[], "").await;
        assert_eq!(told.status, 405, "{path}");
        assert_eq!(web.accounts.asked(), [""; 0], "{path}");
    }
}
