//! Tokens opened one after the other: what may be remembered and what may not.

use super::{
    Set,
    world::{EDGE, NOON, ONE, covers, edge, minter, opened, payload, psk, refused, scope, token},
};
use crate::vector::{Edge, Minter, Opened, Outcome, Payload, Sequence, Step, Vector};

pub(crate) fn add(set: &mut Set) {
    let good = token(&payload());
    let step = |token: &str, now, expect: Outcome<Opened>| Step {
        token: token.into(),
        now,
        expect,
    };
    let early = || refused("window", "not_yet_valid");
    let late = || refused("window", "expired");
    let yes = || opened(&payload());
    let sequence = |about: &str, steps| Sequence {
        about: about.into(),
        covers: covers(&[73]),
        edges: vec![edge(EDGE)],
        minters: vec![minter(psk(), scope())],
        steps,
    };
    set.add(
        "again-window",
        Vector::Sequence(sequence(
            "A token that was opened before is held against the time again.",
            vec![
                step(&good, NOON - 6, early()),
                step(&good, NOON - 5, yes()),
                step(&good, NOON, yes()),
                step(&good, ONE + 30, yes()),
                step(&good, ONE + 31, late()),
                step(&good, NOON, yes()),
                step(&good, ONE + 7200, late()),
            ],
        )),
    );
    set.add(
        "again-minter-retired",
        Vector::Sequence(Sequence {
            minters: vec![Minter {
                retired: Some(NOON + 60),
                ..minter(psk(), scope())
            }],
            ..sequence(
                "A token that was opened before is refused once its minter is retired.",
                vec![
                    step(&good, NOON + 59, yes()),
                    step(&good, NOON + 60, refused("key", "retired_minter")),
                ],
            )
        }),
    );
    set.add(
        "again-edge-retired",
        Vector::Sequence(Sequence {
            edges: vec![Edge {
                retired: Some(NOON + 60),
                ..edge(EDGE)
            }],
            ..sequence(
                "A token that was opened before is refused once its edge key is retired.",
                vec![
                    step(&good, NOON + 59, yes()),
                    step(&good, NOON + 60, refused("key", "retired_edge_key")),
                ],
            )
        }),
    );
    let longer = format!("{good}A");
    let changed = format!("{}{}", &good[..good.len() - 40], "A".repeat(40));
    let other = Payload {
        client: "https://evil.example".into(),
        ..payload()
    };
    set.add(
        "again-not-the-same",
        Vector::Sequence(sequence(
            "What is remembered of one token is not said of another that begins like it.",
            vec![
                step(&good, NOON, yes()),
                step(&changed, NOON, refused("open", "not_authentic")),
                step(&longer, NOON, refused("token", "malformed_token")),
                step(
                    &token(&other),
                    NOON,
                    refused("scope", "client_out_of_scope"),
                ),
                step(&good, NOON, yes()),
            ],
        )),
    );
}
