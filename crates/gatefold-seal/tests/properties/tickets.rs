//! Tickets and bindings.

use gatefold_seal::{
    BindingKey, EdgePrivateKey, Keyring, Minter, MinterKey, Scope, TicketUse, UnixSeconds, Vouched,
};
use proptest::prelude::*;

fn did() -> impl Strategy<Value = String> {
    "did:[a-z0-9]{1,8}:[A-Za-z0-9._:%-]{1,60}"
}

fn host() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9.-]{0,30}(:[0-9]{2,5})?|\\[::1\\](:[0-9]{2,5})?"
}

fn now() -> impl Strategy<Value = UnixSeconds> {
    (0..4_000_000_000_u64).prop_map(UnixSeconds)
}

fn minter(psk: [u8; 32]) -> Minter {
    let edge = EdgePrivateKey::from_bytes([1; 32].into());
    Minter::new(*edge.public(), MinterKey::from_bytes(&psk.into()), 300).expect("a lifetime")
}

fn keyring(psk: [u8; 32]) -> Keyring {
    let mut keyring = Keyring::new();
    let scope = Scope {
        clients: vec!["did:*".parse().expect("a pattern")],
        ..Scope::default()
    };
    keyring
        .add_minter(MinterKey::from_bytes(&psk.into()), scope)
        .expect("the only one");
    keyring
}

/// The text with the character at `at` replaced; `None` when that changes nothing.
fn changed(text: &str, at: prop::sample::Index, other: char) -> Option<String> {
    let mut characters: Vec<char> = text.chars().collect();
    let at = at.index(characters.len());
    let before = std::mem::replace(characters.get_mut(at)?, other);
    (before != other).then(|| characters.into_iter().collect())
}

proptest! {
    #[test]
    fn what_a_ticket_vouches_for_is_what_is_opened(
        psk in any::<[u8; 32]>(), did in did(), host in host(), now in now(), later in 0..60_u64,
    ) {
        let ticket = minter(psk).ticket(&did, &host, now).expect("a person");
        let later = UnixSeconds(now.0 + later);
        let opened = keyring(psk).open_ticket(ticket.expose(), &host, TicketUse::Session, later);
        let minter = MinterKey::from_bytes(&psk.into()).id();
        prop_assert_eq!(opened, Ok(Vouched { did: did.into(), minter }));
    }

    #[test]
    fn any_other_character_of_a_ticket_is_refused(
        did in did(), host in host(), now in now(),
        at in any::<prop::sample::Index>(),
        other in prop_oneof!["[-A-Za-z0-9_]", "[-A-Za-z0-9_]", "."],
    ) {
        let ticket = minter([2; 32]).ticket(&did, &host, now).expect("a person");
        let other = other.chars().next().expect("one character");
        let Some(changed) = changed(ticket.expose(), at, other) else {
            return Ok(());
        };
        let opened = keyring([2; 32]).open_ticket(&changed, &host, TicketUse::Session, now);
        prop_assert!(opened.is_err(), "{changed}");
    }

    #[test]
    fn a_binding_gives_back_whom_it_binds_and_any_other_character_nobody(
        secret in any::<[u8; 32]>(), minter in any::<[u8; 32]>(), did in did(), host in host(),
        now in now(), at in any::<prop::sample::Index>(), other in "[-A-Za-z0-9_]",
    ) {
        let key = BindingKey::derive(&secret.into());
        let minter = MinterKey::from_bytes(&minter.into()).id();
        let person = Vouched { did: did.into(), minter };
        let value = key.bind(&person, &host, now).expect("a person");
        prop_assert_eq!(key.read(&value, &host, now), Ok(person));
        let other = other.chars().next().expect("one character");
        if let Some(changed) = changed(&value, at, other) {
            prop_assert!(key.read(&changed, &host, now).is_err(), "{changed}");
        }
    }
}
