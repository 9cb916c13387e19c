//! The databases that a server keeps its data in, as processes of their own.

mod postgres;
mod redis;

pub use postgres::{Database, Postgres};
pub use redis::{Redis, Reply};
