//! The client: what it is made of, and what it can be asked for.

use std::sync::{Arc, PoisonError, RwLock};

use gatefold_domain::{Clock, Timestamp};
use rand_core::CryptoRng;
use serde_json::Value;

use crate::{
    ClientConfig, ClientConfigError, ClientKeys, Grant, GrantId, GrantStore, Pending, Person,
    PersonError, Resolver, StoreError, client::Client, flights::Flights, nonces::Nonces,
    random::Random, refresh, revoke, tasks::Tasks, token::AsClient, wire::Wire,
};

/// The client of authorization servers, for as many people as there are. Clones are the same client.
#[derive(Clone)]
pub struct OAuth(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) client: Client,
    keys: RwLock<Arc<ClientKeys>>,
    pub(crate) wire: Wire,
    pub(crate) resolver: Resolver,
    pub(crate) store: Arc<dyn GrantStore>,
    pub(crate) flights: Flights,
    pub(crate) tasks: Tasks,
    pub(crate) limits: Limits,
}

/// What a client is made of.
pub struct OAuthParts {
    /// Who it is.
    pub client: ClientConfig,
    /// The way out.
    pub net: gatefold_net::Client,
    /// Finds people and their servers.
    pub resolver: Resolver,
    /// Where sign-ins and grants are kept.
    pub store: Arc<dyn GrantStore>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where keys, states and the like come from.
    pub random: Box<dyn CryptoRng + Send>,
    /// The most that is sent and read.
    pub limits: Limits,
}

/// The most that is sent to and read from a person's server, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A JSON body that is sent.
    pub request: usize,
    /// An answer.
    pub answer: usize,
    /// A blob that is uploaded.
    pub blob: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request: 1024 * 1024,
            answer: 4 * 1024 * 1024,
            blob: 100 * 1024 * 1024,
        }
    }
}

/// What [`OAuth::keep_alive`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptAlive {
    /// Nothing: the grant was used not long ago.
    NotYet,
    /// The grant was refreshed.
    Refreshed,
}

impl OAuth {
    /// Makes the client. Nothing is asked yet. What has to be finished even if whoever asked leaves
    /// runs in the runtime that this is called in, wherever it is asked for.
    ///
    /// # Errors
    /// When servers would refuse such a client.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn new(parts: OAuthParts) -> Result<Self, ClientConfigError> {
        let (client, keys) = Client::new(parts.client)?;
        Ok(Self(Arc::new(Inner {
            client,
            keys: RwLock::new(Arc::new(keys)),
            wire: Wire {
                net: parts.net,
                random: Random::new(parts.random),
                clock: parts.clock,
                nonces: Nonces::default(),
            },
            resolver: parts.resolver,
            store: parts.store,
            flights: Flights::default(),
            tasks: Tasks::here(),
            limits: parts.limits,
        })))
    }

    /// Uses other keys from now on: those of a file that has changed.
    ///
    /// # Errors
    /// [`ClientConfigError::Kind`] when there were keys and are none any more, or the other way round.
    pub fn set_keys(&self, keys: ClientKeys) -> Result<(), ClientConfigError> {
        let mut held = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        if held.is_empty() != keys.is_empty() {
            return Err(ClientConfigError::Kind);
        }
        *held = Arc::new(keys);
        Ok(())
    }

    /// The client's name to authorization servers: the URL of [`Self::client_metadata`], or the one
    /// of development.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.0.client.id
    }

    /// Whether the client proves itself with a key.
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        !self.0.keys().is_empty()
    }

    /// The client's metadata, to be served as JSON at [`METADATA_PATH`](crate::METADATA_PATH).
    #[must_use]
    pub fn client_metadata(&self) -> Value {
        self.0.client.metadata(&self.0.keys())
    }

    /// The client's public keys, to be served as JSON at [`JWKS_PATH`](crate::JWKS_PATH).
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.0.keys().jwks()
    }

    /// Requests in the name of the person whose grant this is.
    #[must_use]
    pub fn person(&self, grant: GrantId) -> Person {
        Person::new(Arc::clone(&self.0), grant)
    }

    /// Ends a grant: it is deleted in any case, and given back to its server (RFC 7009) as far as
    /// that can be asked. It is finished even if whoever asked leaves, and waited for for a few
    /// seconds at most: a refresh that is under way is let end first, and the server may be slow.
    ///
    /// # Errors
    /// When the store fails; then it may be there still.
    pub async fn revoke(&self, grant: GrantId) -> Result<(), StoreError> {
        revoke::revoke(&self.0, grant).await
    }

    /// Waits until nothing is under way that nobody may be waiting for: sign-ins that come back,
    /// refreshes, grants that are given back. A process that ends before loses what a server has just
    /// given, and with a refresh token the whole session. Nothing new should be asked for by then.
    pub async fn settled(&self) {
        self.0.tasks.settled().await;
    }

    /// Refreshes a grant that has not been refreshed for long, so that it does not end by lying idle:
    /// after two weeks for a public client, after three months for a confidential one. To be called
    /// every day or so, by one process.
    ///
    /// # Errors
    /// As for a request.
    pub async fn keep_alive(&self, grant: GrantId) -> Result<KeptAlive, PersonError> {
        refresh::keep_alive(&self.0, grant).await
    }
}

impl Inner {
    /// The keys of this moment.
    pub(crate) fn keys(&self) -> Arc<ClientKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.wire.now()
    }
}

impl Pending {
    /// The client that this sign-in is pinned to.
    pub(crate) fn client<'a>(&'a self, keys: &'a ClientKeys) -> AsClient<'a> {
        AsClient {
            id: &self.client_id,
            key: self.client_key.as_ref(),
            keys,
            issuer: &self.issuer,
        }
    }
}

impl Grant {
    /// The client that this grant is pinned to.
    pub(crate) fn client<'a>(&'a self, keys: &'a ClientKeys) -> AsClient<'a> {
        AsClient {
            id: &self.client_id,
            key: self.client_key.as_ref(),
            keys,
            issuer: &self.issuer,
        }
    }
}
