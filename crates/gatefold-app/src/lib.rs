//! What gatefold does, without HTTP: use cases over its parts.

pub mod accounts;
mod grant_store;
pub mod news;
pub mod playing;
mod remembered;
pub mod supporters;
pub mod tracks;
