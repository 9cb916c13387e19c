//! Thirty-two bytes that nobody may see.

use subtle::{Choice, ConstantTimeEq};
use zeroize::{ZeroizeOnDrop, zeroize_bytes};

/// The length of every key and of every HMAC-SHA-256 tag, in bytes.
pub const KEY_LEN: usize = 32;

/// A secret of 32 bytes: a key, or something from which keys are made. It has no `Debug`, is
/// compared in constant time and is overwritten when dropped.
#[derive(Clone)]
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

impl Drop for Secret {
    fn drop(&mut self) {
        zeroize_bytes(&mut self.0);
    }
}

impl ZeroizeOnDrop for Secret {}

impl ConstantTimeEq for Secret {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use hmac::digest::block_api::Buffer;
    use sha2::block_api::Sha256VarCore;

    use super::*;
    use crate::{
        BindingKey, EdgePrivateKey, Keyring, KeyringFile, Minter, MinterFile, MinterKey, Opener,
        Ticket,
        backend::{Native, Primitives, Pure},
        mac::Mac,
        schedule::{KeyPair, Psk},
    };

    /// Does not compile when a type has a `Debug`: `probe` would then be found in two ways.
    macro_rules! assert_no_debug {
        ($($type:ty),+ $(,)?) => {$(
            const _: fn() = || {
                trait Probe<Way> {
                    fn probe() {}
                }
                struct WithDebug;
                impl<T: ?Sized> Probe<()> for T {}
                impl<T: ?Sized + Debug> Probe<WithDebug> for T {}
                <$type as Probe<_>>::probe();
            };
        )+};
    }

    assert_no_debug!(
        BindingKey,
        EdgePrivateKey,
        KeyPair<Native>,
        KeyPair<Pure>,
        Keyring,
        KeyringFile,
        Mac,
        Minter,
        MinterFile,
        MinterKey,
        Opener,
        Psk,
        Secret,
        Ticket,
        <Native as Primitives>::PrivateKey,
        <Pure as Primitives>::PrivateKey,
    );

    #[test]
    fn secrets_overwrite_themselves() {
        fn overwrites_itself<T: ZeroizeOnDrop>() {}
        overwrites_itself::<Secret>();
        // What an HMAC is made of: two states and a block.
        overwrites_itself::<Sha256VarCore>();
        overwrites_itself::<Buffer<Sha256VarCore>>();
        overwrites_itself::<<Pure as Primitives>::PrivateKey>();
        assert!(std::mem::needs_drop::<EdgePrivateKey>());
        assert!(std::mem::needs_drop::<Psk>());
    }

    #[test]
    fn secrets_are_equal_when_all_their_bytes_are() {
        let secret = Secret::new([7; KEY_LEN]);
        assert!(bool::from(secret.ct_eq(&Secret::new([7; KEY_LEN]))));
        for at in 0..KEY_LEN {
            let mut other = [7; KEY_LEN];
            other[at] ^= 1;
            assert!(!bool::from(secret.ct_eq(&Secret::new(other))));
        }
    }
}
