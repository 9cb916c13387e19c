//! Client keys: their file, their rotation, what they sign.

use super::*;
use crate::{jose::tests::opened, testing::Counting};

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn later(minutes: u64) -> Timestamp {
    START.after(Duration::from_mins(minutes))
}

fn primary(keys: &ClientKeys, now: Timestamp) -> KeyId {
    keys.primary(now).unwrap().id().clone()
}

#[test]
fn a_file_reads_back_as_it_was_written() {
    let mut rng = Counting::default();
    let mut keys = ClientKeys::generate(&mut rng, START);
    keys.rotate(&mut rng, later(1)).unwrap();
    let bytes = keys.to_bytes();
    let again = ClientKeys::parse(&bytes).unwrap();
    assert_eq!(*again.to_bytes(), *bytes);
    assert_eq!(again.jwks(), keys.jwks());
    assert_eq!(primary(&again, later(16)), primary(&keys, later(16)));
}

#[test]
fn what_is_no_key_file_is_refused() {
    let good = ClientKeys::generate(&mut Counting::default(), START);
    let good = String::from_utf8(good.to_bytes().to_vec()).unwrap();
    let value: Value = serde_json::from_str(&good).unwrap();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut value = value.clone();
        change(&mut value);
        ClientKeys::parse(value.to_string().as_bytes()).err()
    };
    let id = ClientKeys::parse(good.as_bytes()).unwrap().0[0].id.clone();
    assert!(with(&|_| ()).is_none());
    assert_eq!(
        with(&|file| file["version"] = 2.into()),
        Some(KeyFileError::Version(2))
    );
    assert_eq!(
        with(&|file| file["keys"] = json!([])),
        Some(KeyFileError::Count(0))
    );
    assert_eq!(
        with(&|file| {
            let key = file["keys"][0].clone();
            file["keys"].as_array_mut().unwrap().push(key);
        }),
        Some(KeyFileError::Twice(id))
    );
    for key in [
        "",
        "AAAA",
        &"A".repeat(43),
        &"_".repeat(43),
        &"A".repeat(44),
    ] {
        assert_eq!(
            with(&|file| file["keys"][0]["private_key"] = key.into()),
            Some(KeyFileError::Key(1)),
            "{key}"
        );
    }
    for bad in ["", "{}", "[]", "{\"version\":1,\"keys\":[{}]}"] {
        let error = ClientKeys::parse(bad.as_bytes()).err().unwrap();
        assert!(matches!(error, KeyFileError::Shape { .. }), "{bad}");
    }
    assert!(matches!(
        with(&|file| file["more"] = 1.into()),
        Some(KeyFileError::Shape { .. })
    ));
}

#[test]
fn a_new_key_signs_when_it_has_been_published_long_enough() {
    let mut rng = Counting::default();
    let mut keys = ClientKeys::generate(&mut rng, START);
    let first = primary(&keys, START);
    let second = keys.rotate(&mut rng, later(10)).unwrap();
    assert_ne!(first, second);
    // It is published at once.
    assert_eq!(keys.jwks()["keys"][1]["kid"], second.as_str());
    assert_eq!(primary(&keys, later(24)), first);
    assert_eq!(primary(&keys, later(25)), second);
    // And the first goes on signing for its grants.
    assert!(keys.get(&first).is_some());
    // A clock that went back leaves nobody without a key.
    assert_eq!(primary(&keys, Timestamp::from_millis(0)), first);
}

#[test]
fn a_key_is_retired_only_when_another_has_taken_over() {
    let mut rng = Counting::default();
    let mut keys = ClientKeys::generate(&mut rng, START);
    let first = primary(&keys, START);
    let in_use = Err(RotationError::InUse(first.clone()));
    assert_eq!(keys.retire(&first, later(60)), in_use);
    keys.rotate(&mut rng, later(60)).unwrap();
    assert_eq!(keys.retire(&first, later(61)), in_use);
    assert_eq!(keys.retire(&first, later(75)), Ok(()));
    assert!(keys.get(&first).is_none());
    assert_eq!(
        keys.retire(&first, later(75)),
        Err(RotationError::Unknown(first))
    );
    assert_eq!(keys.jwks()["keys"].as_array().unwrap().len(), 1);
    for _ in 1..MAX_KEYS {
        keys.rotate(&mut rng, later(80)).unwrap();
    }
    assert_eq!(keys.rotate(&mut rng, later(80)), Err(RotationError::Full));
}

#[test]
fn the_set_holds_public_parts_alone() {
    let keys = ClientKeys::generate(&mut Counting::default(), START);
    let jwks = keys.jwks();
    let members: Vec<_> = jwks["keys"][0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
}

#[test]
fn an_assertion_is_for_one_server_and_one_minute() {
    let keys = ClientKeys::generate(&mut Counting::default(), START);
    let key = keys.primary(START).unwrap();
    let jws = key.assertion(
        "https://app.example/c.json",
        "https://as.example",
        "one",
        START,
    );
    let (header, claims) = opened(&jws, &key.key.coordinates());
    assert_eq!(header, json!({"alg": "ES256", "kid": key.id().as_str()}));
    assert_eq!(
        claims,
        json!({
            "iss": "https://app.example/c.json",
            "sub": "https://app.example/c.json",
            "aud": "https://as.example",
            "jti": "one",
            "iat": 1_700_000_000,
            "exp": 1_700_000_060,
        })
    );
}
