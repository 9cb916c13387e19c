//! The pieces.

mod harbour_lights;
mod night_tram;
mod snow_on_the_observatory;

use crate::Composition;

/// Every piece, as [`crate::catalogue()`] gives them out.
pub(crate) static ALL: &[Composition] = &[
    harbour_lights::PIECE,
    night_tram::PIECE,
    snow_on_the_observatory::PIECE,
];
