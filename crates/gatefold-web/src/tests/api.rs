//! What people and their programs do with their accounts.

use http::Method;
use serde_json::json;

use super::{Actor, Web};

#[tokio::test]
async fn somebody_learns_who_they_are() {
    for (actor, linked) in [
        (
            Actor::Browser,
            json!([
                {"did": "did:plc:ewvi7nxzyoun6zhxrhs64oiz", "handle": "robin.example.com"},
                {"did": "did:plc:z72i7hdynmk6r22z27h6tvur", "handle": "handle.invalid"},
            ]),
        ),
        (Actor::CommandLine, json!([])),
        (Actor::Developer, json!([])),
    ] {
        let told = Web::new().get(actor, "/auth/me").await;
        assert_eq!(told.status, 200);
        assert_eq!(
            told.json(),
            json!({
                "did": "did:plc:ewvi7nxzyoun6zhxrhs64oiz",
                "handle": "robin.example.com",
                "linked_accounts": linked,
                "enabled_flags": [],
            })
        );
    }
}

#[tokio::test]
async fn whoever_signs_out_leaves_nothing_in_their_browser() {
    let cookie = "__Host-session_id=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure";
    for (actor, path, status, forgets) in [
        (Actor::Browser, "/auth/logout", 200, true),
        (Actor::CommandLine, "/auth/logout", 200, false),
        (Actor::Browser, "/sign-out", 303, true),
    ] {
        let web = Web::new();
        let told = web.ask(actor, &Method::POST, path, &[], "").await;
        assert_eq!(told.status, status);
        assert_eq!(web.accounts.asked(), ["logout Some(\"10.0.0.0/24\")"]);
        let expected: &[&str] = if forgets { &[cookie] } else { &[] };
        assert_eq!(told.all("set-cookie"), expected);
        let clears = told.header("clear-site-data");
        assert_eq!(clears, forgets.then_some("\"cache\", \"storage\""));
    }
}

#[tokio::test]
async fn a_token_is_asked_for_by_a_person() {
    let path = "/auth/developer-token/start";
    for (body, status, code) in [
        (json!({"name": "ci"}), 200, "begin … token ci 90 days"),
        (
            json!({"name": "ci", "expires_in_days": 365}),
            200,
            "begin … token ci 365 days",
        ),
        (
            json!({"name": "ci", "expires_in_days": 0}),
            200,
            "begin … token ci 0 days",
        ),
        (
            json!({"name": "ci", "expires_in_days": 366}),
            422,
            "invalid_expires_in_days",
        ),
        (
            json!({"name": "ci", "expires_in_days": -1}),
            422,
            "invalid_expires_in_days",
        ),
        (json!({"name": ""}), 422, "invalid_name"),
        (json!({"name": 7}), 422, "invalid_body"),
    ] {
        let web = Web::new();
        let told = web.post_json(Actor::Browser, path, &body.to_string()).await;
        assert_eq!(told.status, status, "{body}");
        if status == 200 {
            let url = "https://pds.example/oauth/authorize?request_uri=1";
            assert_eq!(told.json(), json!({"auth_url": url}));
            let asked = web.accounts.asked().join("");
            let end = code.strip_prefix("begin … ").unwrap();
            assert!(asked.contains(end), "{asked}");
            assert!(asked.starts_with("begin did:plc:ewvi7nxzyoun6zhxrhs64oiz"));
        } else {
            assert_eq!(told.code(), code);
            assert_eq!(web.accounts.asked(), [""; 0]);
        }
    }
}

#[tokio::test]
async fn tokens_are_listed_and_revoked_by_their_public_id() {
    let web = Web::new();
    let told = web.get(Actor::Developer, "/auth/developer-tokens").await;
    assert_eq!(
        told.json(),
        json!({"tokens": [{
            "session_id": "k7m2pq9x",
            "name": "nightly upload",
            "created_at": "1970-01-01T00:00:00Z",
            "expires_at": "1970-01-02T00:00:00Z",
        }]})
    );
    for (id, status) in [
        ("k7m2pq9x", 200),
        ("w3ctz6ha", 404),
        ("nonsense!", 404),
        ("%ff%ff", 404),
    ] {
        let path = format!("/auth/developer-tokens/{id}");
        let told = web
            .ask(Actor::Browser, &Method::DELETE, &path, &[], "")
            .await;
        assert_eq!(told.status, status, "{id}");
    }
}

#[tokio::test]
async fn pages_show_what_is_there() {
    let web = Web::new();
    for (path, shows) in [
        ("/", "Signed in as"),
        ("/settings/accounts", "did:plc:z72i7hdynmk6r22z27h6tvur"),
        ("/settings/sessions", "Command line"),
        ("/settings/tokens", "nightly upload"),
        ("/settings/activity", "/settings/activity?before=9"),
    ] {
        let told = web.visit(Actor::Browser, path).await;
        assert_eq!(told.status, 200);
        assert!(told.body.contains(shows), "{path}: {}", told.body);
        assert!(told.body.contains("robin.example.com"));
    }
}

