//! The same done with several things: what fails keeps nothing else from being done.

use std::io::{self, Write};

use super::RemoteError;
use gatefold_client::ClientError;

/// What failed, so far.
pub(in crate::commands) struct Several {
    all: usize,
    failed: usize,
    first: Option<u8>,
}

impl Several {
    /// So many are to be done.
    pub(in crate::commands) const fn of(all: usize) -> Self {
        Self {
            all,
            failed: 0,
            first: None,
        }
    }

    /// Notes how one of them ended, and says why it failed. `Err` when the others would fail,
    /// too, or there are none.
    pub(in crate::commands) fn note<T>(
        &mut self,
        what: &str,
        outcome: Result<T, RemoteError>,
    ) -> Result<Option<T>, RemoteError> {
        match outcome {
            Ok(done) => Ok(Some(done)),
            Err(error) if self.all == 1 || concerns_all(&error) => Err(error),
            Err(error) => {
                self.failed = self.failed.saturating_add(1);
                self.first.get_or_insert(error.exit_status());
                // Who does not listen learns it by the exit status.
                let _ = writeln!(io::stderr(), "gatefold: {what}: {error}");
                Ok(None)
            }
        }
    }

    /// How all of it ended.
    pub(in crate::commands) fn end(self) -> Result<(), RemoteError> {
        match self.first {
            None => Ok(()),
            Some(status) => Err(RemoteError::SomeFailed {
                failed: self.failed,
                of: self.all,
                status,
            }),
        }
    }
}

/// Whether the next one would fail for the same reason.
fn concerns_all(error: &RemoteError) -> bool {
    matches!(
        error,
        RemoteError::Interrupted
            | RemoteError::NotSignedIn { .. }
            | RemoteError::Client(ClientError::NotSignedIn { .. } | ClientError::NoProfile(_))
    )
}
