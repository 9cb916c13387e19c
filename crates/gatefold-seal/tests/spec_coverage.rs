//! Holds the specification and its vectors against each other: every rule has a vector or says why
//! none can show it, every vector names rules that exist, and the examples are real.

#![expect(
    clippy::expect_used,
    reason = "a specification that cannot be read must fail the test"
)]

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use support::vector::{Made, Vector};

/// A rule's identifier and, where no vector can show it, the reason.
type Rules = BTreeMap<String, Option<String>>;

fn specification() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/sealed-url.md");
    fs::read_to_string(path).expect("the specification")
}

/// Paragraphs and items of lists: what one rule is written in.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in text.lines() {
        let begins = line.trim().is_empty()
            || line.starts_with("- ")
            || line.starts_with('#')
            || line.starts_with('|');
        if begins {
            blocks.push(String::new());
        }
        if let Some(block) = blocks.last_mut() {
            block.push_str(line.trim());
            block.push(' ');
        }
    }
    blocks
}

/// `- **[S-7]** …` or `- **[S-7, no vector: reason]** …`.
fn rule(block: &str) -> Option<(String, Option<String>)> {
    let (mark, _) = block.strip_prefix("- **[")?.split_once("]**")?;
    Some(match mark.split_once(", no vector: ") {
        None => (mark.to_owned(), None),
        Some((id, reason)) => (id.to_owned(), Some(reason.to_owned())),
    })
}

fn rules(text: &str) -> Rules {
    let mut rules = Rules::new();
    for (id, reason) in blocks(text).iter().filter_map(|block| rule(block)) {
        let number = id.strip_prefix("S-").map(str::parse::<u16>);
        assert!(matches!(number, Some(Ok(1..))), "{id} is no identifier");
        assert!(
            reason.as_ref().is_none_or(|reason| reason.len() > 20),
            "{id} needs a reason"
        );
        assert!(!rules.contains_key(&id), "{id} is there twice");
        rules.insert(id, reason);
    }
    rules
}

fn demands(block: &str) -> bool {
    ["MUST", "SHALL", "REQUIRED"].iter().any(|word| {
        block
            .split(|c: char| !c.is_ascii_alphabetic())
            .any(|part| part == *word)
    })
}

#[test]
fn every_demand_is_a_rule_with_an_identifier() {
    let text = specification();
    let (_, rest) = text.split_once("BCP 14").expect("the words' meaning");
    let mut within = None;
    for block in blocks(rest) {
        // A formula or a second paragraph belongs to the item that it is indented under.
        if let Some((id, _)) = rule(&block) {
            within = Some(id);
        } else if block.starts_with('#') || block.starts_with("- ") {
            within = None;
        }
        let is_rule = rule(&block).is_some();
        assert!(
            !demands(&block) || within.is_some(),
            "no identifier: {block}"
        );
        assert!(!is_rule || demands(&block), "demands nothing: {block}");
    }
}

#[test]
fn every_rule_has_a_vector_or_a_reason_and_every_vector_has_rules() {
    let rules = rules(&specification());
    let vectors = support::vectors();
    let mut shown = BTreeSet::new();
    for (name, vector) in &vectors {
        assert!(vector.about().ends_with('.'), "{name}: about is a sentence");
        assert!(!vector.covers().is_empty(), "{name} names no rule");
        for id in vector.covers() {
            match rules.get(id) {
                None => panic!("{name} names {id}, which is not in the specification"),
                Some(Some(_)) => panic!("{name} shows {id}, which is said to have no vector"),
                Some(None) => shown.insert(id.clone()),
            };
        }
    }
    let unshown: Vec<&String> = rules
        .iter()
        .filter(|(id, reason)| reason.is_none() && !shown.contains(*id))
        .map(|(id, _)| id)
        .collect();
    assert!(unshown.is_empty(), "rules without a vector: {unshown:?}");
    let without = rules.values().flatten().count();
    assert!(without <= 10, "{without} rules are said to have no vector");
}

#[test]
fn rules_and_vectors_that_the_text_mentions_exist() {
    let text = specification();
    let rules = rules(&text);
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
        let number = word
            .strip_prefix("S-")
            .is_some_and(|n| n.parse::<u16>().is_ok());
        assert!(
            !number || rules.contains_key(word),
            "{word} is mentioned and not there"
        );
    }
    let vectors = support::vectors();
    let kinds = [
        "window-", "mint-", "token-", "open-", "agree-", "order-", "again-",
    ];
    for quoted in text.split('`').skip(1).step_by(2) {
        let names_one = kinds.iter().any(|kind| quoted.starts_with(kind)) && !quoted.contains(' ');
        assert!(
            !names_one || vectors.contains_key(quoted),
            "no vector {quoted}"
        );
    }
}

#[test]
fn the_examples_are_those_of_the_vectors() {
    let specification = specification();
    let text: String = specification.split_whitespace().collect();
    let headings = specification
        .lines()
        .filter_map(|line| line.strip_prefix("### `"));
    let names: Vec<&str> = headings.filter_map(|line| line.split('`').next()).collect();
    assert!(names.len() > 1, "no examples");
    let vectors = support::vectors();
    for name in names {
        let Some(Vector::Mint(example)) = vectors.get(name) else {
            panic!("{name} mints nothing");
        };
        let Made::Given(made) = &example.expect else {
            panic!("{name} mints nothing");
        };
        let plaintext: String = made.plaintext.split_whitespace().collect();
        let parts = [
            &example.edge_public,
            &example.psk,
            &plaintext,
            &made.header,
            &made.ephemeral_material,
            &made.enc,
            &made.token,
        ];
        for part in parts {
            assert!(text.contains(part), "the example of {name} lacks {part}");
        }
    }
}
