//! What a file is called that a browser saves (RFC 6266, RFC 8187): in every script, and never a path.

use std::fmt::Write as _;

use gatefold_domain::text::visible;
use http::HeaderValue;

/// The longest name, in bytes: file systems take 255.
const LONGEST: usize = 200;
/// What is called nothing is called this.
const NAMELESS: &str = "track";

/// The name of a track's file.
pub(crate) fn file_name(artist: &str, title: &str, extension: &str) -> String {
    let name = format!("{artist} - {title}");
    let mut clean = String::new();
    for letter in visible(&name) {
        // What separates folders, or means something to a system.
        let letter = match letter {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '-',
            letter if letter.is_whitespace() => ' ',
            letter => letter,
        };
        if !(letter == ' ' && clean.ends_with(' ')) {
            clean.push(letter);
        }
    }
    while clean.len() > LONGEST {
        clean.pop();
    }
    let clean = clean.trim_matches([' ', '.', '-']);
    let clean = if clean.is_empty() { NAMELESS } else { clean };
    format!("{clean}.{extension}")
}

/// `Content-Disposition` of a file that is saved under a name.
pub(crate) fn disposition(name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|letter| match letter {
            ' '..='~' if !matches!(letter, '"' | '\\' | '%') => letter,
            _ => '_',
        })
        .collect();
    let mut value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        // attr-char of RFC 8187.
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            value.push(char::from(byte));
        } else {
            // Writing into a string does not fail.
            let _ = write!(value, "%{byte:02X}");
        }
    }
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_right_in_every_script() {
        for (artist, title, name) in [
            ("The Tram", "Night", "The Tram - Night.mp3"),
            ("夜の電車", "終点", "夜の電車 - 終点.mp3"),
            ("قطار", "ليل", "قطار - ليل.mp3"),
            ("AC/DC", "..\\..\\etc", "AC-DC - ..-..-etc.mp3"),
            ("a\u{202e}b", "c\0\nd", "ab - cd.mp3"),
            ("", "", "track.mp3"),
            ("  a   b ", " . ", "a b.mp3"),
        ] {
            assert_eq!(file_name(artist, title, "mp3"), name);
        }
        assert_eq!(
            disposition("Ünder \"x\" - 夜.mp3"),
            "attachment; filename=\"_nder _x_ - _.mp3\"; \
             filename*=UTF-8''%C3%9Cnder%20%22x%22%20-%20%E5%A4%9C.mp3"
        );
    }

    proptest! {
        #[test]
        fn a_name_is_never_a_path(artist in ".*", title in ".*") {
            let name = file_name(&artist, &title, "mp3");
            prop_assert!(!name.contains(['/', '\\', '\0', '\n', '\r']));
            prop_assert!(!name.starts_with('.') && name.len() <= LONGEST + 10);
            prop_assert_eq!(name.rsplit_once('.').map(|(_, ending)| ending), Some("mp3"));
            let value = disposition(&name);
            prop_assert!(value.to_str().is_ok_and(|value| value.starts_with("attachment; filename=\"")));
        }
    }
}
