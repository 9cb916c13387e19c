//! The stage `open`: authentication and decryption, and the order of the stages after it.

use super::{
    Set,
    raw::{Sealed, Sealer},
    world::{
        CLIENT, EDGE, NOON, case, edge, json, open, opened, padded, payload, psk, refused, scope,
        scoped, sealer, secret, token,
    },
};
use crate::vector::{Open, Payload, Request, Scope, Vector};

pub(crate) fn add(set: &mut Set) {
    let plaintext = padded(json(&payload()));
    changed(set, &plaintext);
    other_parameters(set, &plaintext);
    small_order(set, &plaintext);
    set.add(
        "open-other-ephemeral",
        case(
            "An ephemeral key that was drawn at random opens as well.",
            &[22],
            Sealer {
                material: Some(secret("random")),
                ..sealer()
            }
            .seal(&plaintext)
            .token(),
            opened(&payload()),
        ),
    );
    order(set);
}

fn changed(set: &mut Set, plaintext: &[u8]) {
    let mut changed = |name: &str, about: &str, change: fn(&mut Sealed)| {
        let mut sealed = sealer().seal(plaintext);
        change(&mut sealed);
        set.add(
            name,
            case(
                about,
                &[19],
                sealed.token(),
                refused("open", "not_authentic"),
            ),
        );
    };
    changed(
        "open-tag-changed",
        "One bit of the tag is changed.",
        |sealed| {
            let last = sealed.ct.len() - 1;
            sealed.ct[last] ^= 1;
        },
    );
    changed(
        "open-ciphertext-changed",
        "One bit of the ciphertext is changed.",
        |sealed| sealed.ct[0] ^= 1,
    );
    changed(
        "open-enc-changed",
        "One bit of the encapsulated key is changed.",
        |sealed| sealed.enc[0] ^= 1,
    );
    changed(
        "open-enc-top-bit",
        "The top bit of the encapsulated key plays no part in the exchange and is authenticated all the same.",
        |sealed| sealed.enc[31] ^= 0x80,
    );
    changed(
        "open-block-cut",
        "A ciphertext whose last block is cut is not authentic.",
        |sealed| {
            sealed.ct.drain(sealed.ct.len() - 80..sealed.ct.len() - 16);
        },
    );
    changed(
        "open-block-more",
        "A ciphertext with one block too many is not authentic.",
        |sealed| sealed.ct.extend([0; 64]),
    );
}

fn other_parameters(set: &mut Set, plaintext: &[u8]) {
    let right = sealer();
    let swapped = Sealer::new(EDGE, secret("second minter"));
    let other_edge = Sealer::new(secret("another edge"), psk());
    for (name, about, sealer) in [
        (
            "open-base-mode",
            "Sealed in base mode, for which the public key is enough.",
            Sealer {
                base_mode: true,
                ..right.clone()
            },
        ),
        (
            "open-info-other",
            "Sealed with another info.",
            Sealer {
                info: b"gatefold/securev2".to_vec(),
                ..right.clone()
            },
        ),
        (
            "open-info-empty",
            "Sealed with an empty info.",
            Sealer {
                info: vec![],
                ..right.clone()
            },
        ),
        (
            "open-aad-empty",
            "Sealed with an empty aad.",
            Sealer {
                aad: vec![],
                ..right.clone()
            },
        ),
        (
            "open-aad-version",
            "Sealed with an aad that names version 2.",
            Sealer {
                aad: [&[2], &right.aad[1..]].concat(),
                ..right.clone()
            },
        ),
        (
            "open-psk-other",
            "Sealed with another psk under the minter's identifier.",
            Sealer {
                psk: secret("second minter"),
                ..right.clone()
            },
        ),
        (
            "open-psk-id-other",
            "Sealed with another psk_id.",
            Sealer {
                psk_id: b"mint".to_vec(),
                ..right.clone()
            },
        ),
        (
            "open-psk-id-whole-hash",
            "Sealed with a psk_id of more than 4 bytes.",
            Sealer {
                psk_id: [&right.psk_id[..], &[0]].concat(),
                ..right.clone()
            },
        ),
        (
            "open-edge-other",
            "Sealed to another edge's key under this edge's identifier.",
            Sealer {
                header: right.header.clone(),
                aad: right.aad.clone(),
                ..other_edge
            },
        ),
        (
            "open-minter-renamed",
            "Sealed by one minter and renamed to another.",
            Sealer {
                header: right.header.clone(),
                ..swapped
            },
        ),
    ] {
        let expect = refused("open", "not_authentic");
        set.add(
            name,
            case(about, &[19], sealer.seal(plaintext).token(), expect),
        );
    }
}

