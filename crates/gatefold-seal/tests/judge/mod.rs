//! Holds the crate against one vector of each kind, through its public API alone.

use std::fmt::Write as _;

use gatefold_seal::{
    ClientPattern, EdgePrivateKey, EdgePublicKey, HostPattern, Keyring, MintError, Minter,
    MinterKey, Opened, Opener, Payload, PayloadError, Refusal, Scope, Source, UnixSeconds, Window,
    seal,
};
use zeroize::Zeroizing;

use crate::support::vector;

type Verdict = Result<(), String>;
type Outcome = vector::Outcome<vector::Opened>;

fn same<T: PartialEq + std::fmt::Debug>(got: &T, expected: &T) -> Verdict {
    if got == expected {
        Ok(())
    } else {
        Err(format!("got {got:?}, expected {expected:?}"))
    }
}

fn refused<T>(refusal: Refusal) -> vector::Outcome<T> {
    vector::Outcome::Refused(vector::Refused {
        stage: refusal.stage().as_str().into(),
        code: refusal.code().into(),
    })
}

fn failed<T>(error: &str) -> vector::Made<T> {
    vector::Made::Failed(vector::Failed {
        error: error.into(),
    })
}

fn edge_key(edge: &vector::Edge) -> EdgePrivateKey {
    EdgePrivateKey::from_bytes(Zeroizing::new(key(&edge.private)))
}

fn minter_key(psk: &str) -> MinterKey {
    MinterKey::from_bytes(&Zeroizing::new(key(psk)))
}

fn scope(written: &vector::Scope) -> Scope {
    let default = Scope::default();
    Scope {
        hosts: written.hosts.iter().map(|p| p.parse().unwrap()).collect(),
        folders: written.folders.clone(),
        private: written.private.unwrap_or(default.private),
        clients: written.clients.iter().map(|p| p.parse().unwrap()).collect(),
        longest_lifetime: written.longest_lifetime.unwrap_or(default.longest_lifetime),
        grace: written.grace.unwrap_or(default.grace),
    }
}

fn ring(edges: &[vector::Edge], minters: &[vector::Minter]) -> Option<Keyring> {
    let mut ring = Keyring::new();
    for edge in edges {
        let retired = edge.retired.map(UnixSeconds);
        ring.add_edge_until(edge_key(edge), retired).ok()?;
    }
    for minter in minters {
        let (key, scope) = (minter_key(&minter.psk), scope(&minter.scope));
        let retired = minter.retired.map(UnixSeconds);
        ring.add_minter_until(key, scope, retired).ok()?;
    }
    Some(ring)
}

/// Opens a token without a memory, and with one: twice, so that the memory answers too.
fn opened(opener: &Opener, token: &str, now: u64) -> Result<Outcome, String> {
    let now = UnixSeconds(now);
    let got = outcome(opener.keyring().open(token, now).as_ref());
    for _ in 0..2 {
        let remembered = outcome(opener.open(token, now).as_deref());
        same(&remembered, &got)?;
    }
    Ok(got)
}

fn outcome(opened: Result<&Opened, &Refusal>) -> Outcome {
    match opened {
        Err(refusal) => refused(*refusal),
        Ok(opened) => Outcome::Given(vector::Opened {
            minter: opened.minter.to_string(),
            payload: fields(&opened.payload),
        }),
    }
}

fn fields(payload: &Payload) -> vector::Payload {
    let window = payload.window();
    vector::Payload {
        original_source: payload.source().original(),
        valid_until_unix: window.valid_until().0,
        client: payload.client().into(),
        bucket_folder: payload.source().folder().map(Into::into),
        window_index: window.index(),
        lifetime_seconds: window.lifetime(),
        phase_seconds: (window.phase() > 0).then_some(window.phase()),
    }
}

pub(crate) fn open(case: &vector::Open) -> Verdict {
    let opener = Opener::new(ring(&case.edges, &case.minters).ok_or("no keyring")?);
    let got = opened(&opener, &case.token, case.now)?;
    match &case.expect {
        // The keyring has done its part when all that is left to judge is the request.
        Outcome::Refused(refused) if refused.stage == "client" => match got {
            Outcome::Given(_) => Ok(()),
            Outcome::Refused(_) => Err(format!("got {got:?} before the client")),
        },
        expected => same(&got, expected),
    }
}

pub(crate) fn sequence(case: &vector::Sequence) -> Verdict {
    let opener = Opener::new(ring(&case.edges, &case.minters).ok_or("no keyring")?);
    for step in &case.steps {
        same(&opened(&opener, &step.token, step.now)?, &step.expect)?;
    }
    Ok(())
}

pub(crate) fn mint(case: &vector::Mint) -> Verdict {
    same(&minted(case), &case.expect)
}

