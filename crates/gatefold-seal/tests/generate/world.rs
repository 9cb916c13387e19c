//! The keys, the scope and the payload that most vectors share, and short ways to write a case.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::raw::{Sealer, minter_id};
use crate::vector::{
    Edge, Failed, Made, Minter, Open, Opened, Outcome, Payload, Refused, Scope, Vector,
};

/// The edge's private key: Alice's of RFC 7748, section 6.1.
pub(crate) const EDGE: [u8; 32] = [
    0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45,
    0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a,
];

pub(crate) const SOURCE: &str = "https://cdn.example.com/live/2026-05-15/second-room/the-hour-before-the-lights-come-on/set.mp3";
pub(crate) const CLIENT: &str = "https://music.example";
pub(crate) const DID: &str = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";

/// 2026-05-15T12:00:00Z, and the window of an hour that begins there.
pub(crate) const NOON: u64 = 1_778_846_400;
pub(crate) const ONE: u64 = NOON + 3600;
pub(crate) const INDEX: u64 = 494_124;

/// A key that nobody else uses.
pub(crate) fn secret(label: &str) -> [u8; 32] {
    Sha256::digest(format!("gatefold test vector: {label}")).into()
}

/// The minter's key.
pub(crate) fn psk() -> [u8; 32] {
    secret("minter")
}

pub(crate) fn sealer() -> Sealer {
    Sealer::new(EDGE, psk())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

pub(crate) fn covers(ids: &[u16]) -> Vec<String> {
    ids.iter().map(|id| format!("S-{id}")).collect()
}

pub(crate) fn edge(private: [u8; 32]) -> Edge {
    Edge {
        private: hex(&private),
        retired: None,
    }
}

pub(crate) fn minter(psk: [u8; 32], scope: Scope) -> Minter {
    Minter {
        psk: hex(&psk),
        retired: None,
        scope,
    }
}

/// A scope that allows what the shared payload says, and little else.
pub(crate) fn scope() -> Scope {
    Scope {
        hosts: vec!["cdn.example.com".into()],
        folders: vec!["demo".into()],
        private: Some(true),
        clients: vec![CLIENT.into(), "did:plc:*".into()],
        ..Scope::default()
    }
}

/// A scope that allows every client, for payloads whose client is odd.
pub(crate) fn any_client() -> Scope {
    Scope {
        clients: vec!["*".into()],
        ..scope()
    }
}

pub(crate) fn payload() -> Payload {
    Payload {
        original_source: SOURCE.into(),
        valid_until_unix: ONE,
        client: CLIENT.into(),
        bucket_folder: None,
        window_index: INDEX,
        lifetime_seconds: 3600,
        phase_seconds: None,
    }
}

/// The payload of another window.
pub(crate) fn in_window(window_index: u64, lifetime_seconds: u64, phase: u64) -> Payload {
    Payload {
        valid_until_unix: (window_index + 1) * lifetime_seconds - phase,
        window_index,
        lifetime_seconds,
        phase_seconds: (phase > 0).then_some(phase),
        ..payload()
    }
}

/// The canonical JSON, for strings that need no escape.
pub(crate) fn json(payload: &Payload) -> String {
    let quoted = |text: &str| {
        assert!(!text.contains(|c: char| c < ' ' || c == '"' || c == '\\'));
        format!("\"{text}\"")
    };
    let mut fields = vec![
        ("originalSource", quoted(&payload.original_source)),
        ("validUntilUnix", payload.valid_until_unix.to_string()),
        ("client", quoted(&payload.client)),
    ];
    if let Some(folder) = &payload.bucket_folder {
        fields.push(("bucketFolder", quoted(folder)));
    }
    fields.push(("windowIndex", payload.window_index.to_string()));
    fields.push(("lifetimeSeconds", payload.lifetime_seconds.to_string()));
    if let Some(phase) = payload.phase_seconds {
        fields.push(("phaseSeconds", phase.to_string()));
    }
    let fields: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| format!("\"{name}\":{value}"))
        .collect();
    format!("{{{}}}", fields.join(","))
}

pub(crate) fn padded(json: impl AsRef<[u8]>) -> Vec<u8> {
    let mut plaintext = json.as_ref().to_vec();
    plaintext.resize(plaintext.len().next_multiple_of(64), b' ');
    plaintext
}

/// A token that says this, made as it should be.
pub(crate) fn token(payload: &Payload) -> String {
    token_saying(json(payload))
}

/// An authentic token of any text.
pub(crate) fn token_saying(json: impl AsRef<[u8]>) -> String {
    sealer().seal(&padded(json)).token()
}

pub(crate) fn refused<T>(stage: &str, code: &str) -> Outcome<T> {
    Outcome::Refused(Refused {
        stage: stage.into(),
        code: code.into(),
    })
}

pub(crate) fn failed<T>(error: &str) -> Made<T> {
    Made::Failed(Failed {
        error: error.into(),
    })
}

pub(crate) fn opened(payload: &Payload) -> Outcome<Opened> {
    Outcome::Given(Opened {
        minter: hex(&minter_id(&psk())),
        payload: payload.clone(),
    })
}

/// One token opened with the shared keys and scope a minute after the window began.
pub(crate) fn open(
    about: &str,
    ids: &[u16],
    token: impl Into<String>,
    expect: Outcome<Opened>,
) -> Open {
    Open {
        about: about.into(),
        covers: covers(ids),
        edges: vec![edge(EDGE)],
        minters: vec![minter(psk(), scope())],
        token: token.into(),
        now: NOON + 60,
        request: None,
        expect,
    }
}

/// The same, as a vector.
pub(crate) fn case(
    about: &str,
    ids: &[u16],
    token: impl Into<String>,
    expect: Outcome<Opened>,
) -> Vector {
    Vector::Open(open(about, ids, token, expect))
}

/// One token opened with another scope.
pub(crate) fn scoped(
    about: &str,
    ids: &[u16],
    scope: Scope,
    token: impl Into<String>,
    expect: Outcome<Opened>,
) -> Vector {
    Vector::Open(Open {
        minters: vec![minter(psk(), scope)],
        ..open(about, ids, token, expect)
    })
}