fn small_order(set: &mut Set, plaintext: &[u8]) {
    let right = sealer();
    // The schedule written out by hand is that of `hpke`, or the next vectors would prove nothing.
    let honest = right.seal(plaintext);
    let enc: [u8; 32] = honest.enc.clone().try_into().unwrap();
    let exchange = exchange_of(plaintext);
    assert_eq!(
        right.seal_with_exchange(&exchange, &enc, plaintext).ct,
        honest.ct
    );

    let mut p = [0xff; 32];
    p[0] = 0xed;
    p[31] = 0x7f;
    let with_first = |first| {
        let mut point = p;
        point[0] = first;
        point
    };
    let mut one = [0; 32];
    one[0] = 1;
    let mut zero_top = [0; 32];
    zero_top[31] = 0x80;
    for (name, about, enc) in [
        ("open-enc-zero", "The encapsulated key is 0.", [0; 32]),
        (
            "open-enc-zero-top-bit",
            "The encapsulated key is 0 with the ignored top bit set.",
            zero_top,
        ),
        (
            "open-enc-one",
            "The encapsulated key is 1, of order 4 at most.",
            one,
        ),
        (
            "open-enc-minus-one",
            "The encapsulated key is p - 1.",
            with_first(0xec),
        ),
        (
            "open-enc-p",
            "The encapsulated key is p, another spelling of 0.",
            p,
        ),
        (
            "open-enc-p-plus-one",
            "The encapsulated key is p + 1, another spelling of 1.",
            with_first(0xee),
        ),
        (
            "open-enc-order-eight",
            "The encapsulated key is a point of order 8.",
            ORDER_8,
        ),
        (
            "open-enc-order-eight-other",
            "The encapsulated key is the other point of order 8.",
            ORDER_8_OTHER,
        ),
    ] {
        let sealed = right.seal_with_exchange(&[0; 32], &enc, plaintext);
        set.add(
            name,
            case(
                &format!(
                    "{about} The exchange gives zero, and the ciphertext authenticates under that."
                ),
                &[20],
                sealed.token(),
                refused("open", "not_authentic"),
            ),
        );
    }
}

/// The result of the exchange behind the shared sealer's token, from the edge's side.
fn exchange_of(plaintext: &[u8]) -> [u8; 32] {
    let enc: [u8; 32] = sealer().seal(plaintext).enc.try_into().unwrap();
    x25519_dalek::x25519(EDGE, enc)
}

const ORDER_8: [u8; 32] = [
    0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
    0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
];
const ORDER_8_OTHER: [u8; 32] = [
    0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
    0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
];

fn order(set: &mut Set) {
    let late = NOON + 2 * 3600;
    let elsewhere = Payload {
        original_source: "https://other.example/a.mp3".into(),
        ..payload()
    };
    let nobody = Request {
        headers: vec![],
        did: None,
    };
    let mut changed = sealer().seal(&padded(json(&payload())));
    changed.ct[0] ^= 1;
    set.add(
        "order-key-before-open",
        Vector::Open(Open {
            edges: vec![edge(secret("another edge"))],
            ..open(
                "A changed token for an unknown edge key is refused by its key.",
                &[72],
                changed.token(),
                refused("key", "unknown_edge_key"),
            )
        }),
    );
    set.add(
        "order-scope-before-window",
        Vector::Open(Open {
            now: late,
            ..open(
                "A URL out of scope and expired is refused by its scope.",
                &[72],
                token(&elsewhere),
                refused("scope", "source_out_of_scope"),
            )
        }),
    );
    set.add(
        "order-window-before-client",
        Vector::Open(Open {
            now: late,
            request: Some(nobody.clone()),
            ..open(
                "An expired URL in nobody's hands is refused by its window.",
                &[72],
                token(&payload()),
                refused("window", "expired"),
            )
        }),
    );
    set.add(
        "order-client-last",
        Vector::Open(Open {
            request: Some(nobody.clone()),
            ..open(
                "A good URL in nobody's hands is refused by its client.",
                &[72, 80],
                token(&payload()),
                refused("client", "no_client"),
            )
        }),
    );
    set.add(
        "order-all-stages",
        Vector::Open(Open {
            request: Some(Request {
                headers: vec![("Origin".into(), CLIENT.into())],
                did: None,
            }),
            ..open(
                "A good URL in its client's hands passes every stage.",
                &[72, 76],
                token(&payload()),
                opened(&payload()),
            )
        }),
    );
    set.add(
        "order-scope-source-first",
        scoped(
            "A URL that is out of scope in everything is refused by its source.",
            &[64, 72],
            Scope {
                longest_lifetime: Some(60),
                ..Default::default()
            },
            token(&payload()),
            refused("scope", "source_out_of_scope"),
        ),
    );
    set.add(
        "order-scope-client-second",
        scoped(
            "A client out of scope is refused before a lifetime out of scope.",
            &[65, 72],
            Scope {
                clients: vec![],
                longest_lifetime: Some(60),
                ..scope()
            },
            token(&payload()),
            refused("scope", "client_out_of_scope"),
        ),
    );
}
