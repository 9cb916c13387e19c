//! The tracks that pages show. Tests put in their place what answers as they say.

#[cfg(not(test))]
pub(crate) use gatefold_app::tracks::Tracks;

#[cfg(test)]
pub(crate) use crate::tests::tracks::Tracks;
