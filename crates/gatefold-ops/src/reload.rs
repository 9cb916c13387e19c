//! When to read again what was read at the start.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hang-up signals, by which a server is asked to read its files again.
pub struct Hangups(Signal);

impl Hangups {
    /// Listens from now on; until then, the signal would have ended the process.
    ///
    /// # Errors
    /// When the system does not let the process listen for signals.
    pub fn listen() -> std::io::Result<Self> {
        signal(SignalKind::hangup()).map(Self)
    }

    /// Waits for the next one. Several that came meanwhile are one.
    pub async fn next(&mut self) {
        // There is no end of them.
        let _ = self.0.recv().await;
    }
}
