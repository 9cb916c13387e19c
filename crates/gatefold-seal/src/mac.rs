//! HMAC-SHA-256 (RFC 2104).

use hmac::{
    Hmac, KeyInit, Mac as _,
    digest::{Output, common::Key},
};
use sha2::Sha256;
use zeroize::zeroize_bytes;

use crate::secret::Secret;

/// HMAC-SHA-256 with its key already worked in. It overwrites itself when dropped.
#[derive(Clone)]
pub(crate) struct Mac(Hmac<Sha256>);

impl Mac {
    /// Works a key in. HMAC pads short keys with zeros, so that [`Secret::zero`] is what HKDF takes
    /// for "no salt" (RFC 5869, 2.2).
    pub(crate) fn new(key: &Secret) -> Self {
        let mut block = Key::<Hmac<Sha256>>::default();
        if let Some(start) = block.first_chunk_mut() {
            *start = *key.as_bytes();
        }
        let mac = Hmac::new(&block);
        zeroize_bytes(&mut block);
        Self(mac)
    }

    /// The tag of `parts`, one after the other.
    pub(crate) fn tag(&self, parts: &[&[u8]]) -> Secret {
        self.clone().last_tag(parts)
    }

    /// The same when no other will be wanted, which saves a copy of the state.
    pub(crate) fn last_tag(mut self, parts: &[&[u8]]) -> Secret {
        for part in parts {
            self.0.update(part);
        }
        let mut tag: Output<Sha256> = self.0.finalize().into_bytes();
        let secret = Secret::new(tag.into());
        zeroize_bytes(&mut tag);
        secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{secret::KEY_LEN, testing::hex32};

    #[test]
    fn tags_are_those_of_rfc_4231() {
        // Section 4.3: a key shorter than the hash, and a message given in one part or in many.
        let mut key = [0; KEY_LEN];
        key[..4].copy_from_slice(b"Jefe");
        let mac = Mac::new(&Secret::new(key));
        let tag = hex32("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        for parts in [
            [b"what do ya want for nothing?".as_slice(), b"", b""],
            [b"what do ya ", b"want for", b" nothing?"],
        ] {
            assert_eq!(mac.tag(&parts).as_bytes(), &tag);
        }
        let whole: [&[u8]; 1] = [b"what do ya want for nothing?"];
        assert_eq!(mac.last_tag(&whole).as_bytes(), &tag);
    }
}
