//! Who may hear a track: its gate and its visibility, as its artist set them.

use std::{fmt, str::FromStr};

/// What a track demands of its listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gate {
    /// Nothing: it has a public address.
    Open,
    /// That they are signed in.
    SignedIn,
    /// That they support its artist.
    Supporters,
}

/// Where a track is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Everywhere.
    Public,
    /// In no list: to those who have its address.
    Unlisted,
    /// To its artist alone. For everybody else it does not exist.
    Draft,
}

/// Who may keep a file of a track. Its artist always may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Downloads {
    /// Nobody else.
    #[default]
    Off,
    /// Whoever may hear it.
    Listeners,
}

/// A word that names no gate or no visibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidWord;

impl Gate {
    /// Every gate, from the widest to the narrowest.
    pub const ALL: [Self; 3] = [Self::Open, Self::SignedIn, Self::Supporters];

    /// The word under which it is kept.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::SignedIn => "signed_in",
            Self::Supporters => "supporters",
        }
    }

    /// Whether it keeps anybody out.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Open)
    }
}

impl Visibility {
    /// Every visibility, from the widest to the narrowest.
    pub const ALL: [Self; 3] = [Self::Public, Self::Unlisted, Self::Draft];

    /// The word under which it is kept and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Draft => "draft",
        }
    }
}

impl Downloads {
    /// Every setting.
    pub const ALL: [Self; 2] = [Self::Off, Self::Listeners];

    /// The word under which it is kept and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Listeners => "listeners",
        }
    }
}

impl FromStr for Downloads {
    type Err = InvalidWord;

    fn from_str(text: &str) -> Result<Self, InvalidWord> {
        let mut all = Self::ALL.into_iter();
        all.find(|setting| setting.as_str() == text)
            .ok_or(InvalidWord)
    }
}

impl FromStr for Gate {
    type Err = InvalidWord;

    fn from_str(text: &str) -> Result<Self, InvalidWord> {
        let mut gates = Self::ALL.into_iter();
        gates.find(|gate| gate.as_str() == text).ok_or(InvalidWord)
    }
}

impl FromStr for Visibility {
    type Err = InvalidWord;

    fn from_str(text: &str) -> Result<Self, InvalidWord> {
        let mut all = Self::ALL.into_iter();
        all.find(|visibility| visibility.as_str() == text)
            .ok_or(InvalidWord)
    }
}

impl fmt::Display for InvalidWord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("not a word that is known here")
    }
}

impl std::error::Error for InvalidWord {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for gate in Gate::ALL {
            assert_eq!(gate.as_str().parse(), Ok(gate));
        }
        for visibility in Visibility::ALL {
            assert_eq!(visibility.as_str().parse(), Ok(visibility));
        }
        for text in ["", "Open", "none", "any"] {
            assert_eq!(text.parse::<Gate>(), Err(InvalidWord), "{text}");
            assert_eq!(text.parse::<Visibility>(), Err(InvalidWord), "{text}");
        }
    }
}
