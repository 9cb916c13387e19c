//! Why nobody can sign in at a server.

/// Why a server's metadata does not let anybody sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// The server cannot be asked at the moment. Try again later.
    #[error("the server cannot be reached at the moment")]
    Unreachable,
    /// The server has no such metadata: it is no atproto server, or an old one without OAuth.
    #[error("the server is no atproto server with OAuth")]
    NotAtproto,
    /// The server's metadata is that of another server, or the authorization server does not count
    /// it among its own.
    #[error("the server and its authorization server do not agree that they belong together")]
    OtherResource,
    /// The server does not name exactly one authorization server by its URL.
    #[error("the server does not name exactly one authorization server")]
    NoIssuer,
    /// The authorization server says that it is another one.
    #[error("the authorization server calls itself by another URL")]
    OtherIssuer,
    /// The authorization server lacks something that the atproto profile of OAuth demands: this
    /// field of its metadata is missing or not as it has to be.
    #[error("the authorization server does not support atproto: {0}")]
    Lacks(&'static str),
}
