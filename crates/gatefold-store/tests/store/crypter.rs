//! Encrypted columns and their keys.

use gatefold_domain::Timestamp;
use gatefold_store::{Cell, ColumnKeyId, KeyFile, KeyFileError, Sealed, SealedError};
use proptest::prelude::*;

use crate::{
    database::{at, crypter, keys},
    random::Seeded,
};

const PLACE: Cell<'static> = Cell {
    table: "grants",
    column: "sealed",
    row: "07",
};

#[test]
fn a_value_comes_back_at_its_place() {
    let crypter = crypter(&[1]);
    for plain in [&b""[..], b"a grant", &[0; 4096]] {
        let sealed = crypter.seal(PLACE, plain).unwrap();
        assert_eq!(sealed.key_id(), crypter.primary());
        assert_eq!(**crypter.open(PLACE, &sealed.to_bytes()).unwrap(), *plain);
    }
}

#[test]
fn equal_values_do_not_look_equal() {
    let crypter = crypter(&[1]);
    let one = crypter.seal(PLACE, b"a grant").unwrap().to_bytes();
    let other = crypter.seal(PLACE, b"a grant").unwrap().to_bytes();
    assert_ne!(one, other);
    assert!(!one.windows(7).any(|window| window == b"a grant"));
}

#[test]
fn the_first_key_encrypts_and_all_of_them_decrypt() {
    let old = crypter(&[1]);
    let both = crypter(&[2, 1]);
    let before = old.seal(PLACE, b"before").unwrap().to_bytes();
    assert_eq!(**both.open(PLACE, &before).unwrap(), *b"before");
    let after = both.seal(PLACE, b"after").unwrap();
    assert_eq!(after.key_id(), crypter(&[2]).primary());
    let refused = old.open(PLACE, &after.to_bytes()).err();
    assert_eq!(refused, Some(SealedError::UnknownKey(after.key_id())));
}

/// Text of which parts of places could be made.
fn part() -> impl Strategy<Value = String> {
    "[a-z0-9_]{0,12}"
}

proptest! {
    #[test]
    fn a_value_is_refused_at_every_other_place(
        here in [part(), part(), part()],
        there in [part(), part(), part()],
        plain in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        prop_assume!(here != there);
        let cell = |parts: &[String; 3]| -> (String, String, String) {
            (parts[0].clone(), parts[1].clone(), parts[2].clone())
        };
        let (here, there) = (cell(&here), cell(&there));
        let here = Cell { table: &here.0, column: &here.1, row: &here.2 };
        let there = Cell { table: &there.0, column: &there.1, row: &there.2 };
        let crypter = crypter(&[1]);
        let sealed = crypter.seal(here, &plain).unwrap().to_bytes();
        prop_assert_eq!(crypter.open(there, &sealed).err(), Some(SealedError::NotAuthentic));
        prop_assert_eq!(&**crypter.open(here, &sealed).unwrap(), &plain);
    }

    /// The boundary between two parts is not where somebody else says.
    #[test]
    fn a_place_is_its_parts_and_not_their_text(text in "[a-z]{3,12}", cut in 1usize..3, other in 1usize..3) {
        prop_assume!(cut != other);
        let crypter = crypter(&[1]);
        let split = |at: usize| {
            let (table, column) = text.split_at(at);
            Cell { table, column, row: "1" }
        };
        let sealed = crypter.seal(split(cut), b"x").unwrap().to_bytes();
        prop_assert_eq!(crypter.open(split(other), &sealed).err(), Some(SealedError::NotAuthentic));
    }

    #[test]
    fn a_value_that_was_cut_is_refused(len in 0usize..40) {
        let crypter = crypter(&[1]);
        let sealed = crypter.seal(PLACE, b"a grant").unwrap().to_bytes();
        prop_assert_eq!(sealed.len(), 1 + 4 + 12 + 7 + 16);
        let error = crypter.open(PLACE, &sealed[..len]).err();
        let expected = if len < 33 { SealedError::Shape } else { SealedError::NotAuthentic };
        prop_assert_eq!(error, Some(expected));
    }

    #[test]
    fn a_value_with_a_changed_bit_is_refused(byte in 0usize..40, bit in 0u32..8) {
        let crypter = crypter(&[1]);
        let mut sealed = crypter.seal(PLACE, b"a grant").unwrap().to_bytes();
        sealed[byte] ^= 1 << bit;
        let error = crypter.open(PLACE, &sealed).err();
        let is_expected = match byte {
            0 => error == Some(SealedError::Shape),
            1..=4 => matches!(error, Some(SealedError::UnknownKey(id)) if id != crypter.primary()),
            _ => error == Some(SealedError::NotAuthentic),
        };
        prop_assert!(is_expected, "{error:?}");
    }

    #[test]
    fn what_is_no_value_is_refused_and_what_is_read_is_written_alike(
        bytes in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        if let Ok(sealed) = Sealed::parse(&bytes) {
            prop_assert_eq!(sealed.to_bytes(), bytes.clone());
        }
        prop_assert!(crypter(&[1]).open(PLACE, &bytes).is_err());
    }
}

