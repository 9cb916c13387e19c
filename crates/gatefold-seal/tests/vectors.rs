//! Judges the crate by every vector of `testdata/sealed-url/v1`.
//!
//! Vectors of kind `client`, and the last stage of those with a `request`, are for whoever sees
//! the request; here they only have to be well-formed.

#![expect(
    clippy::unwrap_used,
    reason = "a vector that cannot be used must fail its test"
)]

mod judge;
mod support;

use std::collections::BTreeMap;

use support::vector::Vector;

#[test]
fn every_vector_is_judged_as_it_says() {
    let mut failures = BTreeMap::new();
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let vectors = support::vectors();
    for (name, vector) in &vectors {
        let (kind, verdict) = match vector {
            Vector::Open(case) => ("open", judge::open(case)),
            Vector::Sequence(case) => ("sequence", judge::sequence(case)),
            Vector::Mint(case) => ("mint", judge::mint(case)),
            Vector::Keyring(case) => ("keyring", judge::keyring(case)),
            Vector::Window(case) => ("window", judge::window(case)),
            Vector::Phase(case) => ("phase", judge::phase(case)),
            Vector::Source(case) => ("source", judge::source(case)),
            Vector::Pattern(case) => ("pattern", judge::pattern(case)),
            Vector::Client(_) => ("client", Ok(())),
        };
        let count = kinds.entry(kind).or_default();
        *count = count.saturating_add(1);
        if let Err(difference) = verdict {
            let rules = vector.covers().join(", ");
            failures.insert(name, format!("{rules}: {} {difference}", vector.about()));
        }
    }
    assert_eq!(kinds.len(), 9, "kinds of vectors: {kinds:?}");
    assert!(failures.is_empty(), "{failures:#?}");
}
