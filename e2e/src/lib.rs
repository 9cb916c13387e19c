//! Tests of the whole system: they start the command, speak to it as a browser or a player would,
//! and hold the workspace against its own architecture.
//!
//! What they share is here; the tests themselves are in `tests/`.

pub mod actors;
pub mod browser;
pub mod command;
pub mod demo;
pub mod demonstration;
pub mod edge;
pub mod http;
pub mod keys;
pub mod links;
pub mod operate;
pub mod plain;
pub mod process;
pub mod raw;
pub mod sign_in;
pub mod site;
pub mod subject;
pub mod terminal;
pub mod torture;
pub mod webdriver;
pub mod wire;

/// An error of whatever kind.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Whatever goes wrong in a test's surroundings ends the test with its message.
pub type Result<T = ()> = std::result::Result<T, Error>;
