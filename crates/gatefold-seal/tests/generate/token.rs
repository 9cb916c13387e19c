//! The stage `token`: the outer form.

use super::{
    Set,
    raw::token_of,
    world::{case, json, opened, padded, payload, refused, sealer, token},
};

pub(crate) fn add(set: &mut Set) {
    let good = token(&payload());
    let bytes = sealer().seal(&padded(json(&payload()))).bytes();
    let malformed = || refused("token", "malformed_token");

    set.add(
        "token-good",
        case(
            "A token that is right in everything opens.",
            &[1, 9, 10, 18, 19, 46],
            &good,
            opened(&payload()),
        ),
    );
    for (name, about, id, text) in [
        (
            "token-empty",
            "The empty text is no token.",
            4,
            String::new(),
        ),
        (
            "token-prefix-alone",
            "The prefix alone is no token.",
            4,
            "EC".into(),
        ),
        (
            "token-prefix-half",
            "Half a prefix is no token.",
            4,
            "E".into(),
        ),
        (
            "token-prefix-lower",
            "The prefix is upper-case.",
            4,
            good.replacen("EC", "ec", 1),
        ),
        (
            "token-prefix-other",
            "Another prefix is no token.",
            4,
            good.replacen("EC", "ED", 1),
        ),
        (
            "token-prefix-absent",
            "Without its prefix a token is none.",
            4,
            good.replacen("EC", "", 1),
        ),
        (
            "token-percent",
            "A percent-escape is not decoded, even where it would give a token.",
            2,
            format!("EC%{:02X}{}", good.as_bytes()[2], &good[3..]),
        ),
        (
            "token-query",
            "A query is part of what is judged as token.",
            2,
            format!("{good}?t=10"),
        ),
        (
            "token-query-empty",
            "A question mark alone is a query too.",
            2,
            format!("{good}?"),
        ),
        (
            "token-path-after",
            "A slash after a token is part of what is judged.",
            2,
            format!("{good}/"),
        ),
        (
            "token-space-before",
            "White space before a token is not trimmed.",
            2,
            format!(" {good}"),
        ),
        (
            "token-space-after",
            "White space after a token is not trimmed.",
            2,
            format!("{good} "),
        ),
        (
            "token-newline-after",
            "A line end after a token is not trimmed.",
            5,
            format!("{good}\n"),
        ),
        ("token-padding", "Base64url carries no padding.", 5, {
            let missing = (4 - (good.len() - 2) % 4) % 4;
            assert!(missing > 0, "needs a length that padding would fill");
            format!("{good}{}", "=".repeat(missing))
        }),
        (
            "token-alphabet-plus",
            "The plus sign belongs to another alphabet.",
            5,
            {
                let at = good.find('-').unwrap();
                format!("{}+{}", &good[..at], &good[at + 1..])
            },
        ),
        (
            "token-alphabet-slash",
            "The slash belongs to another alphabet.",
            5,
            {
                let at = good.find('_').unwrap();
                format!("{}/{}", &good[..at], &good[at + 1..])
            },
        ),
        (
            "token-newline-inside",
            "A line end inside a token is not skipped.",
            5,
            format!("{}\n{}", &good[..76], &good[76..]),
        ),
        (
            "token-not-ascii",
            "Characters beyond ASCII are in no token.",
            5,
            format!("{}é{}", &good[..76], &good[77..]),
        ),
        (
            "token-length-of-base64",
            "No encoding has 4n + 1 characters.",
            6,
            {
                let whole = (good.len() - 2) / 4 * 4;
                good[..=2 + whole].into()
            },
        ),
        (
            "token-version-alone",
            "A token of one byte, its version, is none.",
            8,
            token_of(&[1]),
        ),
        (
            "token-header-alone",
            "A token that ends after its header is none.",
            8,
            token_of(&bytes[..9]),
        ),
        (
            "token-no-ciphertext",
            "A token that ends after the encapsulated key is none.",
            8,
            token_of(&bytes[..41]),
        ),
        (
            "token-tag-alone",
            "A ciphertext of nothing but a tag is none.",
            8,
            token_of(&bytes[..57]),
        ),
        (
            "token-cut",
            "A token that lacks its last byte is none.",
            8,
            token_of(&bytes[..bytes.len() - 1]),
        ),
        (
            "token-one-more",
            "A token with one byte too many is none.",
            8,
            token_of(&[&bytes[..], &[0]].concat()),
        ),
        (
            "token-block-cut",
            "A ciphertext without its tag has a length that is no multiple of 64.",
            8,
            token_of(&bytes[..bytes.len() - 16]),
        ),
        (
            "token-too-long",
            "A token beyond 5542 characters is refused undecoded, though authentic.",
            3,
            sealer().seal(&padded("x".repeat(4097))).token(),
        ),
        (
            "token-too-long-version",
            "The length comes before the version.",
            3,
            token_of(&[&[2][..], &[0; 4156]].concat()),
        ),
    ] {
        let ids = if id == 2 { vec![2, 5] } else { vec![id] };
        set.add(name, case(about, &ids, text, malformed()));
    }
    set.add("token-spare-bits", case(
        "Spare bits of the last character are zero; the same bytes with another last character are refused.",
        &[6],
        with_spare_bits(&good),
        malformed(),
    ));
    for (name, about, first) in [
        ("version-zero", "Version 0 is unknown.", 0),
        ("version-two", "Version 2 is unknown.", 2),
    ] {
        let mut other = bytes.clone();
        other[0] = first;
        let expect = refused("token", "unknown_version");
        set.add(name, case(about, &[7], token_of(&other), expect));
    }
    set.add(
        "version-two-short",
        case(
            "The version comes before the length: what follows it in another version is not known.",
            &[7],
            token_of(&[2, 0, 0]),
            refused("token", "unknown_version"),
        ),
    );
    let longest = {
        let mut longest = payload();
        let missing = 4096 - json(&longest).len();
        longest.client = format!("did:plc:{}", "a".repeat(missing + longest.client.len() - 8));
        longest
    };
    assert_eq!(json(&longest).len(), 4096);
    assert_eq!(token(&longest).len(), 5540);
    set.add(
        "token-longest",
        case(
            "The longest token has 5540 characters, a plaintext of 4096 bytes.",
            &[3, 28, 39],
            token(&longest),
            opened(&longest),
        ),
    );
}

/// The same bytes, spelled with another last character.
fn with_spare_bits(token: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    assert_ne!(
        (token.len() - 2) % 4,
        0,
        "needs a last character with spare bits"
    );
    let (rest, last) = token.split_at(token.len() - 1);
    let at = ALPHABET
        .iter()
        .position(|c| [*c] == *last.as_bytes())
        .unwrap();
    format!("{rest}{}", char::from(ALPHABET[at + 1]))
}
