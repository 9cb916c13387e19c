//! The kinds of values that a setting can have, each as people write it.

use std::{
    collections::BTreeMap,
    fmt::{Display, Write},
    net::SocketAddr,
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use super::Given;

/// What can be the value of a setting.
pub trait Value: Sized {
    /// What kind of value it is, in one or two words for the reference.
    const KIND: &'static str;

    /// Reads it.
    ///
    /// # Errors
    /// What is wrong with it, and how to write it.
    fn read(given: &Given) -> Result<Self, String>;

    /// How it is written in TOML.
    fn show(&self) -> String;
}

/// Text between quotation marks, as TOML has it.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

impl Value for String {
    const KIND: &'static str = "text";

    fn read(given: &Given) -> Result<Self, String> {
        given
            .text("write text between quotation marks")
            .map(str::to_owned)
    }

    fn show(&self) -> String {
        quoted(self)
    }
}

impl Value for PathBuf {
    const KIND: &'static str = "path";

    fn read(given: &Given) -> Result<Self, String> {
        match given.text("write a path between quotation marks")? {
            "" => Err("the path is empty: name a file or folder".to_owned()),
            path => Ok(path.into()),
        }
    }

    fn show(&self) -> String {
        quoted(&self.display().to_string())
    }
}

impl Value for SocketAddr {
    const KIND: &'static str = "address";

    fn read(given: &Given) -> Result<Self, String> {
        let wanted = "write an address and a port, like \"127.0.0.1:8400\" or \"[::]:8400\"";
        let text = given.text(wanted)?;
        text.parse()
            .map_err(|_| format!("{text:?} is no address; {wanted}"))
    }

    fn show(&self) -> String {
        quoted(&self.to_string())
    }
}

impl Value for Duration {
    const KIND: &'static str = "time";

    fn read(given: &Given) -> Result<Self, String> {
        let wanted = "write a number with its unit, like \"500ms\", \"30s\" or \"10m\"";
        humantime::parse_duration(given.text(wanted)?)
            .map_err(|_| format!("this is no span of time; {wanted}"))
    }

    fn show(&self) -> String {
        quoted(&humantime::format_duration(*self).to_string())
    }
}

impl Value for bool {
    const KIND: &'static str = "true or false";

    fn read(given: &Given) -> Result<Self, String> {
        match given {
            Given::Flag(flag) => Ok(*flag),
            Given::Word(word) if word == "true" => Ok(true),
            Given::Word(word) if word == "false" => Ok(false),
            other => Err(format!("this is {}; write true or false", other.kind())),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// Reads a whole number of whatever width.
fn number<T: TryFrom<i64> + FromStr>(given: &Given) -> Result<T, String> {
    let read = match given {
        Given::Integer(number) => T::try_from(*number).ok(),
        Given::Word(word) => word.parse().ok(),
        other => return Err(format!("this is {}; write a whole number", other.kind())),
    };
    read.ok_or_else(|| "this number is out of range or is none; write a whole number".to_owned())
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Value for $number {
            const KIND: &'static str = "number";

            fn read(given: &Given) -> Result<Self, String> {
                number(given)
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
numbers!(u8, u16, u32, u64, usize);

/// Nothing is written as `""`, which also takes away what a weaker source said.
impl<V: Value> Value for Option<V> {
    const KIND: &'static str = V::KIND;

    fn read(given: &Given) -> Result<Self, String> {
        match given {
            Given::Word(text) | Given::Text(text) if text.is_empty() => Ok(None),
            given => V::read(given).map(Some),
        }
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "\"\"".to_owned(), V::show)
    }
}

/// In a variable, its parts stand between commas.
impl<V: Value> Value for Vec<V> {
    const KIND: &'static str = "list";

    fn read(given: &Given) -> Result<Self, String> {
        match given {
            Given::List(parts) => parts.iter().map(V::read).collect(),
            Given::Word(word) if word.trim().is_empty() => Ok(Vec::new()),
            Given::Word(word) => word
                .split(',')
                .map(|part| V::read(&Given::Word(part.trim().to_owned())))
                .collect(),
            other => {
                let kind = other.kind();
                Err(format!(
                    "this is {kind}; write a list, like [\"one\", \"two\"]"
                ))
            }
        }
    }

    fn show(&self) -> String {
        let parts: Vec<String> = self.iter().map(V::show).collect();
        format!("[{}]", parts.join(", "))
    }
}

/// In a variable: `name=value`, and a comma between two of them.
impl<V: Value> Value for BTreeMap<String, V> {
    const KIND: &'static str = "table";

    fn read(given: &Given) -> Result<Self, String> {
        let wanted = "write names with values, like { \"cdn.example.com\" = \"…\" }";
        match given {
            Given::Table(entries) => entries
                .iter()
                .map(|(name, (_, given))| Ok((name.clone(), V::read(given)?)))
                .collect(),
            Given::Word(word) if word.trim().is_empty() => Ok(Self::new()),
            Given::Word(word) => word
                .split(',')
                .map(|part| {
                    let (name, value) =
                        part.split_once('=').ok_or("write name=value,name=value")?;
                    let value = V::read(&Given::Word(value.trim().to_owned()))?;
                    Ok((name.trim().to_owned(), value))
                })
                .collect(),
            other => Err(format!("this is {}; {wanted}", other.kind())),
        }
    }

    fn show(&self) -> String {
        let show = |(name, value): (&String, &V)| format!("{} = {}", quoted(name), value.show());
        let entries: Vec<String> = self.iter().map(show).collect();
        if entries.is_empty() {
            return "{}".to_owned();
        }
        format!("{{ {} }}", entries.join(", "))
    }
}

/// Text that some other type reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed<T>(pub T);

impl<T: FromStr<Err: Display> + Display> Value for Parsed<T> {
    const KIND: &'static str = "text";

    fn read(given: &Given) -> Result<Self, String> {
        let text = given.text("write text between quotation marks")?;
        text.parse().map(Self).map_err(|error| format!("{error}"))
    }

    fn show(&self) -> String {
        quoted(&self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word<V: Value>(text: &str) -> Result<String, String> {
        V::read(&Given::Word(text.to_owned())).map(|value| value.show())
    }

    #[test]
    fn every_kind_is_read_from_a_variable_and_shown_as_toml() {
        type Strings = Vec<String>;
        type Names = BTreeMap<String, String>;
        for (shown, read) in [
            (r#""a\"b\\c\u0007""#, word::<String>("a\"b\\c\u{7}")),
            (r#""data/x""#, word::<PathBuf>("data/x")),
            (r#""127.0.0.1:8400""#, word::<SocketAddr>("127.0.0.1:8400")),
            (r#""1m 30s""#, word::<Duration>("90s")),
            ("true", word::<bool>("true")),
            ("7", word::<u16>("7")),
            (r#""""#, word::<Option<PathBuf>>("")),
            (r#"["a", "b"]"#, word::<Strings>("a, b")),
            ("[]", word::<Strings>("")),
            (r#"{ "a" = "1", "b" = "2" }"#, word::<Names>("b=2, a=1")),
            ("{}", word::<Names>("")),
        ] {
            assert_eq!(read.as_deref(), Ok(shown));
        }
    }

    #[test]
    fn every_kind_refuses_what_it_is_not_and_says_how_to_write_it() {
        for (hint, read) in [
            ("is empty", word::<PathBuf>("")),
            ("127.0.0.1:8400", word::<SocketAddr>("localhost")),
            ("30s", word::<Duration>("90")),
            ("true or false", word::<bool>("yes")),
            ("out of range", word::<u8>("256")),
            ("out of range", word::<u8>("-1")),
            (
                "whole number",
                u64::read(&Given::Text("5".into())).map(|n| n.show()),
            ),
            (
                "this is a number",
                String::read(&Given::Integer(5)).map(|s| s.show()),
            ),
            (
                "like [",
                Vec::<String>::read(&Given::Text("a".into())).map(|s| s.show()),
            ),
            ("name=value", word::<BTreeMap<String, String>>("a")),
        ] {
            assert!(
                read.as_ref().is_err_and(|said| said.contains(hint)),
                "{hint}: {read:?}"
            );
        }
    }
}
