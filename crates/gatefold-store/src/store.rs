//! The database, opened.

use std::{sync::Arc, time::Duration};

use gatefold_domain::Timestamp;
use sea_orm::DbBackend;

use crate::{
    accounts::Accounts,
    albums::Albums,
    artists::Artists,
    audit::Audit,
    changes::Changes,
    connection::{On, Pool},
    crypter::{ColumnKeyId, Crypter},
    documents::Documents,
    error::{OpenError, StoreError},
    exchange_tokens::ExchangeTokens,
    grants::Grants,
    images::Images,
    jobs::Jobs,
    leases::Leases,
    likes::Likes,
    migrate,
    objects::Objects,
    open::{self, Connections, Watcher},
    pending::PendingAuthorizations,
    plays::Plays,
    run,
    sealed_rows::SealedTable,
    sessions::Sessions,
    tags::Tags,
    tracks::Tracks,
    uploads::Uploads,
    url::DatabaseUrl,
    waveforms::Waveforms,
};

/// How a database is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Connections at one time; of SQLite, those that read.
    pub connections: u32,
    /// Whether what is missing of the schema is made.
    pub migrate: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 8,
            migrate: true,
        }
    }
}

/// The database. Clones are the same one.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    connections: Connections,
    crypter: Crypter,
}

impl Store {
    /// Opens a database, and makes it where it is a file that is not there. The schema is brought up
    /// to date when the options say so; of several processes that do so at once, one does and the
    /// others wait.
    ///
    /// # Errors
    /// When it cannot be reached, is none, has another schema, or has values under a key that the
    /// crypter lacks.
    pub async fn open(
        url: &DatabaseUrl,
        crypter: Crypter,
        options: Options,
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        let connections = open::connect(url, options.connections, None).await?;
        Self::over(url, connections, (crypter, options), now).await
    }

    /// The same, with somebody who is told of every statement and its values: for tests and benchmarks. What
    /// they are told is never to be logged.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_watched(
        url: &DatabaseUrl,
        crypter: Crypter,
        options: Options,
        now: Timestamp,
        watcher: Watcher,
    ) -> Result<Self, OpenError> {
        let connections = open::connect(url, options.connections, Some(&watcher)).await?;
        Self::over(url, connections, (crypter, options), now).await
    }

    async fn over(
        url: &DatabaseUrl,
        connections: Connections,
        (crypter, options): (Crypter, Options),
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        let opened = async {
            migrate::bring_up_to_date(&connections.write, options.migrate, now).await?;
            let store = Self(Arc::new(Inner {
                connections: connections.clone(),
                crypter,
            }));
            for (id, _) in store.keys_of(SealedTable::Grants).await? {
                if !store.crypter().knows(id) {
                    return Err(OpenError::KeyMissing(id));
                }
            }
            Ok(store)
        };
        let opened = opened.await.map_err(|error| open::explain(url, error));
        if opened.is_err() {
            connections.close().await;
        }
        opened
    }

    /// Who has signed in here.
    #[must_use]
    pub fn accounts(&self) -> Accounts<'_> {
        Accounts(self)
    }

    /// Who has tracks here.
    #[must_use]
    pub fn artists(&self) -> Artists<'_> {
        Artists(self)
    }

    /// What is to be heard here.
    #[must_use]
    pub fn tracks(&self) -> Tracks<'_> {
        Tracks(self)
    }

    /// What authorization servers gave for them.
    #[must_use]
    pub fn grants(&self) -> Grants<'_> {
        Grants(self)
    }

    /// Sign-ins that have begun.
    #[must_use]
    pub fn pending(&self) -> PendingAuthorizations<'_> {
        PendingAuthorizations(self)
    }

    /// What clients show.
    #[must_use]
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }

    /// What becomes a session when it is redeemed.
    #[must_use]
    pub fn exchange_tokens(&self) -> ExchangeTokens<'_> {
        ExchangeTokens(self)
    }

    /// What happened to accounts.
    #[must_use]
    pub fn audit(&self) -> Audit<'_> {
        Audit(self)
    }

    /// What processes tell each other.
    #[must_use]
    pub fn changes(&self) -> Changes<'_> {
        Changes(self)
    }

    /// Pictures.
    #[must_use]
    pub fn images(&self) -> Images<'_> {
        Images(self)
    }

    /// How loud files are.
    #[must_use]
    pub fn waveforms(&self) -> Waveforms<'_> {
        Waveforms(self)
    }

    /// Who likes what.
    #[must_use]
    pub fn likes(&self) -> Likes<'_> {
        Likes(self)
    }

    /// Who has heard what.
    #[must_use]
    pub fn plays(&self) -> Plays<'_> {
        Plays(self)
    }

    /// What is found by its words.
    #[must_use]
    pub fn documents(&self) -> Documents<'_> {
        Documents(self)
    }

    /// What artists put together.
    #[must_use]
    pub fn albums(&self) -> Albums<'_> {
        Albums(self)
    }

    /// The words on tracks.
    #[must_use]
    pub fn tags(&self) -> Tags<'_> {
        Tags(self)
    }

    /// What is in the buckets.
    #[must_use]
    pub fn objects(&self) -> Objects<'_> {
        Objects(self)
    }

    /// What artists send.
    #[must_use]
    pub fn uploads(&self) -> Uploads<'_> {
        Uploads(self)
    }

    /// What follows changes.
    #[must_use]
    pub fn jobs(&self) -> Jobs<'_> {
        Jobs(self)
    }

    /// Who does what only one may do.
    #[must_use]
    pub fn leases(&self) -> Leases<'_> {
        Leases(self)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let reader = self.reader();
        run::bounded(reader.home(), reader.inner().ping()).await
    }

    /// The newest schema that this program knows, which is what an opened database has.
    #[must_use]
    pub fn schema(&self) -> i64 {
        migrate::newest()
    }

    /// Closes all connections, and waits for those that are in use for at most 5 seconds. Clones are
    /// closed with it.
    pub async fn close(&self) {
        let closing = self.0.connections.close();
        // Whoever still asks for something is cut off.
        let _ = tokio::time::timeout(Duration::from_secs(5), closing).await;
    }

    /// The key that values are encrypted under from now on.
    #[must_use]
    pub fn primary_key(&self) -> ColumnKeyId {
        self.crypter().primary()
    }

    pub(crate) fn reader(&self) -> &Pool {
        &self.0.connections.read
    }

    pub(crate) fn writer(&self) -> &Pool {
        &self.0.connections.write
    }

    pub(crate) fn crypter(&self) -> &Crypter {
        &self.0.crypter
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.writer().inner().get_database_backend() == DbBackend::Postgres
    }
}
