//! The plays that handlers grant. Tests put in their place what answers as they say.

#[cfg(not(test))]
pub(crate) use gatefold_app::playing::Playing;

#[cfg(test)]
pub(crate) use crate::tests::playing::Playing;
