//! What gatefold does, without HTTP: use cases over its parts.

pub mod accounts;
mod grant_store;
pub mod news;
mod remembered;
