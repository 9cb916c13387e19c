//! What can go wrong, as those see it who use the crate.
//!
//! No text here comes from a server, but for the word of an [`ErrorCode`]; none carries an address, a
//! token or a person.

use std::time::Duration;

use crate::{ErrorCode, IdentityError, MetadataError, StoreError};

/// Why a sign-in did not begin.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    /// What was typed names nobody, or whoever was named cannot be found.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Somebody else was named than has to sign in.
    #[error("another account is expected to sign in")]
    OtherAccount,
    /// The account's server does not say who may let people in, or not as it has to.
    #[error(transparent)]
    Server(#[from] MetadataError),
    /// The authorization server refused the request.
    #[error("the authorization server refused the request: {0}")]
    Refused(ErrorCode),
    /// The authorization server does not answer, or not as it has to.
    #[error("the authorization server cannot be asked at the moment")]
    Unavailable,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a callback did not become a grant. Whatever the server gave on the way has been given back.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct CallbackError {
    /// The reason.
    #[source]
    pub reason: CallbackReason,
    /// What the application kept with the sign-in, where there was one.
    pub app_state: Option<Vec<u8>>,
}

/// The reasons of [`CallbackError`], in the order in which they are looked for.
#[derive(Debug, thiserror::Error)]
pub enum CallbackReason {
    /// No sign-in began with this state, or it has come back already, or too late.
    #[error("no sign-in with this state is waiting")]
    UnknownState,
    /// The person said no.
    #[error("the sign-in was denied")]
    Denied,
    /// The authorization server ended the sign-in.
    #[error("the authorization server ended the sign-in: {0}")]
    Ended(ErrorCode),
    /// The answer comes from another server than was asked, or does not say from which (RFC 9207).
    #[error("the answer does not come from the server that was asked")]
    WrongIssuer,
    /// There is no code.
    #[error("the answer has no code")]
    NoCode,
    /// The server did not take the code.
    #[error("the authorization server did not take the code: {0}")]
    Refused(ErrorCode),
    /// The server does not answer, or not as it has to.
    #[error("the authorization server cannot be asked at the moment")]
    Unavailable,
    /// Somebody else signed in than was expected.
    #[error("another account signed in than was expected")]
    OtherAccount,
    /// Whoever signed in cannot be found.
    #[error(transparent)]
    Identity(IdentityError),
    /// The server of whoever signed in does not say who may let them in.
    #[error(transparent)]
    Server(MetadataError),
    /// The server of whoever signed in names another authorization server: this one has no say over
    /// the account.
    #[error("the authorization server has no say over this account")]
    WrongServer,
    /// The server did not grant the scope `atproto`.
    #[error("the authorization server did not grant an atproto session")]
    NoSession,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a request as a person was not answered.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// The grant has ended, or never was: the person has to sign in again. It is no longer kept.
    #[error("the session has ended: sign in again")]
    SessionEnded,
    /// The client key that the grant is pinned to is not here any more. The grant is kept, in case
    /// that the key comes back.
    #[error("the client key of this session was retired: sign in again")]
    KeyRetired,
    /// The grant does not allow this.
    #[error("the session does not allow this")]
    ScopeMissing,
    /// The server wants to be asked less.
    #[error("the server has been asked too often")]
    RateLimited {
        /// After how long it may be asked again, when it says so.
        retry_after: Option<Duration>,
    },
    /// The server does not answer, or not as it has to. The grant is kept.
    #[error("the server cannot be asked at the moment")]
    Unavailable,
    /// The server refused the request for what it is.
    #[error("the server refused the request with status {status}: {code}")]
    Invalid {
        /// The status.
        status: u16,
        /// The server's word for it.
        code: ErrorCode,
    },
    /// The request is none, or larger than may be sent.
    #[error("this request cannot be sent")]
    Request,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
