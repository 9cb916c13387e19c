//! Entity tags that say nothing about the file they stand for.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The secret behind an edge's entity tags. Edges that serve the same objects share it, so that a
/// browser may revalidate at any of them.
#[derive(Clone)]
pub struct TagKey(Zeroizing<[u8; 32]>);

impl TagKey {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The strong tag of one version of one object: a keyed hash, so that it stays the same across
    /// windows and tells neither name, size nor time.
    #[must_use]
    pub fn tag(&self, object: &[&[u8]], version: &[u64]) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_ref()) else {
            return String::new();
        };
        for part in object {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        for part in version {
            mac.update(&part.to_be_bytes());
        }
        let digest = mac.finalize().into_bytes();
        let hex = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
        format!("\"{}\"", hex.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_one_version_of_one_object() {
        let key = TagKey::from_bytes(Zeroizing::new([1; 32]));
        let tag = key.tag(&[b"demo", b"a.wav"], &[1, 2]);
        assert_eq!(tag, key.tag(&[b"demo", b"a.wav"], &[1, 2]));
        assert_eq!((tag.len(), tag.matches('"').count()), (34, 2));
        let other_key = TagKey::from_bytes(Zeroizing::new([2; 32]));
        for other in [
            other_key.tag(&[b"demo", b"a.wav"], &[1, 2]),
            key.tag(&[b"demoa", b".wav"], &[1, 2]),
            key.tag(&[b"demo", b"a.wav"], &[2, 1]),
        ] {
            assert_ne!(tag, other);
        }
    }
}
