//! What people write, and others read: names and texts in which everything can be seen.

/// Whether a text is one line of 1 to `most` characters, at least one of which leaves a mark, and none of
/// which is invisible or turns the direction of its neighbours.
#[must_use]
pub fn is_line(text: &str, most: usize) -> bool {
    text.chars().count() <= most
        && text.chars().any(leaves_a_mark)
        && !text
            .chars()
            .any(|letter| letter.is_control() || is_hidden(letter))
}

/// The same for a text of several lines: tabs and line breaks are among it.
#[must_use]
pub fn is_text(text: &str, most: usize) -> bool {
    let is_space = |letter| matches!(letter, '\n' | '\r' | '\t');
    text.chars().count() <= most
        && text.chars().any(leaves_a_mark)
        && !text
            .chars()
            .any(|letter| letter.is_control() && !is_space(letter) || is_hidden(letter))
}

/// The characters of a text that can be seen, and the spaces between them.
pub fn visible(text: &str) -> impl Iterator<Item = char> {
    let can_be_seen = |letter: &char| !letter.is_control() && !is_hidden(*letter);
    text.chars().filter(can_be_seen)
}

/// What stands for a name in addresses: its letters and digits, in lower case, with `-` between them.
/// `None` where it has none.
#[must_use]
pub fn slug(name: &str) -> Option<String> {
    let mut slug = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

fn leaves_a_mark(letter: char) -> bool {
    !letter.is_whitespace() && !letter.is_control() && !is_hidden(letter) && !is_joiner(letter)
}

/// Joins its neighbours, or keeps them apart: scripts and emoji need it.
const fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// Nobody sees it, or it moves what stands beside it.
const fn is_hidden(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_can_be_seen() {
        for good in [
            "a",
            "The Tram",
            "夜の電車",
            "می‌خواهم",
            "👩‍👩‍👧",
            "قطار",
            "Ünïcödé!",
        ] {
            assert!(is_line(good, 64) && is_text(good, 64), "{good}");
        }
        for bad in [
            "",
            " ",
            "\u{200d}",
            "\u{3164}",
            "a\u{200b}b",
            "a\u{202e}b",
            "\u{feff}a",
            "a\u{7}b",
            "tag\u{e0041}",
        ] {
            assert!(!is_line(bad, 64) && !is_text(bad, 64), "{bad:?}");
        }
        assert!(!is_line("two\nlines", 64) && is_text("two\nlines\tand", 64));
        assert!(is_line(&"ü".repeat(64), 64) && !is_line(&"ü".repeat(65), 64));
        assert!(is_text(&"ü".repeat(64), 64) && !is_text(&"ü".repeat(65), 64));
    }

    #[test]
    fn a_slug_has_letters_and_digits() {
        for (name, expected) in [
            ("Night Tram", Some("night-tram")),
            ("  What?!  A day…", Some("what-a-day")),
            ("夜 の 電車", Some("夜-の-電車")),
            ("ÄÖ", Some("äö")),
            ("../etc", Some("etc")),
            ("?!", None),
            ("", None),
        ] {
            assert_eq!(slug(name).as_deref(), expected, "{name}");
        }
    }
}
