//! The specification's vectors, made by another implementation.

use std::{collections::BTreeSet, fs, path::Path};

use gatefold_store::{Cell, Crypter, KeyFile, KeyFileError, SealedError};
use serde_json::{Value, json};

use crate::random::Seeded;

fn repository(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

fn vectors() -> Vec<(String, Value)> {
    let vectors: Vec<_> = fs::read_dir(repository("testdata/sealed-columns/v1"))
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let value = serde_json::from_slice(&fs::read(entry.path()).unwrap()).unwrap();
            (name, value)
        })
        .collect();
    assert!(vectors.len() > 30, "the vectors were not found");
    vectors
}

fn bytes(digits: &Value) -> Vec<u8> {
    let digits = digits.as_str().unwrap().as_bytes();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn digits(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// A key file with these keys, through the format itself.
fn key_file(keys: &Value) -> KeyFile {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let keys: Vec<Value> = keys
        .as_array()
        .unwrap()
        .iter()
        .map(|key| {
            let key = Base64UrlUnpadded::encode_string(&bytes(key));
            json!({ "key": key, "created_unix": 1 })
        })
        .collect();
    let file = json!({ "version": 1, "keys": keys }).to_string();
    KeyFile::parse(file.as_bytes()).unwrap()
}

fn open(vector: &Value) -> Value {
    let crypter = Crypter::new(&key_file(&vector["keys"]), Box::new(Seeded(1))).unwrap();
    let cell = Cell {
        table: vector["table"].as_str().unwrap(),
        column: vector["column"].as_str().unwrap(),
        row: vector["row"].as_str().unwrap(),
    };
    let value = bytes(&vector["value"]);
    match crypter.open(cell, &value) {
        Ok(plain) => {
            let sealed = gatefold_store::Sealed::parse(&value).unwrap();
            json!({ "key_id": sealed.key_id().to_string(), "plain": digits(&plain) })
        }
        Err(SealedError::Shape) => json!({ "error": "shape" }),
        Err(SealedError::UnknownKey(_)) => json!({ "error": "unknown_key" }),
        Err(SealedError::NotAuthentic) => json!({ "error": "not_authentic" }),
        Err(SealedError::Broken) => json!({ "error": "broken" }),
    }
}

fn read(vector: &Value) -> Value {
    let error = match KeyFile::parse(vector["text"].as_str().unwrap().as_bytes()) {
        Ok(file) => {
            let ids = file.keys().iter().map(|key| key.id().to_string());
            return json!({ "ids": ids.collect::<Vec<_>>() });
        }
        Err(KeyFileError::Shape { .. }) => "shape",
        Err(KeyFileError::Version(_)) => "version",
        Err(KeyFileError::Key) => "key",
        Err(KeyFileError::Empty) => "empty",
        Err(KeyFileError::TooMany) => "too_many",
        Err(KeyFileError::Duplicate(_)) => "duplicate",
        Err(other) => panic!("{other}"),
    };
    json!({ "error": error })
}

#[test]
fn every_vector_gives_what_it_says() {
    for (name, vector) in vectors() {
        let found = match vector["kind"].as_str().unwrap() {
            "open" => open(&vector),
            "key_file" => read(&vector),
            other => panic!("{name}: {other} is no kind"),
        };
        assert_eq!(found, vector["expect"], "{name}: {}", vector["about"]);
    }
}

#[test]
fn every_rule_has_a_vector_or_a_reason() {
    let text = fs::read_to_string(repository("docs/spec/sealed-columns.md")).unwrap();
    let marks = text
        .split("**[")
        .skip(1)
        .map(|rest| rest.split_once("]**").unwrap().0);
    let (with_reason, without): (BTreeSet<&str>, BTreeSet<&str>) =
        marks.partition(|mark| mark.contains(", no vector: "));
    assert!(!with_reason.is_empty() && !without.is_empty());
    let vectors = vectors();
    let covered: BTreeSet<&str> = vectors
        .iter()
        .flat_map(|(_, vector)| vector["covers"].as_array().unwrap())
        .map(|rule| rule.as_str().unwrap())
        .collect();
    assert_eq!(covered, without);
}
