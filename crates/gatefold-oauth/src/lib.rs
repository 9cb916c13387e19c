//! Signing in with an atproto account, and acting in its name: the client's side of atproto OAuth.
//!
//! ```text
//! authorize   handle -> DID -> PDS -> issuer -> pushed request (PAR) -> a URL for the person
//! callback    state, error, iss -> code -> sub and its issuer -> scopes -> a grant in the store
//! person      the grant -> DPoP proof -> PDS      (expired? one refresh for all processes)
//! revoke      the grant is gone here, and given back there
//! ```
//!
//! The specifications: the [atproto OAuth profile](https://atproto.com/specs/oauth) of OAuth 2.1,
//! pushed requests (RFC 9126), PKCE (RFC 7636), DPoP (RFC 9449), JWT assertions (RFC 7523), the
//! issuer in the answer (RFC 9207), revocation (RFC 7009), metadata (RFC 8414, RFC 9728).
//!
//! The clock, the randomness, the HTTP client and the store are parameters. Secrets have no `Debug`
//! and are overwritten when dropped; no error and no log line carries one.

mod answers;
mod authorize;
mod callback;
mod client;
mod discovery;
pub mod dns;
mod dpop;
mod encoding;
mod error;
mod fetch;
mod flights;
mod form;
mod grant;
pub mod identity;
mod jose;
mod keys;
pub mod metadata;
mod nonces;
mod oauth;
mod pending;
mod person;
mod pkce;
mod query;
mod random;
mod refresh;
mod revoke;
mod scopes;
mod secret;
mod store;
mod tasks;
#[cfg(test)]
mod testing;
mod token;
#[cfg(test)]
mod web;
mod wire;

pub use answers::{ErrorCode, InvalidAnswer, TokenAnswer};
pub use authorize::{AuthorizeOptions, Prompt, SIGN_IN_TIME, Started};
pub use callback::Finished;
pub use client::{ClientConfig, ClientConfigError, JWKS_PATH, METADATA_PATH};
pub use dpop::DpopKey;
pub use encoding::EncodingError;
pub use error::{AuthorizeError, CallbackError, CallbackReason, PersonError};
pub use grant::{Grant, GrantId, InvalidGrantId};
pub use identity::{Identity, IdentityError, Resolver, ResolverOptions};
pub use jose::{InvalidKey, SCALAR_LEN};
pub use keys::{ClientKey, ClientKeys, KeyFileError, KeyId, PUBLISHED_AHEAD, RotationError};
pub use metadata::MetadataError;
pub use oauth::{KeptAlive, Limits, OAuth, OAuthParts};
pub use pending::{Pending, StateHash, StateToken};
pub use person::{Blob, Person};
pub use query::{CallbackQuery, InvalidQuery};
pub use scopes::{InvalidScopes, Scopes};
pub use secret::Secret;
pub use store::{Fence, GrantStore, MemoryStore, StoreError, StoreFuture};
