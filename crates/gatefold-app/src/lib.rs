//! What gatefold does, without HTTP: use cases over its parts.

pub mod accounts;
pub mod artists;
pub mod demonstration;
pub mod fields;
mod grant_store;
pub mod ids;
pub mod jobs;
pub mod library;
pub mod news;
pub mod playing;
pub mod publishing;
mod record_key;
mod remembered;
pub mod settling;
pub mod studio;
pub mod supporters;
pub mod sweeping;
pub mod tracks;
mod trouble;
pub mod uploads;

pub use trouble::{Cause, Trouble};
