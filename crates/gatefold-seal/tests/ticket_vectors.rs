//! Judges tickets by every vector of `testdata/edge-ticket/v1`, and holds the vectors and their
//! specification against each other.

#![expect(
    clippy::unwrap_used,
    reason = "a vector that cannot be used must fail its test"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::Path,
};

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_seal::{
    EdgePrivateKey, Keyring, Minter, MinterKey, Scope, TicketError, TicketRefusal, TicketUse,
    Token, UnixSeconds,
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Vector {
    Mint {
        about: String,
        covers: Vec<String>,
        psk: String,
        did: String,
        host: String,
        now: u64,
        file: Option<String>,
        expect: Made,
    },
    Open {
        about: String,
        covers: Vec<String>,
        minters: Vec<Known>,
        host: String,
        now: u64,
        file: Option<String>,
        ticket: String,
        expect: Verdict,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    psk: String,
    clients: Vec<String>,
    retired: Option<u64>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Made {
    Ticket {
        signed: String,
        tag: String,
        ticket: String,
    },
    Error {
        error: String,
    },
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Verdict {
    Vouched { did: String, minter: String },
    Refused { stage: String, code: String },
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn vectors() -> BTreeMap<String, Vector> {
    let entries = fs::read_dir(root().join("testdata/edge-ticket/v1")).unwrap();
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let vector = serde_json::from_str(&fs::read_to_string(&path).unwrap());
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, vector.unwrap())
        })
        .collect()
}

fn key(psk: &str) -> MinterKey {
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        let digits = psk.get(at.saturating_mul(2)..at.saturating_mul(2).saturating_add(2));
        *byte = u8::from_str_radix(digits.unwrap(), 16).unwrap();
    }
    MinterKey::from_bytes(&bytes.into())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").unwrap();
        digits
    })
}

fn mint(psk: &str, did: &str, host: &str, now: u64, file: Option<&str>) -> Made {
    let edge = EdgePrivateKey::from_bytes([1; 32].into());
    let minter = Minter::new(*edge.public(), key(psk), 300).unwrap();
    let now = UnixSeconds(now);
    let ticket = match file {
        None => minter.ticket(did, host, now),
        Some(token) => minter.file_ticket(&Token::parse(token).unwrap(), did, host, now),
    };
    match ticket {
        Ok(ticket) => {
            let text = ticket.expose();
            let bytes = Base64UrlUnpadded::decode_vec(text.strip_prefix("ET").unwrap()).unwrap();
            let (signed, tag) = bytes.split_last_chunk::<32>().unwrap();
            Made::Ticket {
                signed: hex(signed),
                tag: hex(tag),
                ticket: text.to_owned(),
            }
        }
        Err(error) => Made::Error {
            error: match error {
                TicketError::Did => "did".to_owned(),
                TicketError::Host => "host".to_owned(),
                TicketError::Scope(refusal) => refusal.to_string(),
            },
        },
    }
}

fn open(minters: &[Known], host: &str, now: u64, file: Option<&str>, ticket: &str) -> Verdict {
    let mut keyring = Keyring::new();
    for minter in minters {
        let scope = Scope {
            clients: minter
                .clients
                .iter()
                .map(|pattern| pattern.parse().unwrap())
                .collect(),
            ..Scope::default()
        };
        let retired = minter.retired.map(UnixSeconds);
        keyring
            .add_minter_until(key(&minter.psk), scope, retired)
            .unwrap();
    }
    let wanted = file.map_or(TicketUse::Session, TicketUse::File);
    match keyring.open_ticket(ticket, host, wanted, UnixSeconds(now)) {
        Ok(vouched) => Verdict::Vouched {
            did: vouched.did.into(),
            minter: vouched.minter.to_string(),
        },
        Err(refusal) => Verdict::Refused {
            stage: TicketRefusal::STAGE.to_owned(),
            code: refusal.code().to_owned(),
        },
    }
}

#[test]
fn every_vector_is_judged_as_it_says() {
    let vectors = vectors();
    assert!(vectors.len() > 12, "no vectors");
    for (name, vector) in &vectors {
        match vector {
            Vector::Mint {
                about,
                psk,
                did,
                host,
                now,
                file,
                expect,
                ..
            } => {
                let made = mint(psk, did, host, *now, file.as_deref());
                assert_eq!(made, *expect, "{name}: {about}");
            }
            Vector::Open {
                about,
                minters,
                host,
                now,
                file,
                ticket,
                expect,
                ..
            } => {
                let verdict = open(minters, host, *now, file.as_deref(), ticket);
                assert_eq!(verdict, *expect, "{name}: {about}");
            }
        }
    }
}

#[test]
fn every_rule_has_a_vector_or_a_reason_and_every_vector_has_rules() {
    let text = fs::read_to_string(root().join("docs/spec/edge-ticket.md")).unwrap();
    let marks = text
        .lines()
        .filter_map(|line| line.strip_prefix("- **[")?.split_once(']'))
        .map(|(mark, _)| mark);
    let mut rules = BTreeMap::new();
    for mark in marks {
        let (id, reason) = mark.split_once(", no vector: ").unwrap_or((mark, ""));
        let again = rules.insert(id.to_owned(), !reason.is_empty());
        assert!(again.is_none(), "{id} is there twice");
    }
    let mut shown = BTreeSet::new();
    for (name, vector) in vectors() {
        let (Vector::Mint { about, covers, .. } | Vector::Open { about, covers, .. }) = vector;
        assert!(about.ends_with('.'), "{name}: about is a sentence");
        assert!(!covers.is_empty(), "{name} names no rule");
        for id in covers {
            assert_eq!(rules.get(&id), Some(&false), "{name} names {id}");
            shown.insert(id);
        }
    }
    let expected = rules.iter().filter(|(_, excused)| !**excused);
    let expected: BTreeSet<String> = expected.map(|(id, _)| id.clone()).collect();
    assert_eq!(shown, expected, "rules without a vector");
}
