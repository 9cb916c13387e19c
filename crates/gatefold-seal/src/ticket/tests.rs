//! What tickets promise.

use super::*;
use crate::{
    key::EdgePrivateKey, keyring::Keyring, minter::Minter, opener::Opener, source::Source,
};

const HOST: &str = "edge.example";
const FAN: &str = "did:plc:fan";
const NOW: UnixSeconds = UnixSeconds(1_778_850_000);

fn key(byte: u8) -> MinterKey {
    MinterKey::from_bytes(&[byte; KEY_LEN].into())
}

fn edge() -> EdgePrivateKey {
    EdgePrivateKey::from_bytes([9; KEY_LEN].into())
}

fn minter(byte: u8) -> Minter {
    Minter::new(*edge().public(), key(byte), 300).unwrap()
}

fn scope(clients: &[&str]) -> Scope {
    Scope {
        clients: clients.iter().map(|text| text.parse().unwrap()).collect(),
        private: true,
        ..Scope::default()
    }
}

fn opener(retired: Option<UnixSeconds>) -> Opener {
    let mut keyring = Keyring::new();
    let clients = scope(&["did:plc:*", "https://music.example"]);
    keyring.add_minter_until(key(1), clients, retired).unwrap();
    Opener::new(keyring)
}

fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds(NOW.0.saturating_add(seconds))
}

#[test]
fn a_ticket_is_good_for_a_minute_at_its_edge() {
    let table = [
        (at(0), HOST, Ok(())),
        (at(59), HOST, Ok(())),
        (at(60), HOST, Err(TicketRefusal::Expired)),
        (UnixSeconds(NOW.0 - 5), HOST, Ok(())),
        (UnixSeconds(NOW.0 - 6), HOST, Err(TicketRefusal::NotYet)),
        (at(0), "edge.example:8443", Err(TicketRefusal::WrongHost)),
        (at(0), "other.example", Err(TicketRefusal::WrongHost)),
        (at(60), "other.example", Err(TicketRefusal::Expired)),
    ];
    let ticket = minter(1).ticket(FAN, HOST, NOW).unwrap();
    for (now, host, verdict) in table {
        let opened = opener(None).open_ticket(ticket.expose(), host, TicketUse::Session, now);
        let vouched = Vouched {
            did: FAN.into(),
            minter: key(1).id(),
        };
        assert_eq!(opened, verdict.map(|()| vouched), "{now:?} {host}");
    }
}

#[test]
fn a_ticket_is_of_a_minter_that_the_edge_knows() {
    let open = |minter: &Minter, did, retired| {
        let ticket = minter.ticket(did, HOST, NOW).unwrap();
        let opened = opener(retired).open_ticket(ticket.expose(), HOST, TicketUse::Session, at(1));
        opened.err()
    };
    let table = [
        (1, FAN, None, None),
        (1, FAN, Some(at(2)), None),
        (1, FAN, Some(at(1)), Some(TicketRefusal::RetiredMinter)),
        (2, FAN, None, Some(TicketRefusal::UnknownMinter)),
        (1, "did:web:a", None, Some(TicketRefusal::ClientOutOfScope)),
    ];
    for (byte, did, retired, refusal) in table {
        assert_eq!(open(&minter(byte), did, retired), refusal, "{byte} {did}");
    }
}

#[test]
fn a_ticket_in_the_name_of_another_minter_is_not_authentic() {
    let claims = Claims {
        kind: Kind::Session,
        minter: key(1).id(),
        end: at(60),
        host: HOST.into(),
        did: FAN.into(),
    };
    let forged = claims.sign(PREFIX, &mac(&key(2)));
    let opened = opener(None).open_ticket(&forged, HOST, TicketUse::Session, NOW);
    assert_eq!(opened, Err(TicketRefusal::NotAuthentic));
    // Nor is one whose tag is made with the minter's key as it is.
    let forged = claims.sign(PREFIX, key(1).psk().mac());
    let opened = opener(None).open_ticket(&forged, HOST, TicketUse::Session, NOW);
    assert_eq!(opened, Err(TicketRefusal::NotAuthentic));
}

#[test]
fn a_file_ticket_is_for_one_sealed_url_and_binds_nobody() {
    let minter = minter(1);
    let token = |name: &str| {
        let source = Source::parse(name, None).unwrap();
        minter.mint(source, FAN, NOW).unwrap().token
    };
    let (one, other) = (token("private:one"), token("private:other"));
    let file = minter.file_ticket(&one, FAN, HOST, NOW).unwrap();
    let session = minter.ticket(FAN, HOST, NOW).unwrap();
    let table = [
        (&file, TicketUse::File(one.as_str()), None),
        (
            &file,
            TicketUse::File(other.as_str()),
            Some(TicketRefusal::WrongFile),
        ),
        (&file, TicketUse::Session, Some(TicketRefusal::WrongKind)),
        (
            &session,
            TicketUse::File(one.as_str()),
            Some(TicketRefusal::WrongKind),
        ),
        (&session, TicketUse::Session, None),
    ];
    for (ticket, wanted, refusal) in table {
        let opened = opener(None).open_ticket(ticket.expose(), HOST, wanted, NOW);
        assert_eq!(opened.err(), refusal, "{wanted:?}");
    }
}

#[test]
fn no_ticket_is_made_that_its_edge_would_refuse() {
    let bounded = minter(1).with_scope(scope(&["did:plc:*"])).unwrap();
    let out = TicketError::Scope(TicketRefusal::ClientOutOfScope);
    let table = [
        (&bounded, FAN, HOST, None),
        (&bounded, "did:web:a", HOST, Some(out)),
        (
            &bounded,
            "https://music.example",
            HOST,
            Some(TicketError::Did),
        ),
        (
            &bounded,
            FAN,
            "https://edge.example",
            Some(TicketError::Host),
        ),
        (&bounded, FAN, "", Some(TicketError::Host)),
    ];
    for (minter, did, host, error) in table {
        let made = minter.ticket(did, host, NOW);
        assert_eq!(made.err(), error, "{did} {host}");
    }
}

#[test]
fn a_site_is_of_a_minter_that_names_it() {
    let mut keyring = Keyring::new();
    let clients = [
        "*",
        "https://music.example",
        "https://*.fans.example",
        "did:*",
    ];
    keyring.add_minter(key(1), scope(&clients)).unwrap();
    keyring.add_minter(key(2), scope(&["*"])).unwrap();
    let table = [
        (1, "https://music.example", true),
        (1, "https://a.fans.example", true),
        (1, "https://other.example", false),
        (1, "did:plc:fan", false),
        (2, "https://music.example", false),
        (3, "https://music.example", false),
    ];
    for (byte, origin, named) in table {
        assert_eq!(
            keyring.names_site(key(byte).id(), origin),
            named,
            "{origin}"
        );
    }
}
