//! Why somebody was not found.

/// Why an identity was not found. Each is something that whoever signs in can do something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// What was typed is neither a handle, nor a DID, nor the URL of a server. Type something else.
    #[error("neither a handle, nor a DID, nor the URL of a server")]
    Input,
    /// Nobody has this handle: a typing mistake, or its domain does not name an account.
    #[error("nobody has this handle")]
    NoSuchHandle,
    /// The domain of the handle cannot be asked at the moment. Try again later.
    #[error("the handle cannot be looked up at the moment")]
    HandleUnreachable,
    /// The domain of the handle names more than one account. Its owner has to remove a DNS record.
    #[error("the handle names more than one account")]
    SeveralDids,
    /// The account that the handle names goes by another one. Sign in with that, or with the DID.
    #[error("the account that this handle names does not go by it")]
    NotClaimed,
    /// There is no such account, or it has been closed.
    #[error("there is no such account")]
    UnknownDid,
    /// Whoever keeps the account's document cannot be asked at the moment. Try again later.
    #[error("the account cannot be looked up at the moment")]
    DidUnreachable,
    /// The account's document is not one, or that of somebody else.
    #[error("the account's DID document cannot be read")]
    BadDocument,
    /// The account's document names no server (PDS) that could be asked.
    #[error("the account has no server")]
    NoPds,
}
