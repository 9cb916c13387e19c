//! The one place that asks the system for randomness.

use rand_core::{CryptoRng, UnwrapErr};

/// The system's random number generator. It panics when the system has no randomness to give, in
/// which case no key that it could make would be worth having.
#[must_use]
pub fn system_random() -> impl CryptoRng {
    UnwrapErr(getrandom::SysRng)
}
