//! What a program shows.

use std::str::FromStr;

use http::HeaderValue;
use zeroize::Zeroizing;

/// The longest, in bytes.
const MAX_LEN: usize = 4096;

/// A session's secret, or a developer token. It has no `Debug`, and is overwritten when dropped.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

/// Text that is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no token: one is a single line of letters, digits and signs")]
pub struct InvalidToken;

impl FromStr for Token {
    type Err = InvalidToken;

    /// Reads a token; spaces and line ends around it are what editors put there.
    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        let text = text.trim();
        let is_one =
            (1..=MAX_LEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_one
            .then(|| Self(Zeroizing::new(text.to_owned())))
            .ok_or(InvalidToken)
    }
}

impl Token {
    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// As a request shows it. Nothing is shown when it could not be a header, which it always can.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        let text = Zeroizing::new(format!("Bearer {}", self.expose()));
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_line() {
        for text in ["abc", " abc\n", "\tabc\r\n"] {
            let token: Token = text.parse().unwrap();
            assert_eq!(token.expose(), "abc");
            assert_eq!(token.header().unwrap(), "Bearer abc");
        }
        for text in ["", " ", "a b", "a\nb", "\u{e9}", "a\u{0}b"] {
            assert!(text.parse::<Token>().is_err(), "{text:?}");
        }
        assert!("a".repeat(MAX_LEN + 1).parse::<Token>().is_err());
    }
}
