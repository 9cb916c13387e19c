//! Randomness, which is a parameter, shared by requests that run side by side.

use std::sync::{Mutex, PoisonError};

use base64ct::{Base64UrlUnpadded, Encoding};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// The generator that was given, behind a lock: it is held for some bytes at a time.
pub(crate) struct Random(Mutex<Box<dyn CryptoRng + Send>>);

impl Random {
    pub(crate) fn new(generator: Box<dyn CryptoRng + Send>) -> Self {
        Self(Mutex::new(generator))
    }

    /// Random bytes.
    pub(crate) fn bytes<const N: usize>(&self) -> Zeroizing<[u8; N]> {
        self.with(|mut generator| {
            let mut bytes = Zeroizing::new([0; N]);
            rand_core::Rng::fill_bytes(&mut generator, bytes.as_mut());
            bytes
        })
    }

    /// 256 random bits as 43 characters of base64url.
    pub(crate) fn token(&self) -> Zeroizing<String> {
        Zeroizing::new(Base64UrlUnpadded::encode_string(
            self.bytes::<32>().as_ref(),
        ))
    }

    /// Lends the generator itself.
    pub(crate) fn with<T>(&self, take: impl FnOnce(&mut (dyn CryptoRng + Send)) -> T) -> T {
        let mut generator = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        take(generator.as_mut())
    }
}
