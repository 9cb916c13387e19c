//! What an edge and its command tell: health, settings, shells, manuals.

use std::fs;

use serde_json::json;

use crate::operator::{Operator, ask};

#[test]
fn health_is_told_to_the_world_and_more_of_it_to_the_operator() {
    let operator = Operator::with_song();
    let edge = operator.start();
    let (status, head, body) = ask(edge.address.unwrap(), "GET", "/health", "", "");
    assert_eq!(
        (status, body.as_slice()),
        (200, br#"{"status":"ok"}"#.as_slice())
    );
    assert!(head.contains("cache-control: private, no-store"), "{head}");
    for path in ["/", "/metrics", "/purge", "/reload"] {
        assert_eq!(
            ask(edge.address.unwrap(), "GET", path, "", "").0,
            404,
            "{path}"
        );
    }
    let (status, health) = edge.admin("GET", "/health", "", "");
    assert_eq!((status, &health["minters"]), (200, &json!(1)));
    let body = r#"{"prefix":"files:demo/"}"#;
    assert_eq!(edge.admin("POST", "/purge", "wrong", body).0, 401);
    assert_eq!(edge.admin("POST", "/purge", &operator.token(), body).0, 200);
}

#[test]
fn what_is_in_force_is_shown_with_its_place_and_without_secrets() {
    let operator = Operator::new();
    operator.write(
        "other.toml",
        "[edge]\nadmin_token = \"0123456789abcdef0123456789\"\n[edge.cache]\nmemory = \"1 GiB\"",
    );
    let output = operator
        .command(&["config", "show", "--config", "other.toml"])
        .env("GATEFOLD_EDGE_CACHE_FRESH", "1m")
        .output()
        .unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    for line in [
        "admin_token = \"(hidden)\"  # other.toml:2",
        "memory = \"1 GiB\"  # other.toml:4",
        "fresh = \"1m\"  # the variable GATEFOLD_EDGE_CACHE_FRESH",
        "listen = \"127.0.0.1:8400\"",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    assert!(!shown.contains("0123456789"), "{shown}");
    assert!(
        operator
            .succeed(&["config", "reference"])
            .starts_with("# Configuration\n")
    );
    let said = operator.fail(&["config", "show", "--config", "none.toml"]);
    assert!(said.contains("none.toml: there is no such file"), "{said}");
}

#[test]
fn shells_and_manuals_know_every_command() {
    let operator = Operator::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = operator.succeed(&["completions", shell]);
        assert!(
            ["gatefold", "doctor", "ticket"]
                .iter()
                .all(|word| script.contains(word)),
            "{shell}"
        );
    }
    assert!(operator.succeed(&["man"]).contains(".TH gatefold 1"));
    operator.succeed(&["man", "--out", "man"]);
    for page in [
        "gatefold.1",
        "gatefold-edge.1",
        "gatefold-ticket.1",
        "gatefold-keys-new-minter.1",
        "gatefold-config-show.1",
    ] {
        let page = fs::read_to_string(operator.path().join("man").join(page)).unwrap();
        assert!(page.contains(".SH NAME"), "{page}");
    }
}
