//! The artists that handlers ask for. Tests put in their place what answers as they say.

#[cfg(not(test))]
pub(crate) use gatefold_app::artists::Artists;

#[cfg(test)]
pub(crate) use crate::tests::artists::Artists;
