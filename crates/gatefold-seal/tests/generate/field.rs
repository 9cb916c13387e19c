//! The stage `payload`: which fields there are, their types, and how numbers are spelled.

use super::{
    Set,
    payload::{malformed, with},
    world::{INDEX, ONE, SOURCE, json, payload},
};

pub(crate) fn add(set: &mut Set) {
    fields(set);
    types_and_numbers(set);
}

fn fields(set: &mut Set) {
    let good = json(&payload());
    malformed(
        set,
        "field-order",
        "Fields in another order are refused.",
        &[29],
        {
            let client = "\"client\":\"https://music.example\",";
            good.replacen(client, "", 1)
                .replacen('{', &format!("{{{client}"), 1)
        },
    );
    malformed(
        set,
        "field-order-folder",
        "The folder stands before the window's number, not at the end.",
        &[29],
        good.replace(SOURCE, "files:set.mp3")
            .replace('}', ",\"bucketFolder\":\"demo\"}"),
    );
    malformed(
        set,
        "field-unknown",
        "An unknown field is refused.",
        &[32],
        with("}", ",\"note\":1}"),
    );
    malformed(
        set,
        "field-unknown-proto",
        "An unknown field is refused whatever its name means to a language.",
        &[32],
        with("}", ",\"__proto__\":{}}"),
    );
    malformed(
        set,
        "field-name-case",
        "Names of fields have one spelling.",
        &[32, 33],
        with("windowIndex", "windowindex"),
    );
    malformed(
        set,
        "field-name-snake",
        "Names of fields are not in snake case.",
        &[32, 33],
        with("windowIndex", "window_index"),
    );
    for (name, field) in [
        (
            "source",
            format!("\"originalSource\":\"{}\",", payload().original_source),
        ),
        ("valid-until", format!("\"validUntilUnix\":{ONE},")),
        ("client", "\"client\":\"https://music.example\",".into()),
        ("window-index", format!("\"windowIndex\":{INDEX},")),
        ("lifetime", ",\"lifetimeSeconds\":3600".into()),
    ] {
        let name = format!("field-missing-{name}");
        malformed(
            set,
            &name,
            "Without one of its fields a payload is none.",
            &[33],
            with(&field, ""),
        );
    }
    malformed(
        set,
        "field-repeated",
        "A field that is there twice with one value is refused.",
        &[34],
        with("}", ",\"lifetimeSeconds\":3600}"),
    );
    malformed(
        set,
        "field-repeated-first",
        "A field that is there twice is refused, whichever value counts.",
        &[34],
        with("{", "{\"lifetimeSeconds\":60,"),
    );
    malformed(
        set,
        "field-repeated-client",
        "A second client after the first is refused.",
        &[34],
        with(
            ",\"windowIndex",
            ",\"client\":\"https://evil.example\",\"windowIndex",
        ),
    );
    malformed(
        set,
        "field-phase-zero",
        "A phase of 0 is left out.",
        &[37],
        with("}", ",\"phaseSeconds\":0}"),
    );
    malformed(
        set,
        "field-folder-null",
        "An absent folder is left out, not null.",
        &[35],
        with(",\"windowIndex", ",\"bucketFolder\":null,\"windowIndex"),
    );
    malformed(
        set,
        "field-client-empty",
        "An empty client is refused.",
        &[38],
        with("https://music.example", ""),
    );
    malformed(
        set,
        "field-client-null",
        "A client that is null is refused.",
        &[35],
        with("\"https://music.example\"", "null"),
    );
}

fn types_and_numbers(set: &mut Set) {
    malformed(
        set,
        "type-number-as-string",
        "A number in quotation marks is a string.",
        &[35],
        with(":3600", ":\"3600\""),
    );
    malformed(
        set,
        "type-string-as-number",
        "A client that is a number is refused.",
        &[35],
        with("\"https://music.example\"", "1"),
    );
    malformed(
        set,
        "type-bool",
        "A number that is true is refused.",
        &[35],
        with(":3600", ":true"),
    );
    malformed(
        set,
        "type-list",
        "A client in a list is refused.",
        &[35],
        with("\"https://music.example\"", "[\"https://music.example\"]"),
    );
    let lifetime = |to: &str| with(":3600", &format!(":{to}"));
    for (name, about, json) in [
        (
            "number-negative",
            "A negative number is refused.",
            with(&format!(":{INDEX}"), ":-1"),
        ),
        (
            "number-minus-zero",
            "Minus zero is refused.",
            with(&format!(":{INDEX}"), ":-0"),
        ),
        ("number-plus", "A plus sign is refused.", lifetime("+3600")),
        (
            "number-fraction",
            "A fraction is refused, though it is zero.",
            lifetime("3600.0"),
        ),
        (
            "number-exponent",
            "An exponent is refused.",
            lifetime("36e2"),
        ),
        (
            "number-leading-zero",
            "A leading zero is refused.",
            lifetime("03600"),
        ),
        (
            "number-hexadecimal",
            "Hexadecimal digits are refused.",
            lifetime("0xe10"),
        ),
        (
            "number-too-large",
            "2^53 is too large.",
            with(&ONE.to_string(), "9007199254740992"),
        ),
        (
            "number-rounded",
            "2^53 + 1, which doubles round to 2^53, is too large.",
            with(&ONE.to_string(), "9007199254740993"),
        ),
        (
            "number-beyond-64-bits",
            "2^64 and a good value is too large and does not wrap.",
            lifetime("18446744073709555216"),
        ),
        (
            "number-as-javascript-writes",
            "A number that compact encoders write with an exponent is too large.",
            with(&ONE.to_string(), "1e+21"),
        ),
    ] {
        malformed(set, name, about, &[36], json);
    }
}
