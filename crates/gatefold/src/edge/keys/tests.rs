//! Keyrings that are good, bad, and exchanged while an edge runs.

use std::{fs, time::SystemTime};

use gatefold_ops::SystemClock;
use gatefold_seal::{MinterEntry, MinterKey, Scope};

use super::*;

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

fn edge_entry(key: EdgePrivateKey, retired: Option<u64>) -> EdgeEntry {
    EdgeEntry {
        key,
        created: UnixSeconds(1),
        retired: retired.map(UnixSeconds),
    }
}

fn random_entry(retired: Option<u64>) -> EdgeEntry {
    edge_entry(EdgePrivateKey::generate(&mut system_random()), retired)
}

fn minter_entry(name: &str, key: MinterKey) -> MinterEntry {
    MinterEntry {
        name: name.to_owned(),
        key,
        scope: Scope::default(),
        created: UnixSeconds(1),
        retired: None,
    }
}

fn write(path: &Path, file: &KeyringFile) {
    let _ = fs::remove_file(path);
    secrets::write_new(path, &file.to_json()).unwrap();
}

#[test]
fn what_an_edge_cannot_start_with_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.json");
    let said = || {
        read(&path, UnixSeconds(100))
            .map(drop)
            .unwrap_err()
            .to_string()
    };
    assert!(said().contains("run `gatefold keys new edge"), "{}", said());

    for (edge_keys, minters, expected) in [
        (vec![], vec![], "no edge key is in use"),
        (
            vec![random_entry(Some(99))],
            vec![],
            "no edge key is in use",
        ),
        (
            vec![edge_entry(EdgePrivateKey::from_bytes([7; 32].into()), None)],
            vec![],
            "can be guessed",
        ),
        (
            vec![random_entry(None)],
            vec![minter_entry(
                "relay",
                MinterKey::from_bytes(&[7; 32].into()),
            )],
            "the minter relay",
        ),
    ] {
        write(&path, &KeyringFile { edge_keys, minters });
        assert!(said().contains(expected), "{expected}: {}", said());
    }
    fs::write(&path, "{}").unwrap();
    assert!(said().contains("line 1"), "{}", said());
}

#[test]
fn a_weak_key_that_is_retired_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.json");
    let weak = edge_entry(EdgePrivateKey::from_bytes([7; 32].into()), Some(50));
    let edge_keys = vec![weak, random_entry(None)];
    write(
        &path,
        &KeyringFile {
            edge_keys,
            minters: vec![],
        },
    );
    read(&path, UnixSeconds(100)).unwrap();
}

#[tokio::test]
async fn keys_are_exchanged_and_a_broken_file_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.json");
    make_if_missing(&path, &SystemClock, |_| {}).unwrap();
    let keys = Arc::new(Keys::load(&path, clock()).unwrap());
    let one = Counts {
        edge_keys: 1,
        minters: 0,
    };
    assert_eq!(keys.counts(), one);

    let mut file = read(&path, SystemTime::UNIX_EPOCH.into()).unwrap();
    let minter = MinterKey::generate(&mut system_random());
    file.add_minter(minter_entry("relay", minter)).unwrap();
    write(&path, &file);
    let two = Counts {
        edge_keys: 1,
        minters: 1,
    };
    assert_eq!(keys.reload().await.unwrap(), two);
    let before = keys.opener().keyring();

    fs::write(&path, "broken").unwrap();
    keys.reload().await.unwrap_err();
    assert_eq!(keys.counts(), two);
    assert!(Arc::ptr_eq(&before, &keys.opener().keyring()));
}

#[test]
fn a_keyring_is_begun_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/keyring.json");
    make_if_missing(&path, &SystemClock, |_| {}).unwrap();
    let first = fs::read(&path).unwrap();
    make_if_missing(&path, &SystemClock, |line| panic!("{line}")).unwrap();
    assert_eq!(fs::read(&path).unwrap(), first);
}
