//! What the tests of the vectors share: the files' format, and reading them.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a folder that cannot be read must fail the test"
)]

pub(crate) mod vector;

use std::{collections::BTreeMap, fs};

use vector::{Vector, folder};

/// Every file of the vectors' folder, by its name without `.json`.
pub(crate) fn texts() -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder()).expect("the vectors' folder") {
        let path = entry.expect("an entry of the vectors' folder").path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let (true, Some(name)) = (is_json, stem) else {
            panic!("{} is not a vector", path.display());
        };
        let text = fs::read_to_string(&path).expect("a vector in UTF-8");
        texts.insert(name.to_owned(), text);
    }
    assert!(!texts.is_empty(), "no vectors in {}", folder().display());
    texts
}

/// Every vector, by name. A file with an unknown or a missing field is not a vector.
pub(crate) fn vectors() -> BTreeMap<String, Vector> {
    texts()
        .into_iter()
        .map(|(name, text)| match serde_json::from_str(&text) {
            Ok(vector) => (name, vector),
            Err(error) => panic!("{name}.json is not a vector: {error}"),
        })
        .collect()
}
