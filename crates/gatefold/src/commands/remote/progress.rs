//! How far something is, in the last line of the terminal; nothing, where standard error is none.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

use rustix::{stdio, termios};
use tokio::time::Instant;

use super::table::cut;

/// How often the line is drawn at most.
const EVERY: Duration = Duration::from_millis(80);
/// How wide the bar is, in columns.
const BAR: usize = 20;
/// Goes to the line's beginning, and clears it.
const CLEAR: &str = "\r\u{1b}[K";

/// The line.
pub(in crate::commands) struct Progress {
    columns: Option<usize>,
    drawn: Option<Instant>,
}

impl Progress {
    /// A line with nothing in it.
    pub(in crate::commands) fn new() -> Self {
        let columns = io::stderr().is_terminal().then(|| {
            let size = termios::tcgetwinsize(stdio::stderr()).ok();
            let columns = size.map_or(0, |size| usize::from(size.ws_col));
            if columns == 0 { 80 } else { columns }
        });
        Self {
            columns,
            drawn: None,
        }
    }

    /// Says how many bytes there are of how many.
    pub(in crate::commands) fn bytes(&mut self, what: &str, part: u64, of: Option<u64>) {
        // What is whole is not skipped.
        if of == Some(part) || self.is_due() {
            self.draw(&bytes_line(what, part, of));
        }
    }

    /// Says in words what is being done.
    pub(in crate::commands) fn words(&mut self, what: &str, words: &str) {
        self.draw(&format!("{}  {words}", cut(what, 30)));
    }

    /// Takes the line away, so that something else can be written.
    pub(in crate::commands) fn clear(&mut self) {
        if self.drawn.take().is_some() {
            let mut out = io::stderr();
            // Nobody has to look.
            let _ = write!(out, "{CLEAR}").and_then(|()| out.flush());
        }
    }

    fn is_due(&self) -> bool {
        self.columns.is_some() && self.drawn.is_none_or(|drawn| drawn.elapsed() >= EVERY)
    }

    fn draw(&mut self, line: &str) {
        let Some(columns) = self.columns else { return };
        let mut out = io::stderr();
        let line = cut(line, columns.saturating_sub(1));
        let _ = write!(out, "{CLEAR}{line}").and_then(|()| out.flush());
        self.drawn = Some(Instant::now());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

fn bytes_line(what: &str, part: u64, of: Option<u64>) -> String {
    let what = cut(what, 30);
    match of {
        None => format!("{what}  {}", size(part)),
        Some(of) => {
            let share = |of_all: u64| {
                part.saturating_mul(of_all)
                    .checked_div(of)
                    .unwrap_or(of_all)
            };
            let full = usize::try_from(share(BAR as u64)).map_or(BAR, |full| full.min(BAR));
            let bar = ["█".repeat(full), "░".repeat(BAR.saturating_sub(full))].concat();
            let percent = share(100).min(100);
            format!(
                "{what}  {bar} {percent:>3} %  {} of {}",
                size(part),
                size(of)
            )
        }
    }
}

/// A number of bytes as people read it.
pub(in crate::commands) fn size(bytes: u64) -> String {
    const KIB: u64 = 1024;
    const MIB: u64 = KIB * KIB;
    let tenths = |unit: u64| {
        let tenths = bytes.saturating_mul(10).checked_div(unit).unwrap_or(0);
        (tenths.div_euclid(10), tenths.rem_euclid(10))
    };
    match bytes {
        0..KIB => format!("{bytes} bytes"),
        KIB..MIB => format!("{} KiB", tenths(KIB).0),
        _ => {
            let (whole, part) = tenths(MIB);
            format!("{whole}.{part} MiB")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_how_far_it_is() {
        const MIB: u64 = 1024 * 1024;
        for (part, of, line) in [
            (
                0,
                Some(10 * MIB),
                "a.flac  ░░░░░░░░░░░░░░░░░░░░   0 %  0 bytes of 10.0 MiB",
            ),
            (
                5 * MIB,
                Some(10 * MIB),
                "a.flac  ██████████░░░░░░░░░░  50 %  5.0 MiB of 10.0 MiB",
            ),
            (
                10 * MIB,
                Some(10 * MIB),
                "a.flac  ████████████████████ 100 %  10.0 MiB of 10.0 MiB",
            ),
            (
                0,
                Some(0),
                "a.flac  ████████████████████ 100 %  0 bytes of 0 bytes",
            ),
            // More than was said.
            (
                20,
                Some(10),
                "a.flac  ████████████████████ 100 %  20 bytes of 10 bytes",
            ),
            (2048, None, "a.flac  2 KiB"),
        ] {
            assert_eq!(bytes_line("a.flac", part, of), line);
        }
        let line = bytes_line("夜の路面電車が終点に着くまでのながい物語", 1, Some(2));
        assert!(
            unicode_width::UnicodeWidthStr::width(line.as_str()) < 80,
            "{line}"
        );
    }

    #[test]
    fn sizes_are_said_as_people_do() {
        for (bytes, said) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1 KiB"),
            (1024 * 1024 - 1, "1023 KiB"),
            (1024 * 1024, "1.0 MiB"),
            (28_420_000, "27.1 MiB"),
            (u64::MAX, "1759218604441.5 MiB"),
        ] {
            assert_eq!(size(bytes), said);
        }
    }
}
