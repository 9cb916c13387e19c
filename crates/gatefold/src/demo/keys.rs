//! The demonstration's keys: made on first start, one file each, readable by their owner alone.

use std::path::Path;

use gatefold_edge::TagKey;
use gatefold_ops::secrets;
use gatefold_seal::{EdgePrivateKey, KEY_LEN, MinterKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::DemoError;

type Key = Zeroizing<[u8; KEY_LEN]>;

/// What a demonstration needs.
pub(super) struct Keys {
    pub(super) edge: EdgePrivateKey,
    pub(super) minter: MinterKey,
    pub(super) tags: TagKey,
}

pub(super) fn load_or_make(folder: &Path, rng: &mut impl CryptoRng) -> Result<Keys, DemoError> {
    Ok(Keys {
        edge: EdgePrivateKey::from_bytes(one(&folder.join("edge.key"), rng)?),
        minter: MinterKey::from_bytes(&one(&folder.join("minter.key"), rng)?),
        tags: TagKey::from_bytes(one(&folder.join("tags.key"), rng)?),
    })
}

fn one(path: &Path, rng: &mut impl CryptoRng) -> Result<Key, DemoError> {
    let stored = secrets::read_or_make(path, || {
        let mut key = Zeroizing::new(vec![0; KEY_LEN]);
        rng.fill_bytes(&mut key);
        key
    })?;
    let key = stored.as_slice().try_into().map(Zeroizing::new);
    key.map_err(|_| DemoError::NotAKey(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use gatefold_ops::system_random;

    use super::*;

    #[test]
    fn keys_are_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let first = load_or_make(folder.path(), &mut system_random()).unwrap();
        let second = load_or_make(folder.path(), &mut system_random()).unwrap();
        assert_eq!(first.edge.public(), second.edge.public());
        assert_eq!(first.minter.id(), second.minter.id());
        assert_ne!(first.edge.expose(), first.minter.expose());
    }

    #[test]
    fn a_damaged_key_is_named_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("edge.key");
        secrets::write_new(&path, b"short").unwrap();
        let outcome = load_or_make(folder.path(), &mut system_random());
        assert!(matches!(outcome, Err(DemoError::NotAKey(named)) if named == path));
        assert_eq!(std::fs::read(&path).unwrap(), b"short");
    }
}
