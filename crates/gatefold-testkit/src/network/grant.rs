//! What a PDS has seen of its clients.

use serde::Deserialize;

/// A request for tokens, or to revoke some, and what came of it. It holds the tokens themselves, for
/// tests that look for them where they must not be.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Grant {
    /// `authorization_code`, `refresh_token` or `revocation`.
    pub grant: String,
    /// Which of its keys a confidential client signed with.
    pub kid: Option<String>,
    /// Whose tokens they are.
    pub sub: Option<String>,
    /// What they are good for.
    pub scope: Option<String>,
    /// The access token that was given.
    pub access_token: Option<String>,
    /// The refresh token that was given.
    pub refresh_token: Option<String>,
    /// The refresh token that was given up for them, or the token that was to be revoked.
    pub spent: Option<String>,
    /// Why there were none, as an OAuth error code.
    pub error: Option<String>,
}

/// A request to a PDS.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Seen {
    /// Its method.
    pub method: String,
    /// Its path, without the query.
    pub path: String,
    /// The status of the answer, once there was one.
    pub status: Option<u16>,
}
