//! The committed vectors are exactly what the generator makes.

mod generate;
mod support;

use support::vector;

#[test]
fn the_committed_vectors_are_what_the_generator_makes() {
    let committed = support::texts();
    assert_eq!(committed.len(), support::vectors().len());
    let made = generate::files();
    let differing: Vec<&String> = made
        .keys()
        .chain(committed.keys())
        .filter(|name| made.get(*name) != committed.get(*name))
        .collect();
    assert!(
        differing.is_empty(),
        "run `cargo run -p gatefold-seal --example make-vectors`; these differ: {differing:?}"
    );
}
