//! The stage `payload`: the plaintext's form. Every token here is authentic.

use super::{
    Set,
    world::{
        INDEX, ONE, SOURCE, any_client, case, json, opened, padded, payload, refused, scoped,
        sealer, token, token_saying,
    },
};
use crate::vector::Payload;

pub(crate) fn add(set: &mut Set) {
    form(set);
    padding(set);
}

/// Replaces one part of the good payload, which must be there.
pub(super) fn with(from: &str, to: &str) -> String {
    let good = json(&payload());
    assert!(good.contains(from), "{from}");
    good.replacen(from, to, 1)
}

pub(super) fn malformed(
    set: &mut Set,
    name: &str,
    about: &str,
    ids: &[u16],
    json: impl AsRef<[u8]>,
) {
    let expect = refused("payload", "malformed_payload");
    set.add(name, case(about, ids, token_saying(json), expect));
}

fn form(set: &mut Set) {
    let good = json(&payload());
    malformed(
        set,
        "payload-blank",
        "A plaintext of spaces is no payload.",
        &[29],
        " ".repeat(64),
    );
    malformed(
        set,
        "payload-not-json",
        "A plaintext that is not JSON is no payload.",
        &[29],
        "live/set.mp3",
    );
    malformed(
        set,
        "payload-array",
        "A JSON array is no payload.",
        &[29],
        "[]",
    );
    malformed(
        set,
        "payload-object-empty",
        "An empty object lacks every field.",
        &[33],
        "{}",
    );
    malformed(
        set,
        "payload-array-of-values",
        "The values alone, in the order of the fields, are no payload.",
        &[29],
        format!("[\"{SOURCE}\",{ONE},\"https://music.example\",null,{INDEX},3600,0]"),
    );
    malformed(
        set,
        "payload-two",
        "Two payloads after each other are none.",
        &[29],
        format!("{good}{good}"),
    );
    malformed(
        set,
        "payload-space-before",
        "White space before the object is refused.",
        &[29],
        format!(" {good}"),
    );
    malformed(
        set,
        "payload-space-after-colon",
        "White space after a colon is refused.",
        &[29],
        with(":3600", ": 3600"),
    );
    malformed(
        set,
        "payload-space-after-comma",
        "White space after a comma is refused.",
        &[29],
        with(",\"client", ", \"client"),
    );
    malformed(
        set,
        "payload-comma-last",
        "A comma after the last field is refused.",
        &[29],
        with(":3600", ":3600,"),
    );
    malformed(
        set,
        "payload-byte-order-mark",
        "A byte order mark is refused.",
        &[31],
        format!("\u{feff}{good}"),
    );
    malformed(
        set,
        "payload-not-utf8",
        "Bytes that are not UTF-8 are refused.",
        &[31],
        {
            let mut bytes = good.clone().into_bytes();
            let at = good.find("music").unwrap();
            bytes[at] = 0xff;
            bytes
        },
    );
    malformed(
        set,
        "payload-utf8-overlong",
        "A longer spelling of a character than UTF-8 has is refused.",
        &[31],
        {
            let (before, after) = good.split_at(good.find("music").unwrap());
            [before.as_bytes(), &[0xc1, 0xad], &after.as_bytes()[1..]].concat()
        },
    );
    malformed(
        set,
        "payload-utf8-surrogate",
        "A surrogate encoded as if it were a character is refused.",
        &[31],
        {
            let (before, after) = good.split_at(good.find("music").unwrap());
            [before.as_bytes(), &[0xed, 0xa0, 0x80], after.as_bytes()].concat()
        },
    );
}

fn padding(set: &mut Set) {
    let sized = |length: usize| {
        let mut sized = payload();
        let missing = length - json(&sized).len();
        sized.client = format!("{}{}", sized.client, "x".repeat(missing));
        sized
    };
    for (name, about, length) in [
        (
            "padding-none",
            "A payload of a multiple of 64 bytes has no padding.",
            256,
        ),
        (
            "padding-one",
            "A payload that lacks one byte has one space.",
            255,
        ),
        (
            "padding-most",
            "A payload one byte beyond a multiple of 64 has 63 spaces.",
            257,
        ),
    ] {
        let sized = sized(length);
        set.add(
            name,
            scoped(about, &[39], any_client(), token(&sized), opened(&sized)),
        );
    }
    let mut wrong = |name: &str, about: &str, plaintext: Vec<u8>| {
        let expect = refused("payload", "malformed_payload");
        set.add(
            name,
            scoped(
                about,
                &[39],
                any_client(),
                sealer().seal(&plaintext).token(),
                expect,
            ),
        );
    };
    let whole = json(&sized(256)).into_bytes();
    wrong(
        "padding-block-more",
        "64 spaces are too many.",
        [&whole[..], &[b' '; 64]].concat(),
    );
    wrong("padding-two-blocks", "More than 64 spaces are too many.", {
        let mut plaintext = padded(json(&payload()));
        plaintext.extend([b' '; 64]);
        plaintext
    });
    for (name, about, byte) in [
        ("padding-nul", "Zero bytes are no padding.", 0),
        ("padding-newline", "Line ends are no padding.", b'\n'),
        ("padding-tab", "Tabs are no padding.", b'\t'),
    ] {
        let mut plaintext = padded(json(&payload()));
        let length = json(&payload()).len();
        assert!(length < plaintext.len());
        plaintext[length..].fill(byte);
        wrong(name, about, plaintext);
    }
    wrong(
        "padding-last-byte",
        "Every byte of the padding is a space.",
        {
            let mut plaintext = padded(json(&payload()));
            plaintext.pop();
            plaintext.push(b'\n');
            plaintext
        },
    );
    let folder = Payload {
        original_source: "files:set.mp3".into(),
        bucket_folder: Some("demo".into()),
        ..payload()
    };
    set.add(
        "field-folder",
        case(
            "A payload with a folder opens.",
            &[59],
            token(&folder),
            opened(&folder),
        ),
    );
}
