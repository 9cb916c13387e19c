//! Holds the crate against the second implementation, `e2e/sealed-url-js`, on random payloads:
//! both seal the same bytes, each opens what the other sealed, and both refuse alike.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a peer that does not answer must fail the test"
)]

mod peer;
#[expect(dead_code, reason = "the generator of the vectors uses all of it")]
#[path = "generate/raw.rs"]
mod raw;

use gatefold_seal::{
    EdgePrivateKey, Keyring, MinterKey, Payload, Scope, Source, UnixSeconds, Window, seal,
};
use peer::{Peer, hex};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use raw::Sealer;
use serde_json::{Value, json};
use zeroize::Zeroizing;

const ROUNDS: usize = 300;

/// Keys, and a payload that they seal.
#[derive(Clone, Debug)]
struct Drawn {
    edge: [u8; 32],
    psk: [u8; 32],
    payload: Payload,
    now: u64,
}

impl Drawn {
    fn keyring(&self) -> Keyring {
        let mut ring = Keyring::new();
        let edge = EdgePrivateKey::from_bytes(Zeroizing::new(self.edge));
        ring.add_edge(edge).unwrap();
        let scope = Scope {
            hosts: vec!["*.example".parse().unwrap()],
            folders: self
                .payload
                .source()
                .folder()
                .map(Into::into)
                .into_iter()
                .collect(),
            private: true,
            clients: vec!["*".parse().unwrap()],
            ..Scope::default()
        };
        ring.add_minter(self.minter(), scope).unwrap();
        ring
    }

    fn minter(&self) -> MinterKey {
        MinterKey::from_bytes(&Zeroizing::new(self.psk))
    }

    fn open_here(&self, token: &str) -> Value {
        match self.keyring().open(token, UnixSeconds(self.now)) {
            Ok(opened) => {
                json!({"minter": opened.minter.to_string(), "payload": fields(&opened.payload)})
            }
            Err(refusal) => json!({"stage": refusal.stage().as_str(), "code": refusal.code()}),
        }
    }

    fn open_there(&self, peer: &mut Peer, token: &str) -> Value {
        let folders: Vec<&str> = self.payload.source().folder().into_iter().collect();
        peer.ask(&json!({
            "op": "open",
            "edges": [{"private": hex(&self.edge)}],
            "minters": [{"psk": hex(&self.psk), "scope": {
                "hosts": ["*.example"], "folders": folders, "private": true, "clients": ["*"],
            }}],
            "token": token,
            "now": self.now,
        }))
    }
}

fn fields(payload: &Payload) -> Value {
    let text = payload.encode();
    serde_json::from_slice(&text).expect("a payload is JSON")
}

fn payloads() -> impl Strategy<Value = Drawn> {
    const NAME: &str = "[^/\\\\.\\pC][^/\\\\\\pC]{0,40}";
    let source = prop_oneof![
        "https://[a-z0-9]{1,20}\\.example(:[1-9][0-9]{3})?/[A-Za-z0-9._~!$&'()*+,;=:@-]{3,60}(\\?[a-z=&?/]{0,20})?"
            .prop_map(|url| (url, None::<String>)),
        prop::collection::vec(NAME, 1..4)
            .prop_map(|key| (format!("private:{}", key.join("/")), None)),
        (NAME, NAME).prop_map(|(file, folder)| (format!("files:{file}"), Some(folder))),
    ];
    let client = prop_oneof![
        "(?s).{1,80}",
        "[\\x00-\\x1f\"\\\\/\\x7f]{1,20}",
        "did:plc:[a-z2-7]{24}",
        "https://[a-z]{1,20}\\.example",
    ];
    let window = (60..=604_800_u64, 0..4_000_000_000_u64).prop_flat_map(|(lifetime, now)| {
        let phase = prop_oneof![Just(0), 0..lifetime];
        (Just(lifetime), Just(now), phase)
    });
    // A private source is bound to a DID.
    let drawn = (any::<[u8; 32]>(), any::<[u8; 32]>(), source, client, window);
    drawn.prop_filter_map(
        "a payload",
        |(edge, psk, (original, folder), client, window)| {
            let (lifetime, now, phase) = window;
            let source = Source::parse(&original, folder.as_deref()).ok()?;
            let bound = matches!(source, Source::Private(_)) && !client.starts_with("did:");
            let window = Window::at(UnixSeconds(now), lifetime, phase).ok()?;
            let client = if bound {
                format!("did:{client}")
            } else {
                client
            };
            let payload = Payload::new(source, client, window).ok()?;
            Some(Drawn {
                edge,
                psk,
                payload,
                now,
            })
        },
    )
}

fn draw<S: Strategy>(strategy: &S, runner: &mut TestRunner) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

