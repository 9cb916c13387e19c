//! Sealing, opening and the two encodings.

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_seal::{
    EdgePrivateKey, Keyring, MinterKey, Opener, PREFIX, Payload, Refusal, Scope, Source, Token,
    UnixSeconds, Window, seal,
};
use proptest::prelude::*;

fn source() -> impl Strategy<Value = Source> {
    let parse = |original: String, folder: Option<String>| {
        Source::parse(&original, folder.as_deref()).expect("an accepted spelling")
    };
    // File names of any characters but separators, control characters and a leading dot.
    let segment = "[^./\\\\\\p{Cc}][^/\\\\\\p{Cc}]{0,20}";
    prop_oneof![
        "https://[a-z][a-z0-9]{0,9}(\\.[a-z]{1,9}){0,3}(:8[0-9]{1,3})?/[a-z0-9/~_?=&]{0,40}"
            .prop_map(move |url| parse(url, None)),
        segment.prop_map(move |key| parse(format!("private:{key}"), None)),
        (segment, segment)
            .prop_map(move |(name, folder)| parse(format!("files:{name}"), Some(folder))),
    ]
}

fn window() -> impl Strategy<Value = Window> {
    (0..3_000_000_000_u64, 60..=604_800_u64, any::<u64>()).prop_map(|(now, lifetime, phase)| {
        Window::at(UnixSeconds(now), lifetime, phase % lifetime).expect("in range")
    })
}

prop_compose! {
    // Clients of any characters, also those that JSON escapes.
    fn payload()(source in source(), client in any::<String>(), window in window()) -> Payload {
        // What is private is for people alone.
        let client = match source {
            Source::Private(_) => format!("did:{client}"),
            _ if client.is_empty() => "x".to_owned(),
            _ => client,
        };
        Payload::new(source, client, window).expect("short enough")
    }
}

// Keys have no `Debug`, which proptest wants of what it draws: their bytes are drawn instead.

fn edge(bytes: [u8; 32]) -> EdgePrivateKey {
    EdgePrivateKey::from_bytes(bytes.into())
}

fn minter(bytes: [u8; 32]) -> MinterKey {
    MinterKey::from_bytes(&bytes.into())
}

/// Allows all that `payload` says, and nothing else.
fn scope(payload: &Payload) -> Scope {
    let mut scope = Scope {
        clients: vec!["*".parse().expect("a pattern")],
        ..Scope::default()
    };
    match payload.source() {
        Source::Https(url) => scope.hosts = vec![url.host().parse().expect("a pattern")],
        Source::Private(_) => scope.private = true,
        Source::File { folder, .. } => scope.folders = vec![folder.as_str().to_owned()],
    }
    scope
}

fn keyring(edge: &EdgePrivateKey, minter: &MinterKey, scope: Scope) -> Keyring {
    let mut keyring = Keyring::new();
    keyring.add_edge(edge.clone()).expect("the only one");
    keyring
        .add_minter(minter.clone(), scope)
        .expect("the only one");
    keyring
}

fn bytes_of(token: &Token) -> Vec<u8> {
    let body = token.as_str().strip_prefix(PREFIX).expect("a token");
    Base64UrlUnpadded::decode_vec(body).expect("a token")
}

fn text_of(bytes: &[u8]) -> String {
    format!("{PREFIX}{}", Base64UrlUnpadded::encode_string(bytes))
}

