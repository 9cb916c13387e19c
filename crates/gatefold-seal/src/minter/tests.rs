//! What a minter promises.

use super::*;
use crate::{key::EdgePrivateKey, keyring::Keyring};

const NOW: UnixSeconds = UnixSeconds(1_778_850_000);

fn edge() -> EdgePrivateKey {
    EdgePrivateKey::from_bytes([1; 32].into())
}

fn key() -> MinterKey {
    MinterKey::from_bytes(&[2; 32].into())
}

fn minter() -> Minter {
    Minter::new(*edge().public(), key(), 1800).unwrap()
}

fn source(name: &str) -> Source {
    Source::parse(&format!("https://cdn.example.com/{name}"), None).unwrap()
}

fn scope() -> Scope {
    Scope {
        hosts: vec!["cdn.example.com".parse().unwrap()],
        clients: vec!["https://music.example".parse().unwrap()],
        longest_lifetime: 1800,
        ..Scope::default()
    }
}

#[test]
fn a_minter_refuses_what_its_edge_would() {
    let minter = minter().with_scope(scope()).unwrap();
    let mut keyring = Keyring::new();
    keyring.add_edge(edge()).unwrap();
    keyring.add_minter(key(), scope()).unwrap();

    let (host, client) = ("https://cdn.example.com/a", "https://music.example");
    let table = [
        (host, client, None),
        (
            "https://x.example/a",
            client,
            Some(Refusal::SourceOutOfScope),
        ),
        ("private:a", client, Some(Refusal::SourceOutOfScope)),
        (host, "https://x.example", Some(Refusal::ClientOutOfScope)),
    ];
    for (original, client, refusal) in table {
        let source = Source::parse(original, None).unwrap();
        let own = minter.mint(source.clone(), client, NOW).map(|_| ());
        assert_eq!(own, refusal.map(MintError::Scope).map_or(Ok(()), Err));
        let window = Window::at(NOW, 1800, 0).unwrap();
        let payload = Payload::new(source, client, window).unwrap();
        let token = seal(edge().public(), &key(), &payload).unwrap();
        let edges = keyring.open(token.as_str(), NOW).map(|_| ());
        assert_eq!(edges, refusal.map_or(Ok(()), Err));
    }
}

#[test]
fn a_lifetime_out_of_scope_shows_at_once() {
    let scope = Scope {
        longest_lifetime: 1799,
        ..scope()
    };
    assert_eq!(
        minter().with_scope(scope).err(),
        Some(MintError::Scope(Refusal::LifetimeOutOfScope))
    );
}

#[test]
fn a_remembered_url_is_the_one_that_would_be_made_anew() {
    let none = CacheLimits {
        entries: 0,
        bytes: 0,
    };
    for spread in [false, true] {
        let minters = [minter(), minter().with_limits(none)];
        let [remembering, forgetful] = minters.map(|minter| {
            if spread {
                minter.with_spread_boundaries()
            } else {
                minter
            }
        });
        for step in 0..80 {
            // Two turns through two windows, forwards and then back.
            let at = UnixSeconds(NOW.0 + if step < 40 { step } else { 80 - step } * 90);
            for client in ["a", "b"] {
                let one = remembering.mint(source("a"), client, at).unwrap();
                assert_eq!(one, forgetful.mint(source("a"), client, at).unwrap());
                assert!(one.window.holds(at));
            }
        }
        assert_eq!((remembering.minted.len(), forgetful.minted.len()), (2, 0));
    }
}

#[test]
fn a_url_changes_at_its_boundary_and_not_before() {
    let minter = minter();
    let mint = |at| {
        minter
            .mint(source("a"), "x", UnixSeconds(at))
            .unwrap()
            .token
    };
    assert_eq!(mint(NOW.0), mint(NOW.0 + 1799));
    assert_ne!(mint(NOW.0), mint(NOW.0 + 1800));
}

#[test]
fn spread_boundaries_are_each_sources_own() {
    let minter = minter().with_spread_boundaries();
    let phases: Vec<u64> = (0..200)
        .map(|number| minter.mint(source(&number.to_string()), "x", NOW))
        .map(|minted| minted.unwrap().window.phase())
        .collect();
    // Each tenth of the lifetime gets some, and none gets a third.
    for tenth in 0..10 {
        let share = phases.iter().filter(|phase| **phase / 180 == tenth).count();
        assert!((5..66).contains(&share), "{share} in tenth {tenth}");
    }
    let other = minter
        .mint(source("0"), "y", UnixSeconds(NOW.0 + 9999))
        .unwrap();
    assert_eq!(other.window.phase(), phases[0], "of the source alone");
}

#[test]
fn the_phase_is_the_documented_one() {
    // HMAC-SHA-256 with a key of 32 twos over "gatefold phase v1https://cdn.example.com/a",
    // computed by another implementation.
    assert_eq!(
        cipher::phase(&key(), "https://cdn.example.com/a", 1800),
        470
    );
}

#[test]
fn many_urls_stay_within_the_limits() {
    let minter = minter().with_limits(CacheLimits {
        entries: 8,
        bytes: 1 << 20,
    });
    for number in 0..40 {
        minter.mint(source(&number.to_string()), "x", NOW).unwrap();
        assert!(minter.minted.len() <= 8);
    }
}
