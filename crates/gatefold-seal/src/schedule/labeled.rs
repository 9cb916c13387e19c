//! HPKE's labelled HKDF-SHA256 (RFC 9180, 4; RFC 5869): every derivation names the protocol, the
//! suite and its own purpose.

use crate::{mac::Mac, secret::Secret};

const VERSION: &[u8] = b"HPKE-v1";

/// `LabeledExtract(salt, label, ikm)`.
pub(super) fn extract(salt: &Secret, suite: &[u8], label: &[u8], ikm: &[u8]) -> Secret {
    Mac::new(salt).last_tag(&[VERSION, suite, label, ikm])
}

/// A pseudorandom key that several values are expanded from.
pub(super) struct Expander<'a> {
    key: Mac,
    suite: &'a [u8],
}

impl<'a> Expander<'a> {
    pub(super) fn new(key: &Secret, suite: &'a [u8]) -> Self {
        Self {
            key: Mac::new(key),
            suite,
        }
    }

    /// `LabeledExpand(prk, label, info, length)` for at most 32 bytes, where `info` is given in
    /// parts. The first `length` bytes of the result are the output; the others must not be used.
    pub(super) fn expand(&self, label: &[u8], info: [&[u8]; 2], length: u8) -> Secret {
        let [first, second] = info;
        // I2OSP(length, 2), and the counter of HKDF's first and only block.
        self.key.tag(&[
            &[0, length],
            VERSION,
            self.suite,
            label,
            first,
            second,
            &[1],
        ])
    }
}
