//! What an opener promises.

use super::*;
use crate::{
    key::{EdgePrivateKey, MinterKey},
    minter::Minter,
    scope::Scope,
    source::Source,
};

const NOW: UnixSeconds = UnixSeconds(1_778_850_000);
const LIFETIME: u64 = 3600;

/// What a keyring is made from.
struct Setup {
    edge: EdgePrivateKey,
    minter: MinterKey,
    scope: Scope,
    edge_retired: Option<UnixSeconds>,
    minter_retired: Option<UnixSeconds>,
}

impl Setup {
    fn new() -> Self {
        Self {
            edge: colliding_edges().0,
            minter: colliding_minters().0,
            scope: Scope {
                hosts: vec!["cdn.example.com".parse().unwrap()],
                clients: vec!["*".parse().unwrap()],
                ..Scope::default()
            },
            edge_retired: None,
            minter_retired: None,
        }
    }

    fn keyring(&self) -> Keyring {
        let mut keyring = Keyring::new();
        let (edge, minter) = (self.edge.clone(), self.minter.clone());
        keyring.add_edge_until(edge, self.edge_retired).unwrap();
        let scope = self.scope.clone();
        let retired = self.minter_retired;
        keyring.add_minter_until(minter, scope, retired).unwrap();
        keyring
    }

    fn token(&self, name: &str) -> String {
        let (edge, key) = (*self.edge.public(), self.minter.clone());
        let source = Source::parse(&format!("https://cdn.example.com/{name}"), None).unwrap();
        let minter = Minter::new(edge, key, LIFETIME).unwrap();
        minter.mint(source, "x", NOW).unwrap().token.to_string()
    }
}

/// Two keys whose 4-byte identifiers are equal, found by trying some 150 000.
fn colliding_edges() -> (EdgePrivateKey, EdgePrivateKey) {
    let pair = [79_943_u64 << 16, 155_688 << 16]
        .map(|number| EdgePrivateKey::from_bytes(numbered(number).into()));
    assert_eq!(pair[0].public().id(), pair[1].public().id());
    pair.into()
}

fn colliding_minters() -> (MinterKey, MinterKey) {
    let pair = [37_815, 159_940].map(|number| MinterKey::from_bytes(&numbered(number).into()));
    assert_eq!(pair[0].id(), pair[1].id());
    pair.into()
}

fn numbered(number: u64) -> [u8; 32] {
    let mut key = [0; 32];
    key[24..].copy_from_slice(&number.to_be_bytes());
    key
}

type Change = fn(&mut Setup);

/// Opens a token, changes the keyring, and opens the token again `later` seconds on: the second
/// verdict is that of the new keyring, as if the opener had never seen the token.
fn after<const N: usize>(table: [(&str, Change, u64, Result<(), Refusal>); N]) {
    for (what, change, later, verdict) in table {
        let mut setup = Setup::new();
        let token = setup.token("a.mp3");
        let opener = Opener::new(setup.keyring());
        opener.open(&token, NOW).unwrap();
        assert!(opener.opened.get(token.as_str()).is_some());

        change(&mut setup);
        opener.replace(setup.keyring());
        let then = UnixSeconds(NOW.0.saturating_add(later));
        let known = opener.open(&token, then).map(|_| ());
        let fresh = setup.keyring().open(&token, then).map(|_| ());
        assert_eq!((known, fresh), (verdict, verdict), "{what}");
    }
}

#[test]
fn time_passes_for_what_was_opened_before() {
    let expired = Err(Refusal::Expired);
    after([
        ("nothing", |_| (), 0, Ok(())),
        ("the end of grace", |_| (), LIFETIME + 30, Ok(())),
        ("grace has passed", |_| (), LIFETIME + 31, expired),
        ("no grace", |it| it.scope.grace = 0, LIFETIME + 1, expired),
        ("more", |it| it.scope.grace = 99, LIFETIME + 99, Ok(())),
    ]);
}

#[test]
fn keys_are_looked_for_again_for_what_was_opened_before() {
    after([
        (
            "another edge key",
            |it| it.edge = EdgePrivateKey::from_bytes([9; 32].into()),
            0,
            Err(Refusal::UnknownEdgeKey),
        ),
        (
            "another minter",
            |it| it.minter = MinterKey::from_bytes(&[9; 32].into()),
            0,
            Err(Refusal::UnknownMinter),
        ),
        (
            "another edge key of the same identifier",
            |it| it.edge = colliding_edges().1,
            0,
            Err(Refusal::NotAuthentic),
        ),
        (
            "another minter of the same identifier",
            |it| it.minter = colliding_minters().1,
            0,
            Err(Refusal::NotAuthentic),
        ),
    ]);
}

