//! Sessions: what a client shows of a sign-in.

use std::{fmt, str::FromStr};

/// What kind of client a session is for, which decides how it may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// A person's browser: by cookie alone.
    Browser,
    /// The command line: as a bearer token alone.
    CommandLine,
    /// A program that its owner gave a named token: as a bearer token alone.
    Developer,
}

impl SessionKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Browser, Self::CommandLine, Self::Developer];

    /// The word under which it is kept and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::CommandLine => "command_line",
            Self::Developer => "developer",
        }
    }
}

impl FromStr for SessionKind {
    type Err = InvalidSessionKind;

    fn from_str(text: &str) -> Result<Self, InvalidSessionKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(InvalidSessionKind)
    }
}

/// Names a session, or the browser that several of them belong to: 16 random bytes, written as 32
/// lower-case hexadecimal digits. No secret: who knows it can do nothing with it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId([u8; Self::LEN]);

impl SessionId {
    /// Its length in bytes.
    pub const LEN: usize = 16;

    /// The id of these bytes, which are to be random.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl FromStr for SessionId {
    type Err = InvalidSessionId;

    fn from_str(text: &str) -> Result<Self, InvalidSessionId> {
        let digits = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 2 * Self::LEN || !text.as_bytes().iter().all(digits) {
            return Err(InvalidSessionId);
        }
        u128::from_str_radix(text, 16)
            .map(|bits| Self(bits.to_be_bytes()))
            .map_err(|_| InvalidSessionId)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A word that names no kind of session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSessionKind;

impl fmt::Display for InvalidSessionKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("not a kind of session")
    }
}

impl std::error::Error for InvalidSessionKind {}

/// Text that names no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSessionId;

impl fmt::Display for InvalidSessionId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("not the id of a session: those have 32 hexadecimal digits")
    }
}

impl std::error::Error for InvalidSessionId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_ids_are_read_as_they_are_written() {
        for kind in SessionKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert_eq!("cookie".parse::<SessionKind>(), Err(InvalidSessionKind));
        let id = SessionId::from_bytes([7; 16]);
        assert_eq!(id.to_string(), "07".repeat(16));
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in [
            "",
            "07",
            &"0A".repeat(16),
            &"+7".repeat(16),
            &"07".repeat(17),
        ] {
            assert_eq!(text.parse::<SessionId>(), Err(InvalidSessionId), "{text}");
        }
    }
}
