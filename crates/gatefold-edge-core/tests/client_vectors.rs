//! Judges the last stage of a sealed URL by the vectors of kind `client`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a vector that cannot be used must fail its test"
)]

use std::{fs, path::Path};

use gatefold_edge_core::{Denial, Facts, Proof, admit};
use gatefold_seal::{
    EdgePrivateKey, Keyring, Minter, MinterKey, Opener, Scope, Source, UnixSeconds,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};

const NOW: UnixSeconds = UnixSeconds(1_778_850_000);

/// What an edge says to the vector's request for a URL of the vector's source and client.
fn outcome(vector: &Value) -> Value {
    let edge = EdgePrivateKey::from_bytes([1; 32].into());
    let key = MinterKey::from_bytes(&[2; 32].into());
    let minter = Minter::new(*edge.public(), key.clone(), 1800).unwrap();
    let scope = Scope {
        hosts: vec!["cdn.example.com".parse().unwrap()],
        private: true,
        clients: vec!["*".parse().unwrap()],
        ..Scope::default()
    };
    let mut keyring = Keyring::new();
    keyring.add_edge(edge).unwrap();
    keyring.add_minter(key, scope).unwrap();

    let client = vector["client"].as_str().unwrap();
    let source = Source::parse(vector["originalSource"].as_str().unwrap(), None).unwrap();
    let path = minter.mint(source, client, NOW).unwrap().path();
    let mut headers = HeaderMap::new();
    for pair in vector["request"]["headers"].as_array().unwrap() {
        let (name, value) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        );
    }
    let facts = Facts {
        method: &Method::GET,
        path: &path,
        query: None,
        headers: &headers,
    };
    let proof = vector["request"]["did"]
        .as_str()
        .map_or(Proof::Nobody, |did| Proof::Proven(did.into()));
    let opened = admit::open(&facts, &Opener::new(keyring), NOW);
    match opened.and_then(|unproven| unproven.prove(&proof)) {
        Ok(admission) => json!({"identity": admission.opened.payload.client()}),
        Err(Denial::Refused(refusal)) => {
            json!({"stage": refusal.stage().as_str(), "code": refusal.code()})
        }
        Err(other) => json!(other.to_string()),
    }
}

#[test]
fn every_vector_of_the_client_is_judged_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/sealed-url/v1");
    let mut judged = 0_usize;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let vector: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        if vector["kind"] == "client" {
            let name = path.file_stem().unwrap().to_string_lossy();
            assert_eq!(
                outcome(&vector),
                vector["expect"],
                "{name}: {}",
                vector["about"]
            );
            judged = judged.saturating_add(1);
        }
    }
    assert!(judged > 0, "no vectors");
}
