//! What gatefold does, without HTTP: use cases over its parts.

pub mod accounts;
pub mod artists;
pub mod demonstration;
mod grant_store;
pub mod ids;
pub mod jobs;
pub mod news;
pub mod playing;
pub mod publishing;
mod remembered;
pub mod settling;
pub mod supporters;
pub mod tracks;
mod trouble;

pub use trouble::{Cause, Trouble};
