//! Which crate may see which: arrows point down only. The rules are a pure function over edges, so
//! that wrong edges can be shown to it; docs/adr/0002-workspace-and-arrows.md gives the reasons.

use std::collections::{BTreeMap, BTreeSet};

use crate::workspace::{self, Result};

/// Where a new crate is written down, for messages.
const HERE: &str = "e2e/tests/architecture/arrows.rs";

/// The layers, from the top; a crate may see any layer below its own, and none beside it.
const LAYERS: [&[&str]; 5] = [
    &["gatefold"],
    &["gatefold-web"],
    &["gatefold-app"],
    &[
        "gatefold-client",
        "gatefold-edge",
        "gatefold-media",
        "gatefold-oauth",
        "gatefold-relay",
        "gatefold-store",
    ],
    &[
        "gatefold-domain",
        "gatefold-edge-core",
        "gatefold-net",
        "gatefold-ops",
        "gatefold-seal",
    ],
];

/// What the ground floor may see on its own floor.
const GROUND: &[(&str, &str)] = &[
    ("gatefold-edge-core", "gatefold-seal"),
    ("gatefold-net", "gatefold-domain"),
    ("gatefold-net", "gatefold-ops"),
    ("gatefold-ops", "gatefold-domain"),
];

/// Helps tests, is in nothing that ships; sees the ground floor and the music.
const TESTKIT: &str = "gatefold-testkit";
/// Composes the demo's music: sees nothing, and only the command ships it.
const SYNTH: &str = "gatefold-synth";
/// Look at the whole from outside: they see everything, nobody sees them.
const OUTSIDE: &[&str] = &["gatefold-bench", "gatefold-e2e"];

/// Crates without I/O, clock, randomness or platform.
pub(crate) const PURE: &[&str] = &[
    "gatefold-domain",
    "gatefold-edge-core",
    "gatefold-seal",
    "gatefold-synth",
];

/// What would end a pure crate's purity, however far down it is pulled in.
const IMPURE: &[&str] = &[
    "axum",
    "getrandom",
    "hyper",
    "mio",
    "reqwest",
    "socket2",
    "tokio",
];

/// A crate depends on another.
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) kind: Kind,
}

/// Whether a dependency is in what ships, or only where tests are built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Shipped,
    Test,
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

/// May `from` ship with `to`?
fn may_ship(from: &str, to: &str) -> bool {
    if OUTSIDE.contains(&to) {
        return false;
    }
    if OUTSIDE.contains(&from) {
        return true;
    }
    if to == TESTKIT {
        return false;
    }
    if to == SYNTH {
        return from == "gatefold" || from == TESTKIT;
    }
    match (layer(from), layer(to)) {
        (Some(above), Some(below)) if above < below => true,
        (None, Some(below)) => from == TESTKIT && below.saturating_add(1) == LAYERS.len(),
        _ => GROUND.contains(&(from, to)),
    }
}

/// Everything that is wrong with these crates and the edges between them.
fn wrong_arrows(crates: &BTreeSet<String>, edges: &[Edge]) -> Vec<String> {
    let mut wrong = Vec::new();
    for name in crates {
        let placed = layer(name).is_some()
            || OUTSIDE.contains(&name.as_str())
            || [TESTKIT, SYNTH].contains(&name.as_str());
        if !placed {
            wrong.push(format!(
                "{name} has no place yet: give it a layer in {HERE}, and say in \
                 docs/adr/0002-workspace-and-arrows.md what it may see"
            ));
        }
    }
    for Edge { from, to, kind } in edges {
        match kind {
            Kind::Shipped if !may_ship(from, to) => wrong.push(format!(
                "{from} must not depend on {to}: arrows point down only, see {HERE}"
            )),
            Kind::Test if OUTSIDE.contains(&to.as_str()) => wrong.push(format!(
                "{from} must not test with {to}: it looks at the whole from outside, see {HERE}"
            )),
            Kind::Shipped | Kind::Test => {}
        }
    }
    wrong
}

/// The ways from a pure crate to an impure one.
fn wrong_depths(shipped: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut wrong = Vec::new();
    for pure in PURE {
        let mut ways = vec![vec![(*pure).to_owned()]];
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop() {
            for next in way
                .last()
                .and_then(|end| shipped.get(end))
                .into_iter()
                .flatten()
            {
                let mut longer = way.clone();
                longer.push(next.clone());
                if IMPURE.contains(&next.as_str()) {
                    wrong.push(format!("{pure} is pure: {}", longer.join(" -> ")));
                } else if seen.insert(next.clone()) {
                    ways.push(longer);
                }
            }
        }
    }
    wrong
}

