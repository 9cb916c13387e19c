//! Key files come back whole, and what is wrong with one is named without its secrets.

use super::*;

fn file() -> KeyringFile {
    let mut file = KeyringFile::default();
    let edge = EdgeEntry {
        key: EdgePrivateKey::from_bytes([1; KEY_LEN].into()),
        created: UnixSeconds(100),
        retired: None,
    };
    file.add_edge_key(edge).unwrap();
    file.add_minter(minter("relay", 2)).unwrap();
    file
}

fn minter(name: &str, byte: u8) -> MinterEntry {
    MinterEntry {
        name: name.to_owned(),
        key: MinterKey::from_bytes(&[byte; KEY_LEN].into()),
        scope: Scope {
            hosts: vec!["*.example.com".parse().unwrap()],
            folders: vec!["demo".to_owned()],
            clients: vec![
                "https://*.example.com".parse().unwrap(),
                "did:plc:*".parse().unwrap(),
            ],
            longest_lifetime: 3600,
            ..Scope::default()
        },
        created: UnixSeconds(200),
        retired: Some(UnixSeconds(300)),
    }
}

fn refused(json: &str) -> KeyFileError {
    KeyringFile::parse(json.as_bytes()).err().unwrap()
}

#[test]
fn a_keyring_comes_back_whole() {
    let json = file().to_json();
    let back = KeyringFile::parse(&json).unwrap();
    assert_eq!(back.to_json(), json);
    let (minter, before) = (&back.minters[0], minter("relay", 2));
    assert_eq!(minter.scope, before.scope);
    assert!(minter.key == before.key);
    assert_eq!((minter.created.0, minter.retired), (200, before.retired));
}

#[test]
fn a_minters_own_file_comes_back_whole() {
    let keyring = file();
    let own = MinterFile {
        name: "relay".to_owned(),
        edge: *keyring.edge_keys[0].key.public(),
        key: keyring.minters[0].key.clone(),
        scope: keyring.minters[0].scope.clone(),
    };
    let back = MinterFile::parse(&own.to_json()).unwrap();
    assert_eq!((back.edge, &back.scope), (own.edge, &own.scope));
    assert!(back.key == own.key);
}

#[test]
fn what_looks_alike_is_refused() {
    let mut file = file();
    let again = file.edge_keys[0].clone();
    assert!(matches!(
        file.add_edge_key(again),
        Err(KeyFileError::DuplicateId(_))
    ));
    assert!(matches!(
        file.add_minter(minter("other", 2)),
        Err(KeyFileError::DuplicateId(_))
    ));
    assert_eq!(
        file.add_minter(minter("relay", 3)).err(),
        Some(KeyFileError::DuplicateName("relay".to_owned()))
    );
    assert_eq!((file.edge_keys.len(), file.minters.len()), (1, 1));
}

#[test]
fn what_is_wrong_is_named_and_no_secret_with_it() {
    let json = String::from_utf8(file().to_json().to_vec()).unwrap();
    let secret = text(&[2; KEY_LEN]).0.clone();
    let table = [
        (
            json.replace("\"version\": 1", "\"version\": 2"),
            "version 2",
        ),
        (json.replace("\"relay\"", "\"\""), "name"),
        (json.replace("\"relay\"", "\"a b\""), "name"),
        (json.replace(&secret, "AAAA"), "the key of \"relay\""),
        (json.replace("*.example.com\"", "*\""), "relay"),
        (json.replace("\"demo\"", "\"../demo\""), "folder"),
        (json.replace("3600", "30"), "lifetime"),
        (json.replace("\"private\"", "\"privat\""), "line"),
        (json.replace(&format!("\"{secret}\""), "7"), "line"),
        (json.replace("\"hosts\"", "\"folders\""), "line"),
        (String::new(), "line"),
        ("[]".to_owned(), "line"),
        (format!("{json} {json}"), "line"),
    ];
    for (json, hint) in table {
        let message = refused(&json).to_string();
        assert!(message.contains(hint), "{hint}: {message}");
        assert!(!message.contains(&secret), "{message}");
    }
}

#[test]
fn retiring_keeps_the_earlier_time() {
    let mut file = file();
    let edge = file.edge_keys[0].key.public().id();
    let minter = file.minters[0].key.id();
    assert!(file.retire(edge, UnixSeconds(500)));
    assert!(file.retire(minter, UnixSeconds(500)));
    assert!(!file.retire(KeyId(*b"none"), UnixSeconds(500)));
    assert_eq!(file.edge_keys[0].retired, Some(UnixSeconds(500)));
    assert_eq!(file.minters[0].retired, Some(UnixSeconds(300)));
}
