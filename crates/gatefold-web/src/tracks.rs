//! The tracks that pages show. Tests put in their place what answers as they say.

use gatefold_app::playing::PlayError;

use crate::error::Problem;

#[cfg(not(test))]
pub(crate) use gatefold_app::tracks::Tracks;

#[cfg(test)]
pub(crate) use crate::tests::tracks::Tracks;

/// Why there is nothing to show.
pub(crate) fn problem(error: impl Into<PlayError>) -> Problem {
    Problem::from(error.into())
}
