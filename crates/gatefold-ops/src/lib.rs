//! What every gatefold server shares: the system's clock and randomness, logging, secrets, shutdown.

mod clock;
pub mod logging;
mod random;
pub mod secrets;
pub mod shutdown;

pub use clock::SystemClock;
pub use random::system_random;
