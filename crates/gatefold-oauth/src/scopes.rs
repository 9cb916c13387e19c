//! What may be done in somebody's name: `scope` of RFC 6749, section 3.3.

use std::{collections::BTreeSet, fmt, str::FromStr};

/// The longest list that is taken, in bytes.
const MAX_LEN: usize = 8192;

/// The scope without which nothing is an atproto session.
pub(crate) const ATPROTO: &str = "atproto";

/// A set of scopes.
///
/// Two scopes are the same when they are the same text: what a server understood in another way is
/// found by comparing what it granted with what was asked for ([`Scopes::missing_from`]), because an
/// authorization server leaves out what it does not know without a word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Box<str>>);

/// Text that is no list of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a list of scopes: printable characters without quotes, separated by single spaces")]
pub struct InvalidScopes;

impl Scopes {
    /// Whether a scope is among them.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// Those of these that are not among the granted ones.
    #[must_use]
    pub fn missing_from(&self, granted: &Self) -> Self {
        Self(self.0.difference(&granted.0).cloned().collect())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }
}

impl FromStr for Scopes {
    type Err = InvalidScopes;

    fn from_str(text: &str) -> Result<Self, InvalidScopes> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let is_scope = |scope: &str| {
            !scope.is_empty()
                && scope
                    .bytes()
                    .all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
        };
        if text.len() <= MAX_LEN && text.split(' ').all(is_scope) {
            Ok(Self(text.split(' ').map(Box::from).collect()))
        } else {
            Err(InvalidScopes)
        }
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.0.iter().enumerate() {
            if place > 0 {
                out.write_str(" ")?;
            }
            out.write_str(scope)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_scopes_is_read_and_written() {
        for (text, written) in [
            ("", Some("")),
            ("atproto", Some("atproto")),
            (
                "repo:fm.plyr.track?action=create blob:audio/* atproto",
                Some("atproto blob:audio/* repo:fm.plyr.track?action=create"),
            ),
            ("atproto atproto", Some("atproto")),
            (" atproto", None),
            ("atproto ", None),
            ("atproto  blob:audio/*", None),
            ("atproto\tblob:audio/*", None),
            ("at\"proto", None),
            ("at\\proto", None),
            ("atpröto", None),
        ] {
            let scopes = text.parse::<Scopes>().ok();
            assert_eq!(scopes.map(|scopes| scopes.to_string()).as_deref(), written);
        }
        assert!("a".repeat(MAX_LEN + 1).parse::<Scopes>().is_err());
    }

    #[test]
    fn what_is_missing_is_named() {
        let asked: Scopes = "atproto blob:audio/* repo:fm.plyr.track".parse().unwrap();
        let granted: Scopes = "atproto repo:fm.plyr.track extra".parse().unwrap();
        assert_eq!(asked.missing_from(&granted).to_string(), "blob:audio/*");
        assert!(asked.missing_from(&asked).is_empty());
        assert!(granted.contains(ATPROTO));
        assert_eq!(granted.iter().count(), 3);
    }
}