#[test]
fn a_key_file_reads_back_as_it_was_written() {
    let file = keys(&[1, 2]);
    let json = file.to_json();
    let again = KeyFile::parse(&json).unwrap();
    assert_eq!(**again.to_json(), **json);
    assert_eq!(again.keys().len(), 2);
    assert_eq!(again.keys()[0].created_unix(), 1_790_000_000);
}

#[test]
fn a_key_is_added_made_the_first_and_taken_away() {
    let file = keys(&[1]);
    let old = file.keys()[0].id();
    let (file, new) = file.add(&mut Seeded(2), at(5)).unwrap();
    let ids = |file: &KeyFile| -> Vec<ColumnKeyId> {
        file.keys()
            .iter()
            .map(gatefold_store::ColumnKey::id)
            .collect()
    };
    // It does not encrypt yet.
    assert_eq!(ids(&file), [old, new]);
    assert_eq!(file.remove(old).err(), Some(KeyFileError::Primary(old)));
    let file = file.make_primary(new).unwrap();
    assert_eq!(ids(&file), [new, old]);
    let file = file.remove(old).unwrap();
    assert_eq!(ids(&file), [new]);
    assert_eq!(
        file.make_primary(old).err(),
        Some(KeyFileError::Unknown(old))
    );
    assert_eq!(file.remove(old).err(), Some(KeyFileError::Unknown(old)));
}

#[test]
fn a_key_file_has_a_bounded_number_of_keys() {
    let mut file = keys(&[0]);
    for seed in 1..16 {
        file = file
            .add(&mut Seeded(seed), Timestamp::from_millis(0))
            .unwrap()
            .0;
    }
    let refused = file.add(&mut Seeded(16), Timestamp::from_millis(0)).err();
    assert_eq!(refused, Some(KeyFileError::TooMany));
}

#[test]
fn what_is_no_key_file_is_refused_without_quoting_it() {
    const KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
    let one = format!(r#"{{"key":"{KEY}","created_unix":1}}"#);
    let duplicate = {
        let file = format!(r#"{{"version":1,"keys":[{one}]}}"#);
        KeyFile::parse(file.as_bytes()).unwrap().keys()[0].id()
    };
    let zero = "A".repeat(43);
    for (json, expected) in [
        (String::new(), None),
        ("[]".into(), None),
        (format!(r#"{{"version":1,"keys":[{one}]"#), None),
        (format!(r#"{{"version":1,"keys":[{one}],"more":1}}"#), None),
        (
            format!(r#"{{"version":1,"version":1,"keys":[{one}]}}"#),
            None,
        ),
        (
            format!(r#"{{"version":1,"keys":[{{"key":"{KEY}"}}]}}"#),
            None,
        ),
        (format!(r#"{{"version":1,"keys":["{KEY}"]}}"#), None),
        (
            r#"{"version":2,"keys":"elsewhere"}"#.into(),
            Some(KeyFileError::Version(2)),
        ),
        (
            r#"{"version":1,"keys":[]}"#.into(),
            Some(KeyFileError::Empty),
        ),
        (
            format!(r#"{{"version":1,"keys":[{one},{one}]}}"#),
            Some(KeyFileError::Duplicate(duplicate)),
        ),
        (
            r#"{"version":1,"keys":[{"key":"AQEB","created_unix":1}]}"#.into(),
            Some(KeyFileError::Key),
        ),
        (
            format!(r#"{{"version":1,"keys":[{{"key":"{KEY}=","created_unix":1}}]}}"#),
            Some(KeyFileError::Key),
        ),
        (
            format!(r#"{{"version":1,"keys":[{{"key":"{zero}","created_unix":1}}]}}"#),
            Some(KeyFileError::Key),
        ),
        (
            format!(r#"{{"version":1,"keys":[{one}]}}{}"#, " ".repeat(16 * 1024)),
            Some(KeyFileError::TooLong),
        ),
    ] {
        let error = KeyFile::parse(json.as_bytes())
            .err()
            .unwrap_or_else(|| panic!("{json}"));
        match expected {
            Some(expected) => assert_eq!(error, expected, "{json}"),
            None => assert!(
                matches!(error, KeyFileError::Shape { .. }),
                "{json}: {error}"
            ),
        }
        assert!(!error.to_string().contains("AQEB"), "{error}");
    }
}