#[test]
fn keys_retire_for_what_was_opened_before() {
    let (edge, minter) = (Refusal::RetiredEdgeKey, Refusal::RetiredMinter);
    let edge_soon: Change = |it| it.edge_retired = Some(UnixSeconds(NOW.0 + 1));
    let minter_soon: Change = |it| it.minter_retired = Some(UnixSeconds(NOW.0 + 1));
    after([
        ("an edge key, a second before", edge_soon, 0, Ok(())),
        ("an edge key, that second", edge_soon, 1, Err(edge)),
        ("an edge key, later", edge_soon, 2, Err(edge)),
        ("a minter, a second before", minter_soon, 0, Ok(())),
        ("a minter, that second", minter_soon, 1, Err(minter)),
        ("a minter, later", minter_soon, 2, Err(minter)),
    ]);
}

#[test]
fn scopes_change_for_what_was_opened_before() {
    let (source, client) = (Refusal::SourceOutOfScope, Refusal::ClientOutOfScope);
    let shorter: Change = |it| it.scope.longest_lifetime = LIFETIME - 1;
    after([
        ("no hosts", |it| it.scope.hosts.clear(), 0, Err(source)),
        ("no clients", |it| it.scope.clients.clear(), 0, Err(client)),
        ("shorter", shorter, 0, Err(Refusal::LifetimeOutOfScope)),
    ]);
}

#[test]
fn a_clock_that_was_set_back_refuses_what_has_yet_to_begin() {
    let setup = Setup::new();
    let token = setup.token("a.mp3");
    let opener = Opener::new(setup.keyring());
    opener.open(&token, NOW).unwrap();
    for (now, verdict) in [(NOW.0 - 5, Ok(())), (NOW.0 - 6, Err(Refusal::NotYet))] {
        assert_eq!(opener.open(&token, UnixSeconds(now)).map(|_| ()), verdict);
    }
}

#[test]
fn a_replaced_keyring_is_put_back_without_opening_anew() {
    let setup = Setup::new();
    let token = setup.token("a.mp3");
    let opener = Opener::new(setup.keyring());
    let first = opener.open(&token, NOW).unwrap();
    opener.replace(Keyring::new());
    assert_eq!(opener.open(&token, NOW), Err(Refusal::UnknownEdgeKey));
    opener.replace(setup.keyring());
    let again = opener.open(&token, NOW).unwrap();
    assert!(Arc::ptr_eq(&first, &again), "the same memory of it");
}

#[test]
fn only_what_is_good_is_remembered() {
    let setup = Setup::new();
    let opener = Opener::new(setup.keyring());
    let token = setup.token("a.mp3");
    let mut forged = token.clone();
    let last = if forged.pop() == Some('A') { "Q" } else { "A" };
    forged.push_str(last);
    assert_eq!(opener.open(&forged, NOW), Err(Refusal::NotAuthentic));
    assert_eq!(opener.open("EC", NOW), Err(Refusal::MalformedToken));
    let late = UnixSeconds(NOW.0 + 2 * LIFETIME);
    assert_eq!(opener.open(&token, late), Err(Refusal::Expired));
    assert_eq!(opener.opened.len(), 0);
    opener.open(&token, NOW).unwrap();
    assert_eq!(opener.opened.len(), 1);
}

#[test]
fn many_good_tokens_stay_within_the_limits() {
    let setup = Setup::new();
    let limits = CacheLimits {
        entries: 8,
        bytes: 1 << 20,
    };
    let opener = Opener::with_limits(setup.keyring(), limits);
    for number in 0..50 {
        let token = setup.token(&format!("{number}.mp3"));
        opener.open(&token, NOW).unwrap();
        assert!(opener.opened.len() <= 8);
    }
    assert!(opener.opened.len() >= 4);
}

#[test]
fn threads_share_an_opener_while_its_keyring_changes() {
    let setup = Setup::new();
    let tokens: Vec<String> = (0..8).map(|it| setup.token(&it.to_string())).collect();
    let opener = Opener::new(setup.keyring());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for token in tokens.iter().cycle().take(400) {
                    match opener.open(token, NOW) {
                        Ok(_) | Err(Refusal::UnknownEdgeKey) => (),
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
        for round in 0..50 {
            let empty = round % 2 == 0;
            opener.replace(if empty {
                Keyring::new()
            } else {
                setup.keyring()
            });
        }
    });
    assert!(opener.open(&tokens[0], NOW).is_ok());
}