#[test]
fn both_implementations_seal_the_same_bytes_and_open_each_others() {
    let mut peer = Peer::start();
    let mut runner = TestRunner::deterministic();
    let strategy = payloads();
    for _ in 0..ROUNDS {
        let drawn = draw(&strategy, &mut runner);
        let edge = EdgePrivateKey::from_bytes(Zeroizing::new(drawn.edge));
        let here = seal(edge.public(), &drawn.minter(), &drawn.payload).unwrap();
        let there = peer.ask(&json!({
            "op": "seal",
            "edgePublic": hex(edge.public().as_bytes()),
            "psk": hex(&drawn.psk),
            "payload": fields(&drawn.payload),
        }));
        assert_eq!(there, json!({"token": here.to_string()}), "{drawn:?}");
        let expected = json!({
            "minter": drawn.minter().id().to_string(),
            "payload": fields(&drawn.payload),
        });
        assert_eq!(drawn.open_there(&mut peer, &here.to_string()), expected);
        assert_eq!(drawn.open_here(there["token"].as_str().unwrap()), expected);
    }
}

/// Characters that mean something to JSON, to numbers or to UTF-8.
const ODD: &[&[u8]] = &[
    b" ",
    b"\t",
    b"\n",
    b"\"",
    b"\\",
    b"\\u0041",
    b"\\n",
    b"\\/",
    b"\\ud800",
    b"/",
    b",",
    b":",
    b"{",
    b"}",
    b"[",
    b"]",
    b"0",
    b"1",
    b"9",
    b"00000",
    b".",
    b".0",
    b"-",
    b"+",
    b"e",
    b"e0",
    b"null",
    b"true",
    b"\0",
    b"\x7f",
    b"\xc3",
    b"\xa4",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\"a\":1,",
    b"\"client\":\"x\",",
    b"\"phaseSeconds\":0,",
    b"\"bucketFolder\":\"f\",",
];

#[test]
fn both_implementations_refuse_changed_plaintexts_alike() {
    let mut peer = Peer::start();
    let mut runner = TestRunner::deterministic();
    let strategy = payloads();
    let changes = (
        any::<prop::sample::Index>(),
        0..6_usize,
        0..ODD.len(),
        any::<bool>(),
    );
    for _ in 0..ROUNDS {
        let drawn = draw(&strategy, &mut runner);
        let (at, cut, odd, insert) = draw(&changes, &mut runner);
        let mut plaintext = drawn.payload.encode().trim_ascii_end().to_vec();
        let at = at.index(plaintext.len());
        let end = at.saturating_add(cut).min(plaintext.len());
        let odd = if insert { ODD[odd] } else { b"" };
        plaintext.splice(at..end, odd.iter().copied());
        plaintext.resize(plaintext.len().next_multiple_of(64), b' ');
        let sealed = Sealer::new(drawn.edge, drawn.psk).seal(&plaintext);
        let token = sealed.token();
        let here = drawn.open_here(&token);
        let there = drawn.open_there(&mut peer, &token);
        assert_eq!(here, there, "{}", String::from_utf8_lossy(&plaintext));
    }
}

#[test]
fn both_implementations_refuse_changed_tokens_and_times_alike() {
    let mut peer = Peer::start();
    let mut runner = TestRunner::deterministic();
    let strategy = payloads();
    let changes = (
        any::<prop::sample::Index>(),
        "[A-Za-z0-9_=+/ -]{0,2}",
        0..3_usize,
    );
    for _ in 0..ROUNDS {
        let mut drawn = draw(&strategy, &mut runner);
        let edge = EdgePrivateKey::from_bytes(Zeroizing::new(drawn.edge));
        let token = seal(edge.public(), &drawn.minter(), &drawn.payload).unwrap();
        let token = token.to_string();
        let (at, text, cut) = draw(&changes, &mut runner);
        let at = at.index(token.len());
        let end = at.saturating_add(cut).min(token.len());
        let mut other = token.clone();
        other.replace_range(at..end, &text);
        assert_eq!(
            drawn.open_here(&other),
            drawn.open_there(&mut peer, &other),
            "{other}"
        );

        let window = drawn.payload.window();
        let (from, end) = (window.starts().0, window.valid_until().0);
        let around = [
            from.saturating_sub(window.lifetime()),
            from.saturating_sub(6),
            from.saturating_sub(5),
            end,
            end.saturating_add(30),
            end.saturating_add(31),
            end.saturating_add(window.lifetime()),
        ];
        drawn.now = around[at.checked_rem(around.len()).unwrap()];
        assert_eq!(
            drawn.open_here(&token),
            drawn.open_there(&mut peer, &token),
            "{drawn:?}"
        );
    }
}
