//! The stage `payload`: how strings are escaped, shown on a client that any pattern covers.

use super::{
    Set,
    world::{any_client, json, opened, payload, refused, scoped, token_saying},
};
use crate::vector::Payload;

pub(crate) fn add(set: &mut Set) {
    good(set);
    bad(set);
}

/// A payload's JSON in which `client` is spelled like this.
fn spelled(client: &str) -> String {
    json(&payload()).replacen("https://music.example", client, 1)
}

fn good(set: &mut Set) {
    let mut reads = |name: &str, about: &str, spelling: &str, client: &str| {
        let said = Payload {
            client: client.into(),
            ..payload()
        };
        set.add(
            name,
            scoped(
                about,
                &[24, 30],
                any_client(),
                token_saying(spelled(spelling)),
                opened(&said),
            ),
        );
    };
    reads(
        "escape-quote-backslash",
        "Quotation mark and backslash are escaped.",
        r#"a\"b\\c"#,
        "a\"b\\c",
    );
    reads(
        "escape-short",
        "Five control characters have short escapes.",
        r"\b\t\n\f\r",
        "\u{8}\t\n\u{c}\r",
    );
    reads(
        "escape-control",
        "Other control characters are escaped with lower-case digits.",
        r"\u0000\u0001\u0007\u000b\u000e\u000f\u0010\u001a\u001f",
        "\0\u{1}\u{7}\u{b}\u{e}\u{f}\u{10}\u{1a}\u{1f}",
    );
    reads(
        "escape-not-slash",
        "A slash stands for itself.",
        "a/b",
        "a/b",
    );
    reads(
        "escape-not-delete",
        "U+007F to U+009F stand for themselves.",
        "a\u{7f}\u{80}\u{9f}",
        "a\u{7f}\u{80}\u{9f}",
    );
    reads(
        "escape-not-separators",
        "U+2028 and U+2029 stand for themselves.",
        "a\u{2028}\u{2029}",
        "a\u{2028}\u{2029}",
    );
    reads(
        "escape-not-html",
        "Characters that mean something to HTML stand for themselves.",
        "<a&'b>",
        "<a&'b>",
    );
    reads(
        "escape-not-wide",
        "Characters beyond ASCII stand for themselves in UTF-8, beyond U+FFFF too.",
        "Größe 音 \u{1f3b5}",
        "Größe 音 \u{1f3b5}",
    );
    reads(
        "escape-not-byte-order-mark",
        "U+FEFF inside a string, and non-characters, stand for themselves.",
        "a\u{feff}\u{fffe}\u{ffff}",
        "a\u{feff}\u{fffe}\u{ffff}",
    );
    reads(
        "escape-not-normalised",
        "A letter with a combining mark is not composed.",
        "e\u{301}",
        "e\u{301}",
    );
}

fn bad(set: &mut Set) {
    for (name, about, ids, json) in [
        (
            "escape-letter",
            "A letter is not escaped.",
            30,
            spelled(r"https://\u006dusic.example"),
        ),
        (
            "escape-slash",
            "A slash is not escaped.",
            30,
            spelled(r"https:\/\/music.example"),
        ),
        (
            "escape-long-newline",
            "A line end has a short escape.",
            30,
            spelled(r"a\u000ab"),
        ),
        (
            "escape-upper-digits",
            "The digits of an escape are in lower case.",
            30,
            spelled(r"a\u001Fb"),
        ),
        (
            "escape-long-quote",
            "A quotation mark has a short escape.",
            30,
            spelled(r"a\u0022b"),
        ),
        (
            "escape-delete",
            "U+007F is not escaped.",
            30,
            spelled(r"a\u007fb"),
        ),
        (
            "escape-separator",
            "U+2028 is not escaped.",
            30,
            spelled(r"a\u2028b"),
        ),
        (
            "escape-wide",
            "A character beyond ASCII is not escaped.",
            30,
            spelled(r"Gr\u00f6\u00dfe"),
        ),
        (
            "escape-pair",
            "A character beyond U+FFFF is not escaped.",
            30,
            spelled(r"\ud83c\udfb5"),
        ),
        (
            "escape-unknown",
            "An escape that JSON does not know is refused.",
            30,
            spelled(r"a\x41"),
        ),
        (
            "escape-in-name",
            "Names of fields are not escaped.",
            30,
            json(&payload()).replacen("client", r"c\u006cient", 1),
        ),
        (
            "escape-in-source",
            "The source is spelled in one way too.",
            30,
            json(&payload()).replacen("set.mp3", r"set\u002emp3", 1),
        ),
        (
            "escape-missing-control",
            "A control character that is not escaped is refused.",
            30,
            spelled("a\u{1}b"),
        ),
        (
            "escape-missing-newline",
            "A line end that is not escaped is refused.",
            30,
            spelled("a\nb"),
        ),
        (
            "escape-surrogate-high",
            "An escaped surrogate without the second one is refused.",
            31,
            spelled(r"a\ud83cb"),
        ),
        (
            "escape-surrogate-low",
            "An escaped surrogate without the first one is refused.",
            31,
            spelled(r"a\udfb5b"),
        ),
    ] {
        let expect = refused("payload", "malformed_payload");
        set.add(
            name,
            scoped(about, &[ids], any_client(), token_saying(json), expect),
        );
    }
}
