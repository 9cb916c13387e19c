//! What commands print: words for people, or JSON for programs, from the same facts.

use std::{
    fmt::Display,
    io::{self, Write},
};

use serde::Serialize;

/// Prints facts. A reader who has gone away is no failure of the command.
pub(super) fn show<T: Display + Serialize>(facts: &T, json: bool) -> io::Result<()> {
    let text = if json {
        serde_json::to_string(facts)?
    } else {
        facts.to_string()
    };
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
