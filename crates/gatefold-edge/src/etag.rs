//! Names of versions that say nothing about what they stand for.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The secret behind an edge's entity tags. Edges that serve the same objects share it, so that a
/// browser may revalidate at any of them.
#[derive(Clone)]
pub struct TagKey(Zeroizing<[u8; 32]>);

/// One version of one object, as entity tags and the edge's own caches name it: half of a keyed
/// hash. It stays the same across windows and tells neither name, size nor time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tag(pub(crate) u128);

impl TagKey {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn from_bytes(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// The tag of one version of one object, which are told apart by these parts.
    pub(crate) fn tag(&self, parts: &[&[u8]]) -> Tag {
        // As HMAC itself fills up a short key (RFC 2104, 2).
        let mut block = Zeroizing::new([0; 64]);
        for (to, from) in block.iter_mut().zip(self.0.iter()) {
            *to = *from;
        }
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        for part in parts {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part);
        }
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let half = digest.first_chunk().copied().unwrap_or_default();
        Tag(u128::from_be_bytes(half))
    }
}

impl Tag {
    /// A strong entity tag.
    pub(crate) fn etag(self) -> String {
        format!("\"{:032x}\"", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_one_version_of_one_object() {
        let key = TagKey::from_bytes(Zeroizing::new([1; 32]));
        let tag = key.tag(&[b"demo", b"a.wav"]);
        assert_eq!(tag, key.tag(&[b"demo", b"a.wav"]));
        assert_eq!((tag.etag().len(), tag.etag().matches('"').count()), (34, 2));
        let other_key = TagKey::from_bytes(Zeroizing::new([2; 32]));
        for other in [
            other_key.tag(&[b"demo", b"a.wav"]),
            key.tag(&[b"demoa", b".wav"]),
            key.tag(&[b"a.wav", b"demo"]),
        ] {
            assert_ne!(tag, other);
        }
    }
}
