//! Why something about an account is refused.

use gatefold_store::StoreError;

use crate::Trouble;

/// Why an account cannot be asked for something, or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// Their owner has nothing of that name.
    #[error("there is no such thing")]
    NotFound,
    /// What was asked can only be asked with a browser session.
    #[error("only a browser session may do this")]
    BrowserOnly,
    /// Nothing can be answered.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl From<StoreError> for AccountsError {
    fn from(error: StoreError) -> Self {
        Self::Trouble(error.into())
    }
}

/// Why a sign-in cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// Nothing was typed, or nothing that could name an account.
    #[error("this is not a handle: one looks like name.example.com")]
    NotAHandle,
    /// Nobody has this handle.
    #[error("nobody has this handle")]
    UnknownHandle,
    /// The handle and the identity that it names do not agree.
    #[error("the handle leads to an identity that does not call itself so")]
    HandleMismatch,
    /// The identity cannot be found, or says nothing of a server.
    #[error("this identity has no data server that could be asked")]
    NoServer,
    /// Whoever knows of the handle or the identity does not answer.
    #[error("this account cannot be looked up at the moment")]
    LookUpUnavailable,
    /// The person's server does not answer.
    #[error("the server of this account does not answer")]
    ServerUnavailable,
    /// The person's server answers, but not as the AT Protocol's sign-in wants it.
    #[error("the server of this account does not offer sign-in as the AT Protocol describes it")]
    ServerUnsuitable,
    /// The person's server will not let this site ask.
    #[error("the server of this account refuses this site: {0}")]
    ServerRefuses(String),
    /// A developer token is for the account that asks for it.
    #[error("a developer token is for the account that is signed in")]
    OtherAccount,
    /// The rest.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
}

/// Why a sign-in does not end in one.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// The sign-in is over, was never begun here, or was used already.
    #[error("this sign-in is over, or was never begun here: begin again")]
    UnknownState,
    /// It began in another browser.
    #[error("this sign-in was begun in another browser")]
    OtherBrowser,
    /// The person said no.
    #[error("the sign-in was refused")]
    Denied,
    /// The authorization server ended it for a reason of its own (its `error`, a word).
    #[error("the server of this account ended the sign-in: {0}")]
    ServerEnded(String),
    /// The answer comes from another server than the one that was asked.
    #[error("the answer does not come from the server that was asked")]
    WrongIssuer,
    /// Somebody else than expected signed in.
    #[error("another account signed in than the one that was asked for")]
    OtherAccount,
    /// The server left out what this site cannot do without.
    #[error("the server of this account did not grant what this site needs: {}", .0.join(" "))]
    ScopeMissing(Vec<String>),
    /// The server cannot be reached, or not be understood.
    #[error("the server of this account could not complete the sign-in")]
    ServerUnavailable,
    /// The request is not what an authorization server sends.
    #[error("this is not how a sign-in ends")]
    Malformed,
    /// The rest.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
}

/// Why an exchange token yields nothing. Unknown, used up, too late and not yours look alike.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// Unknown, used, too old, or shown by somebody who did not begin the sign-in.
    #[error("this exchange token is not good, or not yours")]
    Refused,
    /// The rest.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
}
