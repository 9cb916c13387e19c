//! Secrets that an edge makes for itself on its first start.

use std::path::{Path, PathBuf};

use gatefold_edge::TagKey;
use gatefold_ops::{config::Secret, secrets as files, system_random};
use gatefold_seal::{BindingKey, KEY_LEN};
use rand_core::Rng;
use zeroize::Zeroizing;

use super::EdgeError;
use crate::config;

/// The file of the secret behind links.
const LINKS: &str = "links.key";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// The secret behind entity tags, among others in a folder.
pub(crate) fn tags(secrets: &Path) -> Result<TagKey, EdgeError> {
    key(secrets, "tags.key").map(TagKey::from_bytes)
}

/// The secret behind the names under which listeners are counted.
pub(crate) fn listeners(secrets: &Path) -> Result<Zeroizing<[u8; KEY_LEN]>, EdgeError> {
    key(secrets, "listeners.key")
}

/// The secret behind addresses that are one listener's, and those that a bucket in a folder signs.
pub(crate) fn links(secrets: &Path) -> Result<Zeroizing<[u8; KEY_LEN]>, EdgeError> {
    key(secrets, LINKS)
}

/// Where that is.
pub(crate) fn links_path(secrets: &Path) -> PathBuf {
    secrets.join(LINKS)
}

/// The secret behind the cookie that binds a browser to a person.
pub(super) fn binding(config: &config::Edge) -> Result<BindingKey, EdgeError> {
    Ok(BindingKey::derive(&key(&config.secrets, "binding.key")?))
}

fn key(secrets: &Path, name: &str) -> Result<Zeroizing<[u8; KEY_LEN]>, EdgeError> {
    let path = secrets.join(name);
    let key = files::read_or_make(&path, || random().to_vec().into())?;
    let key = key.as_slice().try_into().map(Zeroizing::new);
    key.map_err(|_| EdgeError::NotASecret(path))
}

/// Where the token is that was made, for those who ask the edge.
pub(crate) fn admin_path(config: &config::Edge) -> PathBuf {
    config.secrets.join("admin.token")
}

/// What those who run the edge show it: as configured, or else made.
pub(super) fn admin(config: &config::Edge) -> Result<Secret, EdgeError> {
    if let Some(token) = &config.admin_token {
        return Ok(token.clone());
    }
    let path = admin_path(config);
    let token = files::read_or_make(&path, || {
        let mut hex = Zeroizing::new(Vec::with_capacity(64));
        for byte in random().iter() {
            hex.extend(
                [byte >> 4, byte & 0xf]
                    .map(|half| HEX.get(usize::from(half)).copied().unwrap_or_default()),
            );
        }
        hex
    })?;
    match str::from_utf8(&token).map(str::trim) {
        Ok(token) if !token.is_empty() => Ok(Secret::new(token.to_owned())),
        _ => Err(EdgeError::NotASecret(path)),
    }
}

fn random() -> Zeroizing<[u8; KEY_LEN]> {
    let mut bytes = Zeroizing::new([0; KEY_LEN]);
    system_random().fill_bytes(bytes.as_mut());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_made_once_and_damaged_ones_named() {
        let folder = tempfile::tempdir().unwrap();
        let config = config::Edge {
            secrets: folder.path().to_owned(),
            ..config::Edge::default()
        };
        let token = admin(&config).unwrap();
        assert_eq!(token.expose().len(), 64);
        assert_eq!(admin(&config).unwrap().expose(), token.expose());
        tags(&config.secrets).unwrap();
        let made = std::fs::read(folder.path().join("tags.key")).unwrap();
        tags(&config.secrets).unwrap();
        assert_eq!(std::fs::read(folder.path().join("tags.key")).unwrap(), made);

        assert!(binding(&config).is_ok());
        for name in ["tags.key", "binding.key", "admin.token"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        assert!(matches!(
            tags(&config.secrets),
            Err(EdgeError::NotASecret(_))
        ));
        assert!(matches!(binding(&config), Err(EdgeError::NotASecret(_))));
        assert!(matches!(admin(&config), Err(EdgeError::NotASecret(_))));
    }

    #[test]
    fn a_token_that_is_configured_is_taken() {
        let config = config::Edge {
            secrets: "/nowhere".into(),
            admin_token: Some(Secret::new("configured".to_owned())),
            ..config::Edge::default()
        };
        assert_eq!(admin(&config).unwrap().expose(), "configured");
    }
}
