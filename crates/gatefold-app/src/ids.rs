//! New names for things.

use std::sync::{Arc, Mutex, PoisonError};

use gatefold_domain::IdBytes;
use rand_core::CryptoRng;

/// Gives random names. Clones share their randomness.
#[derive(Clone)]
pub struct Ids(Arc<Mutex<Box<dyn CryptoRng + Send>>>);

impl Ids {
    /// Names out of this randomness.
    #[must_use]
    pub fn new(random: Box<dyn CryptoRng + Send>) -> Self {
        Self(Arc::new(Mutex::new(random)))
    }

    /// The bytes of a new one.
    #[must_use]
    pub fn next(&self) -> IdBytes {
        let mut bytes = IdBytes::default();
        let mut random = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        random.fill_bytes(&mut bytes);
        bytes
    }
}
