//! The `gatefold` command as a library, so that tests can run its servers in their own process and
//! on their own clock.

pub mod cli;
mod commands;
mod config;
pub mod demo;
mod edge;
mod site;
