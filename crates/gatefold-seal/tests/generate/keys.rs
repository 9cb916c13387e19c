//! The stage `key`, identifiers, keyrings and retirement.

use super::{
    Set,
    raw::{Sealer, edge_id, minter_id, public_of, token_of},
    world::{
        EDGE, NOON, case, covers, edge, failed, hex, json, minter, open, opened, padded, payload,
        psk, refused, scope, sealer, secret, token,
    },
};
use crate::vector::{Edge, Ids, Keys, Made, Minter, Open, Opened, Outcome, Scope, Vector};

/// Pairs of labels whose keys share an identifier, found by search.
const EDGE_TWINS: [&str; 2] = ["edge 36573", "edge 61108"];
const MINTER_TWINS: [&str; 2] = ["minter 85333", "minter 171827"];

pub(crate) fn add(set: &mut Set) {
    unknown(set);
    several(set);
    keyrings(set);
    retired(set);
}

fn unknown(set: &mut Set) {
    let bytes = sealer().seal(&padded(json(&payload()))).bytes();
    let with = |at: usize| {
        let mut other = bytes.clone();
        other[at] ^= 1;
        token_of(&other)
    };
    let no_edge = || refused("key", "unknown_edge_key");
    let no_minter = || refused("key", "unknown_minter");
    set.add(
        "key-edge-unknown",
        case(
            "A token sealed to another edge's key is refused by its identifier.",
            &[15],
            Sealer::new(secret("another edge"), psk())
                .seal(&padded(json(&payload())))
                .token(),
            no_edge(),
        ),
    );
    set.add(
        "key-edge-id-last-byte",
        case(
            "All 4 bytes of the edge key's identifier count.",
            &[15],
            with(4),
            no_edge(),
        ),
    );
    set.add(
        "key-minter-unknown",
        case(
            "A token of another minter is refused by its identifier.",
            &[16],
            Sealer::new(EDGE, secret("another minter"))
                .seal(&padded(json(&payload())))
                .token(),
            no_minter(),
        ),
    );
    set.add(
        "key-minter-id-last-byte",
        case(
            "All 4 bytes of the minter's identifier count.",
            &[16],
            with(8),
            no_minter(),
        ),
    );
    set.add(
        "key-both-unknown",
        case(
            "The edge's key is looked for before the minter.",
            &[15, 72],
            Sealer::new(secret("another edge"), secret("another minter"))
                .seal(&padded(json(&payload())))
                .token(),
            no_edge(),
        ),
    );
    set.add(
        "keyring-empty-open",
        Vector::Open(Open {
            edges: vec![],
            minters: vec![],
            ..open(
                "An empty keyring opens nothing.",
                &[15],
                token(&payload()),
                no_edge(),
            )
        }),
    );
}

fn several(set: &mut Set) {
    let older = secret("older edge");
    let second = secret("second minter");
    let sealed = |edge, psk| {
        Sealer::new(edge, psk)
            .seal(&padded(json(&payload())))
            .token()
    };
    set.add(
        "key-older-edge",
        Vector::Open(Open {
            edges: vec![edge(EDGE), edge(older)],
            ..open(
                "An edge with two private keys opens what is sealed to either.",
                &[9, 19],
                sealed(older, psk()),
                opened(&payload()),
            )
        }),
    );
    set.add(
        "key-second-minter",
        Vector::Open(Open {
            minters: vec![minter(psk(), Scope::default()), minter(second, scope())],
            ..open(
                "The scope that counts is that of the minter that the header names.",
                &[10, 67],
                sealed(EDGE, second),
                Outcome::Given(Opened {
                    minter: hex(&minter_id(&second)),
                    payload: payload(),
                }),
            )
        }),
    );
    let clamped = [0xff; 32];
    set.add(
        "key-edge-unclamped",
        Vector::Open(Open {
            edges: vec![edge(clamped)],
            ..open(
                "A private key whose bits are not clamped is used as if they were.",
                &[12],
                sealed(clamped, psk()),
                opened(&payload()),
            )
        }),
    );
}

