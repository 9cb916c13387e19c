//! What an authorization server sends a person back with.

use crate::{Secret, form};

/// The longest query that is taken, in bytes.
const MAX_LEN: usize = 8192;

/// The parameters of a callback (RFC 6749, sections 4.1.2 and 4.1.2.1; `iss` of RFC 9207). It has no
/// `Debug`.
#[derive(Clone, Default)]
pub struct CallbackQuery {
    /// Which sign-in this is.
    pub state: Option<Secret>,
    /// What is exchanged for tokens.
    pub code: Option<Secret>,
    /// Who sends it.
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// The query is not one, or says something twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the query of a callback")]
pub struct InvalidQuery;

impl CallbackQuery {
    /// Reads a query, as it stands behind the question mark. What is not known is ignored.
    ///
    /// # Errors
    /// When it is not well-formed, or one of its parameters is there twice.
    pub fn parse(query: &str) -> Result<Self, InvalidQuery> {
        if query.len() > MAX_LEN {
            return Err(InvalidQuery);
        }
        let mut read = Self::default();
        for (name, value) in form::decode(query).ok_or(InvalidQuery)? {
            let twice = match name.as_str() {
                "state" => read.state.replace(Secret::new(value)).is_some(),
                "code" => read.code.replace(Secret::new(value)).is_some(),
                "iss" => read.iss.replace(value).is_some(),
                "error" => read.error.replace(value).is_some(),
                _ => false,
            };
            if twice {
                return Err(InvalidQuery);
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_says_everything_once() {
        let query = "code=c%2Fd&state=s&iss=https%3A%2F%2Fas.example&more=1&more=2";
        let read = CallbackQuery::parse(query).ok().unwrap();
        assert_eq!(read.state.unwrap().expose(), "s");
        assert_eq!(read.code.unwrap().expose(), "c/d");
        assert_eq!(read.iss.as_deref(), Some("https://as.example"));
        assert_eq!(read.error, None);
        for bad in [
            "state=a&state=a",
            "code=a&code=b",
            "iss=a&iss=b",
            "error=a&error=b",
            "state=%ff",
            "st%61te=a&state=b",
            &"a".repeat(8193),
        ] {
            assert_eq!(CallbackQuery::parse(bad).err(), Some(InvalidQuery), "{bad}");
        }
        assert!(CallbackQuery::parse("").is_ok_and(|read| read.state.is_none()));
    }
}
