//! Minting: exact tokens, and what is not minted.

use super::{
    Set,
    raw::{phase, public_of},
    world::{CLIENT, DID, EDGE, NOON, SOURCE, covers, failed, hex, json, padded, psk, sealer},
};
use crate::vector::{Made, Mint, Minted, Payload, Vector};

pub(crate) fn add(set: &mut Set) {
    tokens(set);
    equal_or_not(set);
    refusals(set);
}

fn mint(about: &str, ids: &[u16]) -> Mint {
    Mint {
        about: about.into(),
        covers: covers(ids),
        edge_public: hex(&public_of(&EDGE)),
        psk: hex(&psk()),
        now: NOON + 1234,
        original_source: SOURCE.into(),
        client: CLIENT.into(),
        bucket_folder: None,
        lifetime_seconds: 3600,
        phase_seconds: None,
        expect: failed("unset"),
    }
}

/// The payload that a mint case makes.
fn payload_of(mint: &Mint) -> Payload {
    let phase = mint.phase_seconds.unwrap_or_default();
    let window_index = (mint.now + phase) / mint.lifetime_seconds;
    Payload {
        original_source: mint.original_source.clone(),
        valid_until_unix: (window_index + 1) * mint.lifetime_seconds - phase,
        client: mint.client.clone(),
        bucket_folder: mint.bucket_folder.clone(),
        window_index,
        lifetime_seconds: mint.lifetime_seconds,
        phase_seconds: mint.phase_seconds,
    }
}

fn made(mint: Mint) -> Vector {
    let json = json(&payload_of(&mint));
    spelled(mint, &json)
}

/// A case whose JSON needs escapes, which are written by hand.
fn spelled(mint: Mint, json: &str) -> Vector {
    let plaintext = padded(json);
    let sealer = sealer();
    let token = sealer.seal(&plaintext);
    Vector::Mint(Mint {
        expect: Made::Given(Minted {
            plaintext: String::from_utf8(plaintext.clone()).unwrap(),
            header: hex(&token.header),
            ephemeral_material: hex(&sealer.ephemeral_material(&plaintext)),
            enc: hex(&token.enc),
            token: token.token(),
        }),
        ..mint
    })
}

fn tokens(set: &mut Set) {
    set.add(
        "mint-https",
        made(mint(
            "A URL for an origin.",
            &[1, 9, 10, 18, 21, 24, 25, 26, 40],
        )),
    );
    set.add(
        "mint-private",
        made(Mint {
            original_source: "private:tracks/5f2c/original.flac".into(),
            client: DID.into(),
            lifetime_seconds: 300,
            ..mint("An object of the private bucket for a DID.", &[18, 21, 24])
        }),
    );
    set.add(
        "mint-files",
        made(Mint {
            original_source: "files:set.mp3".into(),
            bucket_folder: Some("demo".into()),
            ..mint("A file of an upload folder.", &[18, 24, 25])
        }),
    );
    set.add(
        "mint-phase",
        made(Mint {
            phase_seconds: Some(600),
            ..mint("A shifted window.", &[24, 40])
        }),
    );
    set.add(
        "mint-phase-of-source",
        made(Mint {
            phase_seconds: Some(phase(&psk(), SOURCE, 3600)),
            ..mint(
                "The phase of a minter that spreads its boundaries.",
                &[40, 41],
            )
        }),
    );
    set.add(
        "mint-padding-none",
        made(Mint {
            client: exact_length(256),
            ..mint("A payload of a multiple of 64 bytes is not padded.", &[26])
        }),
    );
    set.add(
        "mint-padding-most",
        made(Mint {
            client: exact_length(257),
            ..mint("A payload one byte longer gets 63 spaces.", &[26])
        }),
    );
    set.add(
        "mint-longest",
        made(Mint {
            client: exact_length(4096),
            ..mint("The longest payload.", &[28])
        }),
    );
    let odd = Mint {
        original_source: "files:Größe \"5\".ogg".into(),
        bucket_folder: Some("<a&b>".into()),
        client: "x\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f}\\/\u{7f}\u{2028}\u{1f3b5}".into(),
        ..mint("Every kind of character, escaped or not.", &[24])
    };
    let json = "{\"originalSource\":\"files:Größe \\\"5\\\".ogg\",\"validUntilUnix\":1778850000,\
        \"client\":\"x\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\\\\/\u{7f}\u{2028}\u{1f3b5}\",\
        \"bucketFolder\":\"<a&b>\",\"windowIndex\":494124,\"lifetimeSeconds\":3600}";
    set.add("mint-escapes", spelled(odd, json));
}

/// A client that makes the JSON this long.
fn exact_length(length: usize) -> String {
    let shortest = json(&payload_of(&mint("", &[]))).len();
    format!("{CLIENT}{}", "x".repeat(length - shortest))
}

fn equal_or_not(set: &mut Set) {
    set.add(
        "mint-same-window",
        made(Mint {
            now: NOON,
            ..mint(
                "Another second of the same window gives the token of mint-https.",
                &[21, 40],
            )
        }),
    );
    set.add(
        "mint-next-window",
        made(Mint {
            now: NOON + 3600,
            ..mint(
                "The next window gives another token, encapsulated key included.",
                &[21, 40],
            )
        }),
    );
    set.add(
        "mint-other-client",
        made(Mint {
            client: "https://radio.example".into(),
            ..mint(
                "Another client gives another token, encapsulated key included.",
                &[21],
            )
        }),
    );
}

fn refusals(set: &mut Set) {
    let mut refuse = |name: &str, error: &str, case: Mint| {
        set.add(
            name,
            Vector::Mint(Mint {
                expect: failed(error),
                ..case
            }),
        );
    };
    refuse(
        "mint-client-empty",
        "client",
        Mint {
            client: String::new(),
            ..mint("Nothing is sealed for nobody.", &[27])
        },
    );
    refuse(
        "mint-too-long",
        "length",
        Mint {
            client: exact_length(4097),
            ..mint("A payload of 4097 bytes is not sealed.", &[28])
        },
    );
    refuse(
        "mint-lifetime-short",
        "window",
        Mint {
            lifetime_seconds: 59,
            ..mint("A lifetime of 59 seconds is not sealed.", &[42])
        },
    );
    refuse(
        "mint-lifetime-long",
        "window",
        Mint {
            lifetime_seconds: 604_801,
            ..mint("A lifetime of more than 7 days is not sealed.", &[42])
        },
    );
    for (name, source, folder) in [
        ("scheme", "http://cdn.example.com/a", None),
        ("folder-missing", "files:a.mp3", None),
        ("folder-beside-url", SOURCE, Some("demo")),
    ] {
        refuse(
            &format!("mint-source-{name}"),
            "source",
            Mint {
                original_source: source.into(),
                bucket_folder: folder.map(Into::into),
                ..mint("A source that edges refuse is not sealed.", &[63])
            },
        );
    }
    let order_eight = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
    for (name, public) in [
        ("zero", hex(&[0; 32])),
        ("one", format!("01{}", "00".repeat(31))),
        ("order-eight", order_eight.into()),
    ] {
        refuse(
            &format!("mint-edge-{name}"),
            "edge",
            Mint {
                edge_public: public,
                ..mint("Nothing is sealed to a point of small order.", &[13])
            },
        );
    }
}
