//! Log lines: human-readable, on standard error, so that standard output stays the command's own.

use std::io::{self, IsTerminal, Write};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter,
    filter::{LevelFilter, filter_fn},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Starts logging. `filter` is a `tracing` directive list such as `info,gatefold_edge=debug`;
/// without one, warnings and errors are shown.
///
/// Of libraries there is never more than that, whatever the filter says: below warnings they tell
/// whom they ask and for what, which no line may.
///
/// # Errors
/// When the filter cannot be read, or logging has been started before.
pub fn start(filter: Option<&str>) -> Result<(), LoggingError> {
    let builder = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into());
    let filter = builder
        .parse(filter.unwrap_or_default())
        .map_err(|error| LoggingError::Filter(error.to_string()))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Lossy(io::stderr()))
        .log_internal_errors(false);
    // Colours are for people, and not for the files that lines are kept in.
    let lines = if io::stderr().is_terminal() {
        lines
    } else {
        lines.with_ansi(false)
    };
    lines
        .finish()
        .with(filter_fn(may_be_told))
        .try_init()
        .map_err(|_| LoggingError::AlreadyStarted)
}

/// Whether lines of this place and level name no source, host or token.
fn may_be_told(line: &Metadata<'_>) -> bool {
    line.target().starts_with("gatefold") || *line.level() <= Level::WARN
}

/// Logging cannot start.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoggingError {
    /// The filter cannot be read.
    #[error("the log filter cannot be read: {0}")]
    Filter(String),
    /// Logging has been started before.
    #[error("logging has been started already")]
    AlreadyStarted,
}

/// A place for lines that may be lost: a full disk or a reader who has gone away must not keep a
/// server from serving.
struct Lossy<W>(W);

impl<W: Write> Write for Lossy<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let _ = self.0.write_all(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_cannot_be_written_is_lost_and_nothing_else() {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
        let mut log = Lossy(full.unwrap());
        assert_eq!(log.write(b"line\n").unwrap(), 5);
        log.flush().unwrap();
    }
}
