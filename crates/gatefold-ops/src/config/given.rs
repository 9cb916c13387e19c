//! What somebody wrote as a value, before it is known what is wanted there.

use std::collections::BTreeMap;

use super::Place;

/// A value as it was written. It has no `Debug`, for it may be a secret.
#[derive(Clone)]
pub enum Given {
    /// Text of a variable or an option, where everything is text.
    Word(String),
    /// Text in a file.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
    /// Several values.
    List(Vec<Given>),
    /// Values with names, each with the place where it stands.
    Table(BTreeMap<String, (Place, Given)>),
    /// What no setting is made of, by the name of its kind.
    Other(&'static str),
}

impl Given {
    /// What kind of value it is, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Word(_) | Self::Text(_) => "text",
            Self::Integer(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(kind) => kind,
        }
    }

    /// The text, where it is one.
    ///
    /// # Errors
    /// What was expected instead.
    pub fn text(&self, wanted: &str) -> Result<&str, String> {
        match self {
            Self::Word(text) | Self::Text(text) => Ok(text),
            other => Err(format!("this is {}; {wanted}", other.kind())),
        }
    }
}
