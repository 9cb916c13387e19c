//! Servers that say what they should, and servers that do not.

use serde_json::json;

use super::*;
use crate::web::{Page, Web};

const RESOURCE: &str = "/.well-known/oauth-protected-resource";
const SERVER: &str = "/.well-known/oauth-authorization-server";

fn resource(origin: &str, issuer: &str) -> Page {
    Page::json(&json!({"resource": origin, "authorization_servers": [issuer]}))
}

fn server(origin: &str) -> serde_json::Value {
    json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/oauth/authorize"),
        "token_endpoint": format!("{origin}/oauth/token"),
        "pushed_authorization_request_endpoint": format!("{origin}/oauth/par"),
        "scopes_supported": ["atproto"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
        "dpop_signing_alg_values_supported": ["ES256"],
        "authorization_response_iss_parameter_supported": true,
        "require_pushed_authorization_requests": true,
        "client_id_metadata_document_supported": true,
    })
}

const PDS: &str = "https://pds.example.com";
const ISSUER: &str = "https://as.example.com";
const HOSTS: [&str; 2] = ["pds.example.com", "as.example.com"];

fn url(text: &str) -> Url {
    Url::parse_or_loopback(text).unwrap()
}

#[tokio::test]
async fn a_server_and_its_issuer_agree() {
    let web = Web::start(|host, path| match (host, path) {
        ("pds.example.com", RESOURCE) => resource(PDS, ISSUER),
        ("as.example.com", SERVER) => Page::json(&server(ISSUER)),
        _ => Page::missing(),
    })
    .await;
    let client = web.client(&HOSTS, false);
    assert_eq!(issuer_of(&client, &url(PDS)).await.as_deref(), Ok(ISSUER));
    let found = server_of(&client, &url(PDS)).await.unwrap();
    assert_eq!(found.token_endpoint, "https://as.example.com/oauth/token");
    // Whoever names either of them means the same.
    assert_eq!(server_at(&client, &url(PDS)).await, Ok(found.clone()));
    assert_eq!(server_at(&client, &url(ISSUER)).await, Ok(found));
}

#[tokio::test]
async fn a_development_network_is_plain_http_under_the_switch() {
    let web = Web::start(|host, path| {
        let origin = format!("http://{host}");
        match path {
            RESOURCE => resource(&origin, &origin),
            SERVER => Page::json(&server(&origin)),
            _ => Page::missing(),
        }
    })
    .await;
    let pds = url(&web.origin());
    let found = server_of(&web.client(&[], true), &pds).await.unwrap();
    assert_eq!(found.issuer, web.origin());
    assert_eq!(
        found.token_endpoint,
        format!("{}/oauth/token", web.origin())
    );
    web.asked();
    let refused = server_of(&web.client(&[], false), &pds).await;
    assert_eq!(refused, Err(MetadataError::Unreachable));
    assert_eq!(web.asked(), [""; 0]);
}

#[tokio::test]
async fn an_issuer_that_lists_other_servers_alone_has_no_say() {
    for (listed, expected) in [
        (json!([PDS]), Ok(ISSUER)),
        (json!(["https://b.example.com", PDS]), Ok(ISSUER)),
        (
            json!(["https://b.example.com"]),
            Err(MetadataError::OtherResource),
        ),
        (json!([]), Err(MetadataError::OtherResource)),
    ] {
        let mut document = server(ISSUER);
        document["protected_resources"] = listed.clone();
        let web = Web::start(move |host, _| match host {
            "pds.example.com" => resource(PDS, ISSUER),
            _ => Page::json(&document),
        })
        .await;
        let found = server_of(&web.client(&HOSTS, false), &url(PDS)).await;
        let found = found.map(|server| server.issuer);
        assert_eq!(
            found.as_deref().map_err(|error| *error),
            expected,
            "{listed}"
        );
    }
}

#[tokio::test]
async fn whatever_else_a_server_answers_has_a_reason() {
    let web = Web::start(|host, path| match (host, path) {
        ("html.example.com", _) => Page::Is(200, "text/html", "<!doctype html>".to_owned()),
        // Good but for what it says that it is.
        ("label.example.com", RESOURCE) => {
            let document = json!({
                "resource": "https://label.example.com",
                "authorization_servers": [ISSUER],
            });
            Page::Is(200, "text/plain", document.to_string())
        }
        ("text.example.com", _) => Page::json("<!doctype html>"),
        ("away.example.com", RESOURCE) => Page::Elsewhere("/elsewhere"),
        ("down.example.com", _) => Page::Is(503, "application/json", "{}".to_owned()),
        ("busy.example.com", _) => Page::Is(429, "application/json", "{}".to_owned()),
        ("gone.example.com", _) => Page::End,
        ("long.example.com", _) => Page::json(&format!("{}{{}}", " ".repeat(64 * 1024))),
        ("other.example.com", RESOURCE) => resource(PDS, ISSUER),
        ("two.example.com", RESOURCE) => Page::json(&json!({
            "resource": "https://two.example.com",
            "authorization_servers": [ISSUER, PDS],
        })),
        ("claims.example.com", RESOURCE) => resource("https://claims.example.com", ISSUER),
        ("old.example.com", RESOURCE) => {
            resource("https://old.example.com", "https://old.example.com")
        }
        // Says that it is the issuer of another host.
        ("as.example.com", SERVER) => Page::json(&server("https://bsky.social")),
        ("old.example.com", SERVER) => {
            let mut document = server("https://old.example.com");
            document["scopes_supported"] = json!(["openid"]);
            Page::json(&document)
        }
        ("away.example.com", "/elsewhere") => {
            resource("https://away.example.com", "https://away.example.com")
        }
        _ => Page::missing(),
    })
    .await;
    let hosts = [
        "html", "label", "text", "away", "down", "busy", "gone", "long", "other", "two", "claims",
        "old", "none", "as",
    ]
    .map(|name| format!("{name}.example.com"));
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let client = web.client(&hosts, false);
    for (name, expected) in [
        ("html", MetadataError::NotAtproto),
        ("label", MetadataError::NotAtproto),
        ("text", MetadataError::NotAtproto),
        ("away", MetadataError::NotAtproto),
        ("none", MetadataError::NotAtproto),
        ("long", MetadataError::NotAtproto),
        ("down", MetadataError::Unreachable),
        ("busy", MetadataError::Unreachable),
        ("gone", MetadataError::Unreachable),
        // Its address is not public.
        ("inside", MetadataError::Unreachable),
        ("other", MetadataError::OtherResource),
        ("two", MetadataError::NoIssuer),
        ("claims", MetadataError::OtherIssuer),
        ("old", MetadataError::Lacks("scopes_supported")),
    ] {
        let at = url(&format!("https://{name}.example.com"));
        assert_eq!(server_of(&client, &at).await, Err(expected), "{name}");
        assert_eq!(server_at(&client, &at).await, Err(expected), "{name}");
    }
    let asked = web.asked();
    assert!(!asked.iter().any(|asked| asked.ends_with("/elsewhere")));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for() {
    let web = Web::start(|_, _| Page::Silence).await;
    let client = web.client(&HOSTS, false);
    tokio::time::pause();
    let before = tokio::time::Instant::now();
    let found = server_of(&client, &url(PDS)).await;
    assert_eq!(found, Err(MetadataError::Unreachable));
    assert_eq!(before.elapsed().as_secs(), fetch::TIME.as_secs());
}
