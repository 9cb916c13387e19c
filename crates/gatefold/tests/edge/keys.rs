//! Keys that change while an edge runs.

use std::{fs, io::BufRead, os::unix::fs::PermissionsExt};

use serde_json::json;

use crate::operator::{CLIENT, Operator, SONG};

#[test]
fn an_edge_starts_with_nothing_and_learns_of_a_minter_while_it_runs() {
    let operator = Operator::new();
    let mut edge = operator.start();
    operator.write("data/files/demo/song.wav", SONG);
    operator.succeed(&[
        "keys",
        "new",
        "minter",
        "site",
        "--out",
        "site.json",
        "--folder",
        "demo",
        "--client",
        CLIENT,
    ]);
    let url = operator.seal();
    assert_eq!(edge.play(&url).0, 403);

    edge.signal("-HUP");
    assert_eq!(
        edge.until("Read the keyring again: "),
        "1 edge key and 1 minter in use"
    );
    assert_eq!(edge.play(&url), (200, SONG.to_vec()));

    edge.signal("-TERM");
    assert_eq!(edge.process.wait().unwrap().code(), Some(0));
    let mode = |name: &str| {
        fs::metadata(operator.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    for secret in [
        "data/keyring.json",
        "data/secrets/admin.token",
        "data/secrets/tags.key",
    ] {
        assert_eq!(mode(secret), 0o600, "{secret}");
    }
}

#[test]
fn a_key_that_is_retired_opens_nothing_after_a_reload_and_a_broken_file_changes_nothing() {
    let operator = Operator::with_song();
    let mut edge = operator.start();
    let (url, token) = (operator.seal(), operator.token());
    assert_eq!(edge.play(&url).0, 200);

    let keyring = operator.path().join("data/keyring.json");
    let before = fs::read(&keyring).unwrap();
    fs::write(&keyring, "broken").unwrap();
    let (status, said) = edge.admin("POST", "/reload", &token, "");
    assert_eq!((status, &said["code"]), (409, &json!("keyring")));
    edge.signal("-HUP");
    // Twice: of the request, and of the signal.
    for _ in 0..2 {
        let mut line = String::new();
        edge.complaints.read_line(&mut line).unwrap();
        assert!(line.contains("the keyring is as it was"), "{line}");
    }
    assert_eq!(edge.play(&url).0, 200);

    fs::write(&keyring, before).unwrap();
    operator.succeed(&["keys", "retire", "site"]);
    assert_eq!(edge.play(&url).0, 200, "nobody told it");
    let (status, said) = edge.admin("POST", "/reload", &token, "");
    assert_eq!((status, said), (200, json!({"edge_keys": 1, "minters": 0})));
    assert_eq!(edge.play(&url).0, 403);
}
