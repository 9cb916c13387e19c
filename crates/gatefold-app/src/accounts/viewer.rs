//! Who asks, and what they may see of their own.

use gatefold_domain::{Did, Handle, SessionId, SessionKind, Timestamp};

use super::secret::PublicId;

/// What a request shows of a session. Which of the two it was decides which kinds of session count.
pub enum Credential<'a> {
    /// The session cookie: browser sessions alone.
    Cookie(&'a str),
    /// `Authorization: Bearer`: command lines and developer tokens alone.
    Bearer(&'a str),
}

/// A person with a live session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Their identity.
    pub did: Did,
    /// The handle that they signed in with, or have by now.
    pub handle: Option<Handle>,
    /// Their session.
    pub session: SessionId,
    /// What kind it is.
    pub kind: SessionKind,
    /// When it ends by itself.
    pub expires: Timestamp,
}

/// An account that the same browser is signed in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName {
    /// Its identity.
    pub did: Did,
    /// Its handle, when one is known to be its own.
    pub handle: Option<Handle>,
}

/// A session, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionEntry {
    /// Names it; no secret.
    pub id: SessionId,
    /// What kind it is.
    pub kind: SessionKind,
    /// What a developer token was named.
    pub name: Option<String>,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, give or take a few minutes.
    pub last_seen: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
    /// Whether this is the one that asks.
    pub current: bool,
}

/// A developer token, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeveloperToken {
    /// The eight characters that its text begins with.
    pub public_id: PublicId,
    /// What it was named.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

/// For how long a developer token is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLife(u16);

impl TokenLife {
    /// The longest, in days.
    pub const MAX_DAYS: u16 = 365;

    /// So many days; 0 for as many as the grant can live.
    #[must_use]
    pub fn from_days(days: u64) -> Option<Self> {
        u16::try_from(days)
            .ok()
            .filter(|days| *days <= Self::MAX_DAYS)
            .map(Self)
    }

    /// How many days; 0 for as many as the grant can live.
    #[must_use]
    pub const fn days(self) -> u16 {
        self.0
    }
}

impl Default for TokenLife {
    fn default() -> Self {
        Self(90)
    }
}

/// One thing that happened to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Orders entries; the key for the next page.
    pub id: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened, as a stable word: `signed_in`, `token_created`, …
    pub event: &'static str,
    /// What it concerns, for example a token's name.
    pub subject: Option<String>,
    /// From where, as a network and not an address.
    pub network: Option<String>,
}

/// Entries, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// What to ask for next, when there is more.
    pub before: Option<i64>,
}
