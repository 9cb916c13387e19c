//! Makes the vectors of `testdata/sealed-url/v1`: what goes in is chosen here, what must come out
//! is written here by hand, and tokens are sealed without the crate under test.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a generator of fixed files: whatever is wrong must stop it"
)]
#![expect(
    clippy::too_many_lines,
    clippy::too_many_arguments,
    reason = "tables of cases, one line of which is one vector"
)]

mod agree;
mod client;
mod escapes;
mod field;
mod keys;
mod mint;
mod number;
mod open;
mod pattern;
mod payload;
mod raw;
mod referer;
mod scope;
mod sequence;
mod source;
mod token;
mod url;
mod window;
mod world;

use std::collections::BTreeMap;

use crate::vector::Vector;

/// The vectors, by name.
#[derive(Default)]
pub(crate) struct Set(BTreeMap<String, Vector>);

impl Set {
    fn add(&mut self, name: &str, vector: Vector) {
        assert!(vector.about().ends_with('.'), "{name}: about is a sentence");
        assert!(!vector.covers().is_empty(), "{name} covers no rule");
        let before = self.0.insert(name.to_owned(), vector);
        assert!(before.is_none(), "two vectors are named {name}");
    }
}

/// Every vector's file, by its name without `.json`.
pub(crate) fn files() -> BTreeMap<String, String> {
    let mut set = Set::default();
    agree::add(&mut set);
    client::add(&mut set);
    escapes::add(&mut set);
    field::add(&mut set);
    keys::add(&mut set);
    mint::add(&mut set);
    number::add(&mut set);
    open::add(&mut set);
    pattern::add(&mut set);
    payload::add(&mut set);
    referer::add(&mut set);
    scope::add(&mut set);
    sequence::add(&mut set);
    source::add(&mut set);
    token::add(&mut set);
    url::add(&mut set);
    window::add(&mut set);
    set.0
        .into_iter()
        .map(|(name, vector)| {
            let mut text = serde_json::to_string_pretty(&vector).unwrap();
            text.push('\n');
            (name, text)
        })
        .collect()
}