#[test]
fn the_workspace_keeps_its_arrows() -> Result {
    let metadata = workspace::metadata()?;
    let edges = workspace::edges(&metadata);
    assert!(!edges.is_empty(), "no edge was found: the reader is broken");
    let wrong = wrong_arrows(&workspace::crates(&metadata), &edges);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn pure_crates_pull_in_nothing_impure() -> Result {
    let metadata = workspace::metadata()?;
    let shipped = workspace::shipped(&metadata)?;
    for pure in PURE {
        assert!(shipped.contains_key(*pure), "{pure} is not in the graph");
    }
    let wrong = wrong_depths(&shipped);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn the_wasm_check_builds_the_pure_crates() -> Result {
    let tools = std::fs::read_to_string(workspace::root().join(".ci/tools.env"))?;
    let expected = format!("PURE_CRATES=\"{}\"", PURE.join(" "));
    assert!(
        tools.lines().any(|line| line == expected),
        ".ci/tools.env must say {expected}"
    );
    Ok(())
}

/// The rules themselves, shown right and wrong edges.
mod rules {
    use super::{BTreeMap, BTreeSet, Edge, Kind, wrong_arrows, wrong_depths};

    fn complaints(from: &str, to: &str, kind: Kind) -> Vec<String> {
        let crates = BTreeSet::from([from.to_owned(), to.to_owned()]);
        let edge = Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            kind,
        };
        wrong_arrows(&crates, &[edge])
    }

    #[test]
    fn an_arrow_down_is_right() {
        for (from, to) in [
            ("gatefold", "gatefold-web"),
            ("gatefold", "gatefold-seal"),
            ("gatefold", "gatefold-synth"),
            ("gatefold-web", "gatefold-app"),
            ("gatefold-app", "gatefold-edge"),
            ("gatefold-app", "gatefold-store"),
            ("gatefold-edge", "gatefold-edge-core"),
            ("gatefold-relay", "gatefold-net"),
            ("gatefold-edge-core", "gatefold-seal"),
            ("gatefold-net", "gatefold-domain"),
            ("gatefold-net", "gatefold-ops"),
            ("gatefold-ops", "gatefold-domain"),
            ("gatefold-testkit", "gatefold-domain"),
            ("gatefold-testkit", "gatefold-synth"),
            ("gatefold-e2e", "gatefold-testkit"),
            ("gatefold-bench", "gatefold-synth"),
        ] {
            assert_eq!(
                complaints(from, to, Kind::Shipped),
                [""; 0],
                "{from} -> {to}"
            );
        }
    }

    #[test]
    fn an_arrow_up_or_aside_is_reported() {
        for (from, to) in [
            ("gatefold-web", "gatefold"),
            ("gatefold-app", "gatefold-web"),
            ("gatefold-store", "gatefold-app"),
            ("gatefold-store", "gatefold-media"),
            ("gatefold-relay", "gatefold-edge"),
            ("gatefold-domain", "gatefold-seal"),
            ("gatefold-seal", "gatefold-domain"),
            ("gatefold-edge-core", "gatefold-domain"),
            ("gatefold-ops", "gatefold-net"),
            ("gatefold-ops", "gatefold-seal"),
            ("gatefold-seal", "gatefold-edge"),
            ("gatefold-synth", "gatefold-domain"),
            ("gatefold-web", "gatefold-synth"),
            ("gatefold-edge", "gatefold-testkit"),
            ("gatefold", "gatefold-testkit"),
            ("gatefold-testkit", "gatefold-edge"),
            ("gatefold", "gatefold-e2e"),
            ("gatefold-e2e", "gatefold-bench"),
        ] {
            let complaints = complaints(from, to, Kind::Shipped);
            assert_eq!(complaints.len(), 1, "{from} -> {to}: {complaints:?}");
            assert!(
                complaints
                    .iter()
                    .all(|text| text.contains(from) && text.contains(to)),
                "{complaints:?}"
            );
        }
    }

    #[test]
    fn tests_may_use_the_testkit_but_not_what_looks_from_outside() {
        assert_eq!(
            complaints("gatefold-edge", "gatefold-testkit", Kind::Test),
            [""; 0]
        );
        assert_eq!(
            complaints("gatefold-edge", "gatefold-e2e", Kind::Test).len(),
            1
        );
    }

    #[test]
    fn a_crate_without_a_place_is_reported() {
        let crates = BTreeSet::from(["gatefold-attic".to_owned(), "gatefold-seal".to_owned()]);
        let wrong = wrong_arrows(&crates, &[]);
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(
            wrong
                .iter()
                .all(|text| text.contains("gatefold-attic has no place yet")),
            "{wrong:?}"
        );
    }

    #[test]
    fn impurity_is_found_however_deep_it_is() {
        let graph = |edges: &[(&str, &str)]| {
            let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for (from, to) in edges {
                graph
                    .entry((*from).to_owned())
                    .or_default()
                    .insert((*to).to_owned());
            }
            graph
        };
        let deep = graph(&[
            ("gatefold-seal", "hpke"),
            ("hpke", "hpke"),
            ("hpke", "runtime"),
            ("runtime", "tokio"),
        ]);
        assert_eq!(
            wrong_depths(&deep),
            ["gatefold-seal is pure: gatefold-seal -> hpke -> runtime -> tokio"]
        );
        let elsewhere = graph(&[("gatefold-edge", "tokio"), ("gatefold-seal", "hpke")]);
        assert_eq!(wrong_depths(&elsewhere), [""; 0]);
    }
}
