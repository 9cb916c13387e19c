//! What a file is to be called, by a server's word for it (RFC 6266), which is nobody's path.

/// The longest name, in bytes: what file systems take, with room for a temporary ending.
const MAX_LEN: usize = 200;
/// The longest ending that is kept when a name is cut, in bytes.
const MAX_ENDING: usize = 16;

/// The name in a `Content-Disposition`. It is a name alone, in no folder, and one that is visible:
/// neither a hidden file, nor what a command would take for an option.
#[must_use]
pub fn of_header(value: &str) -> Option<String> {
    let (plain, extended) = parameters(value);
    let extended = extended.and_then(|value| decoded(&value));
    extended.or(plain).and_then(|name| safe(&name))
}

/// The parameters `filename` and `filename*`, as they stand there.
fn parameters(value: &str) -> (Option<String>, Option<String>) {
    let (mut plain, mut extended) = (None, None);
    let mut rest = value.split_once(';').map_or("", |(_, rest)| rest);
    while !rest.is_empty() {
        let Some((name, after)) = rest.split_once('=') else {
            break;
        };
        let (value, after) = parameter(after.trim_start());
        match name.trim().to_ascii_lowercase().as_str() {
            "filename" if plain.is_none() => plain = Some(value),
            "filename*" if extended.is_none() => extended = Some(value),
            _ => {}
        }
        rest = after.split_once(';').map_or("", |(_, rest)| rest);
    }
    (plain, extended)
}

/// A value and what comes after it: a quoted string (RFC 9110, section 5.6.4), or a token.
fn parameter(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        let (token, after) = text.split_at_checked(end).unwrap_or((text, ""));
        return (token.trim().to_owned(), after);
    };
    let mut value = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => value.extend(chars.next()),
            c => value.push(c),
        }
    }
    (value, chars.as_str())
}

/// A value with its character set and language (RFC 8187); only UTF-8 is read.
fn decoded(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '\'');
    let (charset, _, text) = (parts.next()?, parts.next()?, parts.next()?);
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
            let digits = str::from_utf8(&digits).ok().filter(|_| is_hex)?;
            u8::from_str_radix(digits, 16).ok()?
        } else {
            byte
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok()
}

/// A name without what would make it a path, or another file than it seems to be.
fn safe(name: &str) -> Option<String> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_invisible = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let name: String = name.chars().filter(|c| !is_invisible(*c)).collect();
    let begins_badly = |c: char| c.is_whitespace() || matches!(c, '.' | '-' | '~');
    let name = name.trim_start_matches(begins_badly);
    let name = name.trim_end_matches(|c: char| c.is_whitespace() || c == '.');
    let name = shortened(name);
    (!name.is_empty()).then_some(name)
}

/// A name of at most [`MAX_LEN`] bytes, with its ending.
fn shortened(name: &str) -> String {
    if name.len() <= MAX_LEN {
        return name.to_owned();
    }
    let ending = name
        .rfind('.')
        .and_then(|dot| name.get(dot..))
        .filter(|ending| ending.len() <= MAX_ENDING)
        .unwrap_or_default();
    let room = name.floor_char_boundary(MAX_LEN.saturating_sub(ending.len()));
    let stem = name.get(..room).unwrap_or_default().trim_end();
    [stem, ending].concat()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_meant() {
        for (value, name) in [
            ("attachment; filename=\"a - b.mp3\"", Some("a - b.mp3")),
            ("attachment;filename=a.mp3", Some("a.mp3")),
            ("attachment; FileName = a.mp3 ; x=y", Some("a.mp3")),
            (
                r#"attachment; filename="say \"hi\"; now.mp3""#,
                Some(r#"say "hi"; now.mp3"#),
            ),
            (
                "attachment; filename=\"_.mp3\"; filename*=UTF-8''%E5%A4%9C%20-%20Tram.mp3",
                Some("夜 - Tram.mp3"),
            ),
            (
                "attachment; filename*=utf-8'de'%C3%A4.mp3; filename=b.mp3",
                Some("ä.mp3"),
            ),
            // What cannot be read is not used.
            (
                "attachment; filename*=iso-8859-1''%E4.mp3; filename=b.mp3",
                Some("b.mp3"),
            ),
            (
                "attachment; filename*=UTF-8''%E4.mp3; filename=b.mp3",
                Some("b.mp3"),
            ),
            (
                "attachment; filename*=UTF-8''%+4.mp3; filename=b.mp3",
                Some("b.mp3"),
            ),
            (
                "attachment; filename*=UTF-8''%; filename=b.mp3",
                Some("b.mp3"),
            ),
            ("attachment", None),
            ("attachment; filename=\"\"", None),
            ("attachment; filename", None),
            ("", None),
        ] {
            assert_eq!(of_header(value).as_deref(), name, "{value}");
        }
    }

    #[test]
    fn a_name_is_no_path_and_hides_nothing() {
        for (name, called) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\\\Windows\\\\a.mp3", "a.mp3"),
            ("/a.mp3", "a.mp3"),
            (".bashrc", "bashrc"),
            ("...", ""),
            ("..", ""),
            ("a/", ""),
            ("-rf.mp3", "rf.mp3"),
            ("~root", "root"),
            ("  a.mp3 . ", "a.mp3"),
            ("a\u{202e}3pm.exe", "a3pm.exe"),
            ("a\u{1b}[31m.mp3", "a[31m.mp3"),
            ("\u{200b}.a", "a"),
        ] {
            let found = of_header(&format!("attachment; filename=\"{name}\""));
            assert_eq!(found.unwrap_or_default(), called, "{name}");
        }
        let long = "夜".repeat(100) + ".flac";
        let found = of_header(&format!("attachment; filename=\"{long}\"")).unwrap();
        assert_eq!(found, "夜".repeat(65) + ".flac");
        let long = "a.".to_owned() + &"b".repeat(300);
        let found = of_header(&format!("attachment; filename=\"{long}\"")).unwrap();
        assert_eq!(found.len(), MAX_LEN);
    }

    proptest! {
        #[test]
        fn whatever_is_said_it_is_a_name(value in ".{0,300}") {
            for value in [value.clone(), format!("attachment; filename=\"{value}\"")] {
                if let Some(name) = of_header(&value) {
                    prop_assert!((1..=MAX_LEN).contains(&name.len()));
                    let is_path = name.contains(['/', '\\', '\0', '\n', '\u{1b}']);
                    prop_assert!(!is_path);
                    prop_assert!(!name.starts_with(['.', '-', '~', ' ']));
                }
            }
        }
    }
}
