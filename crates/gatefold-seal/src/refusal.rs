//! Why a sealed URL is refused: one closed list, in the order of the checks.

/// The stage of opening that refused. Stages run in this order and nothing runs after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The token's outer form: prefix, base64url, version, length.
    Token,
    /// The key identifiers in the header.
    Key,
    /// Authentication and decryption.
    Open,
    /// The plaintext's form, and its fields against each other.
    Payload,
    /// The scope that the edge's operator gave the minter.
    Scope,
    /// The window of time.
    Window,
    /// The client that the URL is bound to.
    Client,
}

impl Stage {
    /// The stage's name on the wire, in logs and in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Key => "key",
            Self::Open => "open",
            Self::Payload => "payload",
            Self::Scope => "scope",
            Self::Window => "window",
            Self::Client => "client",
        }
    }
}

/// A refusal. It says which check failed and never what the URL contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// Not a token: wrong prefix or length, or not canonical base64url without padding.
    #[error("this is not a sealed URL")]
    MalformedToken,
    /// The token's version is not one that this edge knows.
    #[error("this sealed URL is of an unknown version")]
    UnknownVersion,
    /// The edge holds no private key with this identifier.
    #[error("this URL was sealed for another edge")]
    UnknownEdgeKey,
    /// The edge knows no minter with this identifier.
    #[error("this URL was sealed by an unknown minter")]
    UnknownMinter,
    /// The edge's operator has retired the private key that the URL is sealed to.
    #[error("this URL was sealed for a key that the edge has retired")]
    RetiredEdgeKey,
    /// The edge's operator has retired the minter.
    #[error("this URL was sealed by a minter that the edge has retired")]
    RetiredMinter,
    /// Decryption failed: changed on its way, or not made by the minter that it names.
    #[error("this URL is not authentic")]
    NotAuthentic,
    /// The plaintext is not the canonical encoding of a payload.
    #[error("the sealed payload is not in its canonical form")]
    MalformedPayload,
    /// Fields contradict each other.
    #[error("the sealed payload contradicts itself")]
    InconsistentPayload,
    /// The source is of no known kind, or not in its one accepted spelling.
    #[error("the sealed source is not one that an edge can serve")]
    UnsupportedSource,
    /// The minter may not seal this source.
    #[error("the minter may not seal this source")]
    SourceOutOfScope,
    /// The minter may not seal for this client.
    #[error("the minter may not seal for this client")]
    ClientOutOfScope,
    /// The minter may not seal for so long.
    #[error("the minter may not seal for so long")]
    LifetimeOutOfScope,
    /// The window has yet to begin.
    #[error("this URL is not valid yet")]
    NotYet,
    /// The window has ended, and the grace after it.
    #[error("this URL has expired")]
    Expired,
    /// The request proves no identity, or says contradictory things about it.
    #[error("the request does not show who is asking")]
    NoClient,
    /// The request proves another identity than the one that the URL is bound to.
    #[error("this URL belongs to somebody else")]
    WrongClient,
}

impl Refusal {
    /// The check that failed.
    #[must_use]
    pub fn stage(self) -> Stage {
        match self {
            Self::MalformedToken | Self::UnknownVersion => Stage::Token,
            Self::UnknownEdgeKey
            | Self::UnknownMinter
            | Self::RetiredEdgeKey
            | Self::RetiredMinter => Stage::Key,
            Self::NotAuthentic => Stage::Open,
            Self::MalformedPayload | Self::InconsistentPayload | Self::UnsupportedSource => {
                Stage::Payload
            }
            Self::SourceOutOfScope | Self::ClientOutOfScope | Self::LifetimeOutOfScope => {
                Stage::Scope
            }
            Self::NotYet | Self::Expired => Stage::Window,
            Self::NoClient | Self::WrongClient => Stage::Client,
        }
    }

    /// The refusal's stable name on the wire.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::MalformedToken => "malformed_token",
            Self::UnknownVersion => "unknown_version",
            Self::UnknownEdgeKey => "unknown_edge_key",
            Self::UnknownMinter => "unknown_minter",
            Self::RetiredEdgeKey => "retired_edge_key",
            Self::RetiredMinter => "retired_minter",
            Self::NotAuthentic => "not_authentic",
            Self::MalformedPayload => "malformed_payload",
            Self::InconsistentPayload => "inconsistent_payload",
            Self::UnsupportedSource => "unsupported_source",
            Self::SourceOutOfScope => "source_out_of_scope",
            Self::ClientOutOfScope => "client_out_of_scope",
            Self::LifetimeOutOfScope => "lifetime_out_of_scope",
            Self::NotYet => "not_yet_valid",
            Self::Expired => "expired",
            Self::NoClient => "no_client",
            Self::WrongClient => "wrong_client",
        }
    }
}