fn minted(case: &vector::Mint) -> vector::Made<vector::Minted> {
    let Ok(edge) = EdgePublicKey::from_bytes(key(&case.edge_public)) else {
        return failed("edge");
    };
    let Ok(source) = Source::parse(&case.original_source, case.bucket_folder.as_deref()) else {
        return failed("source");
    };
    let phase = case.phase_seconds.unwrap_or_default();
    let Ok(window) = Window::at(UnixSeconds(case.now), case.lifetime_seconds, phase) else {
        return failed("window");
    };
    let payload = match Payload::new(source, case.client.as_str(), window) {
        Ok(payload) => payload,
        Err(PayloadError::NoClient) => return failed("client"),
        Err(PayloadError::TooLong) => return failed("length"),
    };
    let psk = minter_key(&case.psk);
    let token = seal(&edge, &psk, &payload).unwrap().to_string();
    let vector::Made::Given(expected) = &case.expect else {
        return failed("none");
    };
    if phase == 0 {
        let minter = Minter::new(edge, psk, case.lifetime_seconds).unwrap();
        let source = payload.source().clone();
        let again: Result<_, MintError> = minter.mint(source, &case.client, UnixSeconds(case.now));
        assert_eq!(again.unwrap().token.to_string(), token);
    }
    vector::Made::Given(vector::Minted {
        plaintext: String::from_utf8(payload.encode().to_vec()).unwrap(),
        token,
        // On the way to the token and in it; the crate does not show them apart.
        ..expected.clone()
    })
}

pub(crate) fn keyring(case: &vector::Keys) -> Verdict {
    if ring(&case.edges, &case.minters).is_none() {
        return same(&failed("duplicate_id"), &case.expect);
    }
    let edges: Vec<EdgePublicKey> = case.edges.iter().map(|e| *edge_key(e).public()).collect();
    let minters = case.minters.iter().map(|minter| minter_key(&minter.psk));
    let got = vector::Made::Given(vector::Ids {
        edge_publics: edges.iter().map(|edge| hex(edge.as_bytes())).collect(),
        edge_ids: edges.iter().map(|edge| edge.id().to_string()).collect(),
        minter_ids: minters.map(|minter| minter.id().to_string()).collect(),
    });
    same(&got, &case.expect)
}

pub(crate) fn window(case: &vector::Window) -> Verdict {
    let window = Window::at(
        UnixSeconds(case.now),
        case.lifetime_seconds,
        case.phase_seconds,
    );
    let got = window.map_or_else(
        |_| failed("window"),
        |window| {
            vector::Made::Given(vector::Numbered {
                window_index: window.index(),
                start: window.starts().0,
                valid_until_unix: window.valid_until().0,
            })
        },
    );
    same(&got, &case.expect)
}

pub(crate) fn phase(case: &vector::Phase) -> Verdict {
    let edge = EdgePrivateKey::from_bytes(Zeroizing::new([1; 32]));
    let minter = Minter::new(*edge.public(), minter_key(&case.psk), case.lifetime_seconds)
        .unwrap()
        .with_spread_boundaries();
    let folder = case.original_source.starts_with("files:").then_some("demo");
    let source = Source::parse(&case.original_source, folder).unwrap();
    let url = minter.mint(source, "did:plc:a", UnixSeconds(1_778_846_400));
    same(&url.unwrap().window.phase(), &case.expect.phase_seconds)
}

pub(crate) fn source(case: &vector::Source) -> Verdict {
    let got = match Source::parse(&case.original_source, case.bucket_folder.as_deref()) {
        Err(refusal) => refused(refusal),
        Ok(source) => {
            same(&source.original(), &case.original_source)?;
            same(&source.folder(), &case.bucket_folder.as_deref())?;
            vector::Outcome::Given(match source {
                Source::Https(url) => vector::Read::Https {
                    host: url.host().into(),
                },
                Source::Private(key) => vector::Read::Private {
                    key: key.as_str().into(),
                },
                Source::File { folder, name } => vector::Read::Files {
                    folder: folder.as_str().into(),
                    name: name.as_str().into(),
                },
            })
        }
    };
    same(&got, &case.expect)
}

pub(crate) fn pattern(case: &vector::Pattern) -> Verdict {
    let value = case.value.as_deref().unwrap_or_default();
    let covered = match case.of.as_str() {
        "host" => case.pattern.parse().map(|p: HostPattern| p.matches(value)),
        "client" => case
            .pattern
            .parse()
            .map(|p: ClientPattern| p.matches(value)),
        other => return Err(format!("{other} has no patterns")),
    };
    let got = covered.map_or_else(
        |_| failed("pattern"),
        |covered| vector::Made::Given(vector::Covered { covered }),
    );
    same(&got, &case.expect)
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

/// The bytes that lower-case hexadecimal digits name.
fn unhex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "half a byte: {text}");
    text.as_bytes()
        .chunks(2)
        .map(|pair| {
            let digits = std::str::from_utf8(pair).unwrap();
            u8::from_str_radix(digits, 16).unwrap()
        })
        .collect()
}

/// A key that hexadecimal digits name.
fn key(text: &str) -> [u8; 32] {
    unhex(text).try_into().unwrap()
}
