//! The table, walked.

use std::collections::BTreeSet;

use super::*;

#[test]
fn every_route_is_there_once() {
    let mut seen = BTreeSet::new();
    for route in table() {
        let name = format!("{} {}", route.method, route.path);
        assert!(seen.insert(name.clone()), "{name} is there twice");
    }
    for expected in [
        "GET /auth/start",
        "POST /auth/start",
        "GET /auth/callback",
        "POST /auth/exchange",
        "GET /auth/me",
        "POST /auth/logout",
        "POST /auth/developer-token/start",
        "GET /auth/developer-tokens",
        "DELETE /auth/developer-tokens/{id}",
        "POST /artists/",
        "GET /artists/me",
        "PUT /artists/me",
        "GET /artists/by-handle/{handle}",
        "GET /artists/{did}",
        "GET /audio/{file_id}",
        "GET /audio/{file_id}/url",
        "GET /oauth-client-metadata.json",
        "GET /.well-known/jwks.json",
    ] {
        assert!(seen.contains(expected), "{expected} is in the contract");
    }
}

#[test]
fn steps_of_a_sign_in_are_counted_as_such() {
    for route in table() {
        let is_step = [
            "/auth/start",
            "/auth/callback",
            "/auth/exchange",
            "/auth/developer-token/start",
            "/settings/accounts/add",
        ]
        .contains(&route.path)
            || route.path == "/settings/tokens" && route.method == Method::POST;
        assert_eq!(
            route.class == Class::Auth,
            is_step,
            "{} {}",
            route.method,
            route.path
        );
    }
}
