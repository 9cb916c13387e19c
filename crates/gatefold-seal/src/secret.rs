//! Thirty-two bytes that nobody may see.

use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The length of every key and of every HMAC-SHA-256 tag, in bytes.
pub const KEY_LEN: usize = 32;

/// A secret of 32 bytes: a key, or something from which keys are made. It has no `Debug`, is
/// compared in constant time and is overwritten when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Secret([u8; KEY_LEN]);

impl Secret {
    /// Takes over some bytes. The caller's own copy is the caller's to overwrite.
    pub(crate) fn new(bytes: [u8; KEY_LEN]) -> Self {
        Self(bytes)
    }

    /// Thirty-two zeros: what HMAC makes of no key at all.
    pub(crate) fn zero() -> Self {
        Self([0; KEY_LEN])
    }

    pub(crate) fn as_bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }
}

impl ConstantTimeEq for Secret {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}
