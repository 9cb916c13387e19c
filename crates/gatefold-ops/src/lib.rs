//! What every gatefold server shares: the system's clock and randomness, configuration,
//! logging, secrets, signals.

mod clock;
pub mod config;
pub mod logging;
mod random;
pub mod reload;
pub mod secrets;
pub mod shutdown;

pub use clock::SystemClock;
pub use random::system_random;
