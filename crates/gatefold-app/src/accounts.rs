//! Accounts: signing in with an atproto account, and what comes of it.
//!
//! ```text
//! begin ----> authorization server ----> finish ----> exchange token ----> exchange ----> session
//! (binding)                                           (one use, 60 s)      (proof of who began)
//! ```
//!
//! What a sign-in is for is fixed when it begins ([`Purpose`]), and so is what its exchange token
//! yields. Whoever redeems the token must prove to be who began: a browser by the cookie that it was
//! given then, a command line by the verifier of its challenge, a developer token by the session that
//! asked for it. Secrets are kept as hashes alone.

mod browsers;
mod cache;
mod error;
mod flow;
mod repository;
mod secret;
mod service;
mod sessions;
mod sign_in;
mod state;
mod touches;
mod viewer;
mod work;

pub(crate) use cache::Memory;
pub use error::{AccountsError, BeginError, ExchangeError, FinishError};
pub use gatefold_store::Feature;
pub(crate) use repository::Asked;
pub use repository::{NamedError, RepositoryError};
pub use secret::{PublicId, SecretHash, SecretText};
pub use service::{Accounts, AccountsParts};
pub use sign_in::{
    Begin, Begun, CallbackQuery, Exchange, Exchanged, Finished, InvalidPath, LoopbackPort, Proof,
    Purpose, SitePath, VerifierChallenge,
};
pub use viewer::{
    AccountName, AuditEntry, AuditPage, Credential, DeveloperToken, SessionEntry, TokenLife, Viewer,
};
