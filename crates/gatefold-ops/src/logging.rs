//! Log lines: human-readable, on standard error, so that standard output stays the command's own.

use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// Starts logging. `filter` is a `tracing` directive list such as `info,gatefold_edge=debug`;
/// without one, warnings and errors are shown.
///
/// # Errors
/// When the filter cannot be read, or logging has been started before.
pub fn start(filter: Option<&str>) -> Result<(), LoggingError> {
    let builder = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into());
    let filter = builder
        .parse(filter.unwrap_or_default())
        .map_err(|error| LoggingError::Filter(error.to_string()))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init()
        .map_err(|_| LoggingError::AlreadyStarted)
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