fn keyrings(set: &mut Set) {
    let mut ring = |name: &str,
                    about: &str,
                    ids: &[u16],
                    edges: &[[u8; 32]],
                    minters: &[[u8; 32]],
                    twins: bool| {
        let publics: Vec<[u8; 32]> = edges.iter().map(public_of).collect();
        let expect = if twins {
            failed("duplicate_id")
        } else {
            Made::Given(Ids {
                edge_publics: publics.iter().map(|public| hex(public)).collect(),
                edge_ids: publics.iter().map(|public| hex(&edge_id(public))).collect(),
                minter_ids: minters.iter().map(|psk| hex(&minter_id(psk))).collect(),
            })
        };
        set.add(
            name,
            Vector::Keyring(Keys {
                about: about.into(),
                covers: covers(ids),
                edges: edges.iter().copied().map(edge).collect(),
                minters: minters
                    .iter()
                    .map(|psk| minter(*psk, Scope::default()))
                    .collect(),
                expect,
            }),
        );
    };
    let same = secret("edge and minter");
    ring(
        "keyring-identifiers",
        "Identifiers of an edge key and of a minter.",
        &[9, 10],
        &[EDGE],
        &[psk()],
        false,
    );
    ring(
        "keyring-several",
        "A keyring holds several keys of each kind.",
        &[14],
        &[EDGE, secret("older edge")],
        &[psk(), secret("second minter")],
        false,
    );
    ring(
        "keyring-same-bytes",
        "The same 32 bytes as private key and as psk have two identifiers.",
        &[9, 10],
        &[same],
        &[same],
        false,
    );
    let [one, two] = EDGE_TWINS.map(secret);
    assert_eq!(edge_id(&public_of(&one)), edge_id(&public_of(&two)));
    ring(
        "keyring-edge-twins",
        "Two private keys with one identifier are refused.",
        &[14],
        &[one, two],
        &[],
        true,
    );
    ring(
        "keyring-edge-twice",
        "One private key twice is refused.",
        &[14],
        &[EDGE, EDGE],
        &[],
        true,
    );
    let [one, two] = MINTER_TWINS.map(secret);
    assert_eq!(minter_id(&one), minter_id(&two));
    ring(
        "keyring-minter-twins",
        "Two minters with one identifier are refused.",
        &[14],
        &[],
        &[one, two],
        true,
    );
    ring(
        "keyring-minter-twice",
        "One minter twice is refused.",
        &[14],
        &[],
        &[psk(), psk()],
        true,
    );
    set.add(
        "keyring-retired-twice",
        Vector::Keyring(Keys {
            about: "A retired key's identifier is still taken.".into(),
            covers: covers(&[14, 17]),
            edges: vec![
                Edge {
                    retired: Some(0),
                    ..edge(EDGE)
                },
                edge(EDGE),
            ],
            minters: vec![],
            expect: failed("duplicate_id"),
        }),
    );
}

fn retired(set: &mut Set) {
    let retired_edge = Edge {
        retired: Some(NOON + 60),
        ..edge(EDGE)
    };
    let retired_minter = Minter {
        retired: Some(NOON + 60),
        ..minter(psk(), scope())
    };
    let with_edge = |now, about: &str, expect| {
        Vector::Open(Open {
            edges: vec![retired_edge.clone()],
            now,
            ..open(about, &[17], token(&payload()), expect)
        })
    };
    let with_minter = |now, about: &str, expect| {
        Vector::Open(Open {
            minters: vec![retired_minter.clone()],
            now,
            ..open(about, &[17], token(&payload()), expect)
        })
    };
    set.add(
        "retired-edge-before",
        with_edge(
            NOON + 59,
            "A private key serves until the second before its retirement.",
            opened(&payload()),
        ),
    );
    set.add("retired-edge-after", with_edge(NOON + 60,
        "From the second of its retirement on a private key opens nothing, though the window lasts.",
        refused("key", "retired_edge_key")));
    set.add(
        "retired-minter-before",
        with_minter(
            NOON + 59,
            "A minter serves until the second before its retirement.",
            opened(&payload()),
        ),
    );
    set.add("retired-minter-after", with_minter(NOON + 60,
        "From the second of its retirement on nothing of a minter is opened, though the window lasts.",
        refused("key", "retired_minter")));
    set.add(
        "retired-both",
        Vector::Open(Open {
            edges: vec![retired_edge.clone()],
            minters: vec![retired_minter.clone()],
            ..open(
                "The edge's key is judged before the minter, its retirement too.",
                &[17, 72],
                token(&payload()),
                refused("key", "retired_edge_key"),
            )
        }),
    );
    set.add(
        "retired-edge-minter-unknown",
        Vector::Open(Open {
            edges: vec![retired_edge.clone()],
            minters: vec![],
            ..open(
                "A retired private key is refused before an unknown minter.",
                &[17, 72],
                token(&payload()),
                refused("key", "retired_edge_key"),
            )
        }),
    );
    set.add(
        "retired-other-edge",
        Vector::Open(Open {
            edges: vec![
                Edge {
                    retired: Some(NOON),
                    ..edge(secret("older edge"))
                },
                edge(EDGE),
            ],
            minters: vec![
                Minter {
                    retired: Some(NOON),
                    ..minter(secret("second minter"), scope())
                },
                minter(psk(), scope()),
            ],
            ..open(
                "The retirement of other keys changes nothing.",
                &[17],
                token(&payload()),
                opened(&payload()),
            )
        }),
    );
}
