//! HMAC-SHA-256 (RFC 2104, FIPS 180-4) over `sha2`'s compression function.
//!
//! HPKE makes eight tags for one message, of one to three blocks each. At that size the general
//! types of `hmac` spend most of their time on copying and overwriting their buffers; here a keyed
//! state is 64 bytes, and a tag costs little more than its blocks.

use sha2::block_api::compress256;
use zeroize::{Zeroize, ZeroizeOnDrop, zeroize_bytes};

use crate::secret::{KEY_LEN, Secret};

const BLOCK: usize = 64;
/// Where a message's length stands in its last block.
const LENGTH_AT: usize = 56;
const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5c;

/// SHA-256's initial state (FIPS 180-4, 5.3.3).
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// HMAC-SHA-256 with its key already worked in. It overwrites itself when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Mac {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Mac {
    /// Works a key in. HMAC pads short keys with zeros, so that [`Secret::zero`] is what HKDF takes
    /// for "no salt" (RFC 5869, 2.2).
    pub(crate) fn new(key: &Secret) -> Self {
        Self {
            inner: keyed(key, INNER_PAD),
            outer: keyed(key, OUTER_PAD),
        }
    }

    /// The tag of `parts`, one after the other.
    pub(crate) fn tag(&self, parts: &[&[u8]]) -> Secret {
        let mut inner = Hash::after_one_block(self.inner);
        for part in parts {
            inner.update(part);
        }
        let mut outer = Hash::after_one_block(self.outer);
        outer.update(inner.finish().as_bytes());
        outer.finish()
    }
}

/// The state after the key's padded block.
fn keyed(key: &Secret, pad: u8) -> [u32; 8] {
    let mut block = [pad; BLOCK];
    for (byte, key) in block.iter_mut().zip(key.as_bytes()) {
        *byte ^= key;
    }
    let mut state = INITIAL;
    compress256(&mut state, std::slice::from_ref(&block));
    zeroize_bytes(&mut block);
    state
}

/// A SHA-256 that is under way.
struct Hash {
    state: [u32; 8],
    block: [u8; BLOCK],
    /// How many bytes of `block` are waiting: always fewer than all.
    waiting: usize,
    /// How many bytes have come in.
    length: u64,
}

impl Hash {
    fn after_one_block(state: [u32; 8]) -> Self {
        Self {
            state,
            block: [0; BLOCK],
            waiting: 0,
            length: 64,
        }
    }

    fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let free = self.block.get_mut(self.waiting..).unwrap_or_default();
            let (now, later) = bytes.split_at_checked(free.len()).unwrap_or((bytes, &[]));
            for (to, byte) in free.iter_mut().zip(now) {
                *to = *byte;
            }
            self.waiting = self.waiting.wrapping_add(now.len());
            // A message that does not fit an address space is not HMAC's to fear.
            self.length = self.length.wrapping_add(now.len() as u64);
            if self.waiting == BLOCK {
                self.compress();
            }
            bytes = later;
        }
    }

    /// Pads (FIPS 180-4, 5.1.1) and gives the digest.
    fn finish(mut self) -> Secret {
        let bits = self.length.wrapping_mul(8).to_be_bytes();
        self.update(&[0x80]);
        if self.waiting > LENGTH_AT {
            self.fill_up();
            self.compress();
        }
        self.fill_up();
        if let Some(end) = self.block.last_chunk_mut() {
            *end = bits;
        }
        self.compress();
        let mut digest = [0; KEY_LEN];
        for (to, word) in digest.chunks_exact_mut(4).zip(self.state) {
            to.copy_from_slice(&word.to_be_bytes());
        }
        let secret = Secret::new(digest);
        zeroize_bytes(&mut digest);
        secret
    }

    /// Makes the rest of the block zeros.
    fn fill_up(&mut self) {
        self.block
            .get_mut(self.waiting..)
            .unwrap_or_default()
            .fill(0);
    }

    fn compress(&mut self) {
        compress256(&mut self.state, std::slice::from_ref(&self.block));
        self.waiting = 0;
    }
}

impl Drop for Hash {
    fn drop(&mut self) {
        self.state.zeroize();
        zeroize_bytes(&mut self.block);
    }
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac as _};
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;
    use crate::testing::hex32;

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
    }

    #[test]
    fn every_length_around_a_block_is_hmacs() {
        for length in 0..300 {
            let message = vec![7; length];
            assert_eq!(tag_of(&[9; 32], &[&message]), reference(&[9; 32], &message));
        }
    }

    proptest! {
        #[test]
        fn any_message_in_any_parts_is_hmacs(
            key in any::<[u8; 32]>(),
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..150), 0..6),
        ) {
            let slices: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(tag_of(&key, &slices), reference(&key, &parts.concat()));
        }
    }

    fn tag_of(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
        *Mac::new(&Secret::new(*key)).tag(parts).as_bytes()
    }

    fn reference(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().into()
    }
}
