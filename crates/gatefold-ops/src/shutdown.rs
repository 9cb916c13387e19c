//! When to stop.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Interrupts (Ctrl-C) and requests to terminate, by which a server is asked to stop.
pub struct Stops {
    terminate: Signal,
    interrupt: Signal,
}

impl Stops {
    /// Listens from now on; until then, the signal would have ended the process. So whoever says that
    /// it is ready listens before.
    ///
    /// # Errors
    /// When the system does not let the process listen for signals.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the first one.
    pub async fn requested(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Listens, and waits for an interrupt or a request to terminate.
///
/// # Errors
/// When the system does not let the process listen for signals.
pub async fn requested() -> io::Result<()> {
    Stops::listen()?.requested().await;
    Ok(())
}