proptest! {
    #[test]
    fn what_is_sealed_is_what_is_opened(
        payload in payload(),
        edge_bytes in any::<[u8; 32]>(),
        minter_bytes in any::<[u8; 32]>(),
    ) {
        let (edge, minter) = (edge(edge_bytes), minter(minter_bytes));
        let token = seal(edge.public(), &minter, &payload).unwrap();
        let now = payload.window().starts();
        let keyring = keyring(&edge, &minter, scope(&payload));
        let opened = keyring.open(token.as_str(), now).unwrap();
        prop_assert_eq!((&opened.payload, opened.minter), (&payload, minter.id()));
        let opener = Opener::new(keyring);
        for _ in 0..2 {
            prop_assert_eq!(&*opener.open(token.as_str(), now).unwrap(), &opened);
        }
        prop_assert_eq!(seal(edge.public(), &minter, &payload), Some(token), "deterministic");
    }

    #[test]
    fn any_flipped_bit_is_refused(
        payload in payload(),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u32,
    ) {
        let (edge, minter) = (edge([1; 32]), minter([2; 32]));
        let token = seal(edge.public(), &minter, &payload).unwrap();
        let keyring = keyring(&edge, &minter, scope(&payload));
        let mut bytes = bytes_of(&token);
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let refusal = match at {
            0 => Refusal::UnknownVersion,
            1..5 => Refusal::UnknownEdgeKey,
            5..9 => Refusal::UnknownMinter,
            _ => Refusal::NotAuthentic,
        };
        let now = payload.window().starts();
        prop_assert_eq!(keyring.open(&text_of(&bytes), now), Err(refusal));
    }

    #[test]
    fn any_other_character_is_refused(
        payload in payload(),
        at in any::<prop::sample::Index>(),
        other in any::<char>(),
    ) {
        let (edge, minter) = (edge([1; 32]), minter([2; 32]));
        let token = seal(edge.public(), &minter, &payload).unwrap();
        let keyring = keyring(&edge, &minter, scope(&payload));
        let mut characters: Vec<char> = token.as_str().chars().collect();
        let at = at.index(characters.len());
        prop_assume!(characters[at] != other);
        characters[at] = other;
        let changed: String = characters.into_iter().collect();
        prop_assert!(keyring.open(&changed, payload.window().starts()).is_err());
    }

    #[test]
    fn nobody_opens_what_is_for_others(
        payload in payload(),
        keys in any::<[[u8; 32]; 4]>(),
    ) {
        let [edge, other_edge] = [edge(keys[0]), edge(keys[1])];
        let [minter, other_minter] = [minter(keys[2]), minter(keys[3])];
        let token = seal(edge.public(), &minter, &payload).unwrap();
        let now = payload.window().starts();
        let open = |keyring: Keyring, bytes: &[u8]| keyring.open(&text_of(bytes), now);
        let scope = || scope(&payload);
        let mut bytes = bytes_of(&token);
        let refused = open(keyring(&other_edge, &minter, scope()), &bytes);
        prop_assert_eq!(refused, Err(Refusal::UnknownEdgeKey));
        let refused = open(keyring(&edge, &other_minter, scope()), &bytes);
        prop_assert_eq!(refused, Err(Refusal::UnknownMinter));
        // Not with a header that names the other key, either.
        bytes[1..5].copy_from_slice(&other_edge.public().id().0);
        let refused = open(keyring(&other_edge, &minter, scope()), &bytes);
        prop_assert_eq!(refused, Err(Refusal::NotAuthentic));
        bytes[1..5].copy_from_slice(&edge.public().id().0);
        bytes[5..9].copy_from_slice(&other_minter.id().0);
        let refused = open(keyring(&edge, &other_minter, scope()), &bytes);
        prop_assert_eq!(refused, Err(Refusal::NotAuthentic));
    }

    #[test]
    fn a_payload_has_one_encoding(
        payload in payload(),
        at in any::<prop::sample::Index>(),
        other in any::<u8>(),
    ) {
        let mut bytes = payload.encode().to_vec();
        prop_assert_eq!(bytes.len() % 64, 0);
        prop_assert_eq!(Payload::decode(&bytes), Ok(payload));
        // Whatever else is read back says exactly what it was read from.
        let at = at.index(bytes.len());
        bytes[at] = other;
        if let Ok(read) = Payload::decode(&bytes) {
            prop_assert_eq!(read.encode().to_vec(), bytes);
        }
    }

    #[test]
    fn a_token_has_one_spelling(
        blocks in 0..8_usize,
        extra in prop_oneof![Just(0), 0..64_usize],
        filling in any::<u8>(),
        at in any::<prop::sample::Index>(),
        other in "[-A-Za-z0-9_=+/ ]",
    ) {
        let mut bytes = vec![filling; 9 + 32 + 16 + blocks * 64 + extra];
        bytes[0] = 1;
        let mut text = text_of(&bytes);
        let read = Token::parse(&text);
        prop_assert_eq!(read.is_ok(), blocks > 0 && extra == 0);
        if let Ok(token) = read {
            prop_assert_eq!(token.as_str(), &text);
            prop_assert_eq!(bytes_of(&token), bytes);
        }
        let at = at.index(text.len());
        text.replace_range(at..=at, &other);
        if let Ok(token) = Token::parse(&text) {
            prop_assert_eq!(text_of(&bytes_of(&token)), text);
        }
    }
}
