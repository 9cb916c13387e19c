//! What accounts are made of.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use gatefold_domain::{Clock, SessionId, SessionKind, Timestamp};
use gatefold_oauth::{
    ClientConfig, ClientConfigError, ClientKeys, GrantId, OAuth, OAuthParts, Resolver,
};
use gatefold_store::{Store, StoreError};
use rand_core::CryptoRng;

use super::{cache::Memory, error::AccountsError, touches::Touches, viewer::TokenLife};
use crate::{Trouble, grant_store::Grants};

const DAY: Duration = Duration::from_hours(24);
/// How long a browser stays signed in.
const BROWSER_LIFE: Duration = DAY.saturating_mul(14);
/// How long a command line stays signed in, where the grant lives so long.
const COMMAND_LINE_LIFE: Duration = DAY.saturating_mul(90);
/// How long servers let the sessions of clients live that have no key.
const PUBLIC_LIFE: Duration = DAY.saturating_mul(14);
/// And of those that have one.
const CONFIDENTIAL_LIFE: Duration = DAY.saturating_mul(730);

/// How long servers are waited for when the site is to end: as long as a refresh may take.
const SETTLING: Duration = Duration::from_mins(1);

/// What accounts are made of.
pub struct AccountsParts {
    /// Where they are kept.
    pub store: Store,
    /// The client of their authorization servers.
    pub client: ClientConfig,
    /// The way out.
    pub net: gatefold_net::Client,
    /// Finds people and their servers.
    pub resolver: Resolver,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where secrets come from: one generator for sessions and one for the OAuth client.
    pub random: [Box<dyn CryptoRng + Send>; 2],
}

/// Everything that can be done with accounts. Share it in an [`Arc`].
pub struct Accounts {
    pub(super) store: Store,
    pub(super) oauth: OAuth,
    pub(super) resolver: Resolver,
    pub(super) grants: Arc<Grants>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) memory: Arc<Memory>,
    pub(super) touches: Touches,
    random: Mutex<Box<dyn CryptoRng + Send>>,
}

impl Accounts {
    /// Puts the parts together. Nothing is asked yet; [`Accounts::work`] has to run beside it.
    ///
    /// # Errors
    /// When authorization servers would refuse such a client.
    ///
    /// # Panics
    /// Outside of a runtime.
    pub fn new(parts: AccountsParts) -> Result<Self, ClientConfigError> {
        let [sessions, client] = parts.random;
        let memory = Arc::new(Memory::new());
        let grants = Arc::new(Grants {
            store: parts.store.clone(),
            clock: Arc::clone(&parts.clock),
            memory: Arc::clone(&memory),
        });
        let oauth = OAuth::new(OAuthParts {
            client: parts.client,
            net: parts.net,
            resolver: parts.resolver.clone(),
            store: Arc::clone(&grants) as _,
            clock: Arc::clone(&parts.clock),
            random: client,
            limits: gatefold_oauth::Limits::default(),
        })?;
        Ok(Self {
            store: parts.store,
            oauth,
            resolver: parts.resolver,
            grants,
            clock: parts.clock,
            memory,
            touches: Touches::here(),
            random: Mutex::new(sessions),
        })
    }

    /// The client's metadata, as JSON for `/oauth-client-metadata.json`.
    #[must_use]
    pub fn client_metadata(&self) -> String {
        self.oauth.client_metadata().to_string()
    }

    /// The client's public keys, as JSON for `/.well-known/jwks.json`.
    #[must_use]
    pub fn jwks(&self) -> String {
        self.oauth.jwks().to_string()
    }

    /// Uses other client keys from now on, as their file says.
    ///
    /// # Errors
    /// When there were keys and are none any more, or the other way round.
    pub fn set_client_keys(&self, keys: ClientKeys) -> Result<(), ClientConfigError> {
        self.oauth.set_keys(keys)
    }

    /// Ends: what is under way with people's servers is finished and kept, for as long as that takes
    /// at most, and so is what is being written; then the database is closed. To be called when nobody asks any more and
    /// [`Accounts::work`] has been dropped; a process that ends without it may lose what a server gave
    /// in its last moment, and with a refresh token a whole session.
    pub async fn close(&self) {
        if tokio::time::timeout(SETTLING, self.oauth.settled())
            .await
            .is_err()
        {
            tracing::warn!("some servers had not answered when the site ended");
        }
        if tokio::time::timeout(SETTLING, self.touches.end())
            .await
            .is_err()
        {
            tracing::warn!("that some sessions were in use was not kept when the site ended");
        }
        self.store.close().await;
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), AccountsError> {
        Ok(self.store.ping().await?)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// Lends the generator.
    pub(crate) fn random<T>(&self, take: impl FnOnce(&mut dyn CryptoRng) -> T) -> T {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        take(random.as_mut())
    }

    pub(crate) fn new_id(&self) -> SessionId {
        let mut bytes = [0; SessionId::LEN];
        self.random(|random| random.fill_bytes(&mut bytes));
        SessionId::from_bytes(bytes)
    }

    /// When a session ends that begins now.
    pub(crate) fn ends(&self, kind: SessionKind, life: TokenLife, now: Timestamp) -> Timestamp {
        let grant = if self.oauth.is_confidential() {
            CONFIDENTIAL_LIFE
        } else {
            PUBLIC_LIFE
        };
        let asked = match kind {
            SessionKind::Browser => BROWSER_LIFE,
            SessionKind::CommandLine => COMMAND_LINE_LIFE,
            SessionKind::Developer if life.days() == 0 => grant,
            SessionKind::Developer => DAY.saturating_mul(life.days().into()),
        };
        now.after(asked.min(grant))
    }

    /// Gives a grant back to its server, and forgets it. What fails is tried again by the sweep, which
    /// finds grants that nobody uses.
    pub(super) async fn revoke(&self, grant: &[u8; 16]) {
        if let Err(error) = self.oauth.revoke(GrantId::from_bytes(*grant)).await {
            tracing::warn!(%error, "a grant could not be removed yet");
        }
    }
}

impl From<gatefold_oauth::StoreError> for AccountsError {
    fn from(error: gatefold_oauth::StoreError) -> Self {
        match error.0.downcast::<StoreError>() {
            Ok(ours) => Self::from(*ours),
            Err(other) => Self::Trouble(Trouble::Broken(other)),
        }
    }
}
