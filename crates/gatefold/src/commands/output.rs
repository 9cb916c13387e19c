//! What commands print: words for people, or JSON for programs, from the same facts.

use std::{
    fmt::Display,
    io::{self, Write},
};

use serde::Serialize;

/// Somebody else's text, for a terminal: what would steer it, or turn it around, is spelled out.
pub(super) fn plain(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().fold(String::new(), |mut plain, c| {
        if steers(c) {
            plain.extend(c.escape_default());
        } else {
            plain.push(c);
        }
        plain
    })
}

/// Prints facts. A reader who has gone away is no failure of the command.
pub(super) fn show<T: Display + Serialize>(facts: &T, json: bool) -> io::Result<()> {
    let text = if json {
        serde_json::to_string(facts)?
    } else {
        facts.to_string()
    };
    print(&format!("{text}\n"))
}

/// Prints facts for a program, in one line.
pub(super) fn json<T: Serialize>(facts: &T) -> io::Result<()> {
    print(&format!("{}\n", serde_json::to_string(facts)?))
}

/// Prints text as it is. A reader who has gone away is no failure of the command.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_steers_the_terminal() {
        assert_eq!(plain("Größe 5.ogg"), "Größe 5.ogg");
        assert_eq!(
            plain("a\nverdict  accepted\u{1b}[8m\u{202e}b"),
            "a\\nverdict  accepted\\u{1b}[8m\\u{202e}b"
        );
    }
}