#[tokio::test]
async fn forms_change_what_they_say_and_go_back() {
    let (own, other) = ("01".repeat(16), "02".repeat(16));
    for (path, form, status, there, asked) in [
        (
            "/settings/sessions/end",
            format!("id={other}"),
            303,
            Some("/settings/sessions"),
            format!("end {other} Some(\"10.0.0.0/24\")"),
        ),
        (
            "/settings/sessions/end",
            format!("id={own}"),
            303,
            Some("/"),
            format!("end {own} Some(\"10.0.0.0/24\")"),
        ),
        (
            "/settings/sessions/end",
            "id=x".to_owned(),
            404,
            None,
            String::new(),
        ),
        (
            "/settings/tokens/revoke",
            "id=k7m2pq9x".to_owned(),
            303,
            Some("/settings/tokens"),
            "revoke k7m2pq9x Some(\"10.0.0.0/24\")".to_owned(),
        ),
        (
            "/settings/tokens",
            "name=ci&expires_in_days=7".to_owned(),
            303,
            Some("https://pds.example/oauth/authorize?request_uri=1"),
            "begin did:plc:ewvi7nxzyoun6zhxrhs64oiz token ci 7 days None Some(\"10.0.0.0/24\")"
                .to_owned(),
        ),
        (
            "/settings/accounts/add",
            "handle=%40tram.example.com".to_owned(),
            303,
            Some("https://pds.example/oauth/authorize?request_uri=1"),
            "begin tram.example.com browser beside Some(\"/settings/accounts\") \
             Some(\"10.0.0.0/24\")"
                .to_owned(),
        ),
        (
            "/settings/accounts/switch",
            "did=did:plc:z72i7hdynmk6r22z27h6tvur".to_owned(),
            404,
            None,
            "switch did:plc:z72i7hdynmk6r22z27h6tvur".to_owned(),
        ),
        (
            "/settings/accounts/switch",
            "did=robin".to_owned(),
            404,
            None,
            String::new(),
        ),
    ] {
        let web = Web::new();
        let told = web.post_form(Actor::Browser, path, &form).await;
        assert_eq!(told.status, status, "{path} {form}: {}", told.body);
        assert_eq!(told.header("location"), there);
        assert_eq!(web.accounts.asked().join(""), asked);
        let signs_out = there == Some("/");
        assert_eq!(told.header("clear-site-data").is_some(), signs_out);
    }
}

#[tokio::test]
async fn an_account_that_cannot_be_added_is_asked_for_again() {
    let web = Web::new();
    let told = web
        .post_form(
            Actor::Browser,
            "/settings/accounts/add",
            "handle=unknown.example.com",
        )
        .await;
    assert_eq!(told.status, 400);
    assert!(told.body.contains("Nobody has this handle"));
    assert!(told.body.contains("value=\"/settings/accounts\""));
}

#[tokio::test]
async fn authorization_servers_read_who_this_site_is() {
    let web = Web::new();
    for path in ["/oauth-client-metadata.json", "/.well-known/jwks.json"] {
        let told = web.get(Actor::Nobody, path).await;
        assert_eq!(told.status, 200);
        assert_eq!(told.header("content-type"), Some("application/json"));
        assert_eq!(told.header("cache-control"), Some("public, max-age=300"));
        assert!(told.json().is_object());
    }
}

#[tokio::test]
async fn files_of_pages_are_kept_as_long_as_they_stay() {
    let web = Web::new();
    let style = crate::assets::path("style.css");
    for (path, status, keeps) in [
        (
            style.as_str(),
            200,
            Some("public, max-age=31536000, immutable"),
        ),
        ("/static/0/style.css", 200, Some("no-cache")),
        ("/static/0/nothing.css", 404, Some("private, no-store")),
        (
            "/static/0/..%2f..%2fCargo.toml",
            404,
            Some("private, no-store"),
        ),
    ] {
        let told = web.get(Actor::Nobody, path).await;
        assert_eq!(told.status, status, "{path}");
        assert_eq!(told.header("cache-control"), keeps, "{path}");
    }
}

#[tokio::test]
async fn a_page_of_a_named_origin_uses_the_api() {
    let web = Web::new();
    let headers = [
        ("origin", "https://app.example"),
        ("sec-fetch-site", "cross-site"),
    ];
    let told = web
        .ask(Actor::Browser, &Method::POST, "/auth/logout", &headers, "")
        .await;
    assert_eq!(told.status, 200);
    let allowed = told.header("access-control-allow-origin");
    assert_eq!(allowed, Some("https://app.example"));
}
