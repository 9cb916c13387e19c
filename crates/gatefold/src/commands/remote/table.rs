//! Tables that fit the terminal, whatever script their text is in.

use rustix::{stdio, termios};
use std::io::{self, IsTerminal};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::commands::output::plain;

/// Between two columns.
const GAP: &str = "  ";
/// No column is made narrower than that.
const NARROWEST: usize = 8;
/// What stands for what was cut off.
const CUT: char = '…';

/// A column.
#[derive(Clone, Copy)]
pub(in crate::commands) struct Column {
    heading: &'static str,
    is_number: bool,
    may_be_cut: bool,
}

impl Column {
    /// One whose text is always whole.
    pub(in crate::commands) const fn of(heading: &'static str) -> Self {
        Self {
            heading,
            is_number: false,
            may_be_cut: false,
        }
    }

    /// One whose text is always whole and stands on the right.
    pub(in crate::commands) const fn number(heading: &'static str) -> Self {
        Self {
            is_number: true,
            ..Self::of(heading)
        }
    }

    /// One whose text is cut where there is no room.
    pub(in crate::commands) const fn text(heading: &'static str) -> Self {
        Self {
            may_be_cut: true,
            ..Self::of(heading)
        }
    }
}

/// A table.
pub(in crate::commands) struct Table<const N: usize> {
    columns: [Column; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table without rows.
    pub(in crate::commands) const fn new(columns: [Column; N]) -> Self {
        let rows = Vec::new();
        Self { columns, rows }
    }

    /// Adds a row. Its text may be somebody else's.
    pub(in crate::commands) fn push(&mut self, row: [String; N]) {
        self.rows.push(row.map(|text| plain(&text)));
    }

    /// The table in lines; cut to the width, where there is one.
    pub(in crate::commands) fn render(&self, width: Option<usize>) -> String {
        let widths = self.widths(width);
        let headings = self.columns.map(|column| column.heading.to_owned());
        let rows = std::iter::once(&headings).chain(&self.rows);
        rows.map(|row| line(row, &widths, &self.columns)).collect()
    }

    fn widths(&self, width: Option<usize>) -> [usize; N] {
        let mut widths = self.columns.map(|column| column.heading.width());
        for row in &self.rows {
            for (width, text) in widths.iter_mut().zip(row) {
                *width = (*width).max(text.width());
            }
        }
        let gaps = GAP.len().saturating_mul(N.saturating_sub(1));
        while let Some(most) = width {
            let all = widths.iter().sum::<usize>().saturating_add(gaps);
            let over = all.saturating_sub(most);
            let cuttable = widths.iter_mut().zip(&self.columns);
            let widest = cuttable
                .filter(|(width, column)| column.may_be_cut && **width > NARROWEST)
                .max_by_key(|(width, _)| **width);
            match widest {
                // One by one, so that columns that are alike stay alike.
                Some((width, _)) if over > 0 => *width = width.saturating_sub(1),
                _ => break,
            }
        }
        widths
    }
}

/// A row as a line.
fn line<const N: usize>(row: &[String; N], widths: &[usize; N], columns: &[Column; N]) -> String {
    let mut line = String::new();
    for ((text, width), column) in row.iter().zip(widths).zip(columns) {
        let text = cut(text, *width);
        let padding = " ".repeat(width.saturating_sub(text.width()));
        if column.is_number {
            line.extend([&padding, text.as_str(), GAP]);
        } else {
            line.extend([text.as_str(), &padding, GAP]);
        }
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}

/// A text, cut to a width in columns of a terminal.
pub(in crate::commands) fn cut(text: &str, most: usize) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut width = 1_usize;
    for c in text.chars() {
        width = width.saturating_add(c.width().unwrap_or(0));
        if width > most {
            break;
        }
        kept.push(c);
    }
    kept.truncate(kept.trim_end().len());
    kept.push(CUT);
    kept
}

/// How many columns standard output has, when it is a terminal.
pub(in crate::commands) fn output_width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let size = termios::tcgetwinsize(stdio::stdout()).ok();
    let columns = size.map_or(0, |size| usize::from(size.ws_col));
    Some(if columns == 0 { 80 } else { columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table<4> {
        let mut table = Table::new([
            Column::number("ID"),
            Column::text("TITLE"),
            Column::text("ARTIST"),
            Column::of("FOR"),
        ]);
        for (id, title, artist) in [
            ("7", "Night Tram", "Ines Quillfeather"),
            ("12345", "夜の路面電車が終点に着くまでのながい物語", "佐藤"),
            ("8", "Ｗｉｄｅ ａｎｄ ｎａｒｒｏｗ", "Zoë\u{301} \u{1f3b5}"),
            (
                "9",
                "a very long title that nobody will ever read to its end, or so it seems",
                "x\u{1b}[31my",
            ),
        ] {
            table.push([id, title, artist, "everybody"].map(str::to_owned));
        }
        table
    }

    #[test]
    fn every_line_fits_and_columns_stand_below_each_other() {
        for width in [60, 80, 100] {
            let text = table().render(Some(width));
            let mut lines = text.lines();
            let place = |line: &str| line.split_once("  ").map(|(before, _)| before.width());
            let heading = lines.next().unwrap();
            assert!(heading.starts_with("   ID  TITLE"), "{heading}");
            for line in lines {
                assert!(line.width() <= width, "{width}: {line} in\n{text}");
                assert!(line.ends_with("  everybody"), "{line}");
                let (before, _) = line.split_once("  everybody").unwrap();
                let (head, _) = heading.split_once("FOR").unwrap();
                assert_eq!(before.width() + 2, head.width(), "{text}");
                assert!(place(line).is_some());
            }
        }
    }

    #[test]
    fn nothing_is_cut_for_a_file() {
        let text = table().render(None);
        assert!(text.contains("or so it seems"));
        assert!(!text.contains(CUT));
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        for (text, most, cut_to) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("ab cd", 4, "ab…"),
            ("夜の路面", 8, "夜の路面"),
            ("夜の路面", 7, "夜の路…"),
            ("夜の路面", 6, "夜の…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("", 0, ""),
        ] {
            assert_eq!(cut(text, most), cut_to, "{text} {most}");
        }
    }

    #[test]
    fn nobody_elses_text_steers_the_terminal() {
        let text = table().render(None);
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}
