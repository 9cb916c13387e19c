//! The command line as artists and listeners use it: the command, as a process of its own, against a
//! whole site.

mod accounts;
mod page;
