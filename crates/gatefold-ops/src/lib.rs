//! What every gatefold server shares: the system's clock and randomness, configuration, logging,
//! metrics, client addresses, secrets, signals.

pub mod client_address;
mod clock;
pub mod config;
pub mod logging;
pub mod metrics;
mod random;
pub mod reload;
pub mod secrets;
pub mod shutdown;

pub use clock::SystemClock;
pub use random::system_random;
