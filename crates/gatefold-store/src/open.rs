//! Connections to a database.

use std::{path::Path, sync::Arc, time::Duration};

use sea_orm::{DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector};
use sqlx::{
    ConnectOptions, Connection,
    pool::PoolOptions,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{
    connection::{On, Pool},
    error::{self, Cause, Kind, OpenError, StoreError},
    url::{DatabaseUrl, Place},
};

/// The longest wait for a connection that is free.
const ACQUIRE: Duration = Duration::from_secs(5);
/// The longest wait for another's lock.
const LOCK: Duration = Duration::from_secs(5);
/// The longest statement on PostgreSQL, by its own measure.
const STATEMENT: Duration = Duration::from_secs(10);
/// How much of SQLite's file is mapped into memory to be read, in bytes.
const MAPPED: u64 = 2 << 30;
/// How long a transaction may stand idle: its process has been stopped, and others wait for its
/// locks.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(30);
/// A connection that nobody used for so long is closed.
const IDLE: Duration = Duration::from_mins(10);
/// A connection is not used for longer, so that a changed name or certificate is noticed.
const LIFETIME: Duration = Duration::from_mins(30);

/// The connections of one database.
#[derive(Clone)]
pub(crate) struct Connections {
    pub(crate) read: Pool,
    /// The only one of SQLite that writes, so that nobody waits by asking again and again.
    pub(crate) write: Pool,
}

impl Connections {
    pub(crate) async fn close(&self) {
        // The readers first: SQLite tidies up when the last one closes, which has to be able to write.
        let _ = self.read.inner().close_by_ref().await;
        let _ = self.write.inner().close_by_ref().await;
    }
}

/// Is told of every statement, with its values.
pub type Watcher = Arc<dyn Fn(&str) + Send + Sync>;

/// Connects to a database. Not through `sea_orm::Database`, whose span shows the address with its
/// password.
pub(crate) async fn connect(
    url: &DatabaseUrl,
    connections: u32,
    watcher: Option<&Watcher>,
) -> Result<Connections, OpenError> {
    match url.place() {
        Place::Sqlite(path) => sqlite(path, connections, watcher)
            .await
            .map_err(|error| explain_driver(url, &error)),
        Place::Postgres(options) => postgres(options, connections, watcher)
            .await
            .map_err(|error| explain_driver(url, &error)),
    }
}

async fn sqlite(
    path: &Path,
    connections: u32,
    watcher: Option<&Watcher>,
) -> Result<Connections, sqlx::Error> {
    make_file(path).await?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        // What is acknowledged is on disk.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(LOCK)
        .disable_statement_logging();
    let write = pool(1).connect_with(options.clone()).await?;
    // Pages that are read are those of the system's own cache, and not copies of them.
    let reading = options
        .pragma("query_only", "ON")
        .pragma("mmap_size", MAPPED.to_string());
    let read = pool(connections).connect_lazy_with(reading);
    Ok(Connections {
        read: here(SqlxSqliteConnector::from_sqlx_sqlite_pool(read), watcher),
        write: here(SqlxSqliteConnector::from_sqlx_sqlite_pool(write), watcher),
    })
}

/// Makes an empty file that is its owner's alone; SQLite gives the files beside it the same mode.
async fn make_file(path: &Path) -> Result<(), sqlx::Error> {
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    tokio::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .await?;
    Ok(())
}

async fn postgres(
    options: &PgConnectOptions,
    connections: u32,
    watcher: Option<&Watcher>,
) -> Result<Connections, sqlx::Error> {
    let millis = |span: Duration| span.as_millis().to_string();
    let options = options.clone().options([
        ("statement_timeout", millis(STATEMENT)),
        ("lock_timeout", millis(LOCK)),
        // As for disks that find any page alike, or memory: else whole tables are read to spare fifty
        // look-ups.
        ("random_page_cost", "1.1".to_owned()),
        // Statements say in which order they join: first what is looked for. Looking for a better one takes
        // longer than the statement.
        ("join_collapse_limit", "1".to_owned()),
        (
            "idle_in_transaction_session_timeout",
            millis(IDLE_IN_TRANSACTION),
        ),
    ]);
    // The pool would ask again until its time is over, and not say why.
    let first = tokio::time::timeout(ACQUIRE, options.connect()).await;
    let first = first.map_err(|_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))??;
    first.close().await?;
    let both = pool(connections).connect_lazy_with(options);
    let both = here(
        SqlxPostgresConnector::from_sqlx_postgres_pool(both),
        watcher,
    );
    Ok(Connections {
        read: both.clone(),
        write: both,
    })
}

/// A pool of this runtime, whose statements are watched or not.
fn here(mut inner: DatabaseConnection, watcher: Option<&Watcher>) -> Pool {
    if let Some(watcher) = watcher.cloned() {
        inner.set_metric_callback(move |info| watcher(&info.statement.to_string()));
    }
    Pool::here(inner)
}

fn pool<D: sqlx::Database>(connections: u32) -> PoolOptions<D> {
    PoolOptions::new()
        .max_connections(connections.max(1))
        .acquire_timeout(ACQUIRE)
        .idle_timeout(IDLE)
        .max_lifetime(LIFETIME)
        // One that the server closed is noticed before it is used.
        .test_before_acquire(true)
}

/// What a failure to connect means.
fn explain_driver(url: &DatabaseUrl, error: &sqlx::Error) -> OpenError {
    let cause = error::cause(error);
    match url.file() {
        Some(path) => match error::kind(error) {
            Kind::NotADatabase => OpenError::NotADatabase(path.to_owned()),
            _ if matches!(error, sqlx::Error::Io(_)) => not_writable(path, cause),
            Kind::NotWritable => not_writable(path, cause),
            Kind::Unavailable => StoreError::Unavailable(cause).into(),
            Kind::Refused | Kind::Conflict | Kind::Defect => StoreError::Defect(cause).into(),
        },
        None => match error::kind(error) {
            Kind::Refused => OpenError::Refused {
                database: url.to_string(),
                cause,
            },
            _ => OpenError::Unreachable {
                database: url.to_string(),
                cause,
            },
        },
    }
}

fn not_writable(path: &Path, cause: Cause) -> OpenError {
    OpenError::NotWritable {
        path: path.to_owned(),
        cause,
    }
}

/// What a failure after connecting means: SQLite looks into its file only when it is asked for
/// something.
pub(crate) fn explain(url: &DatabaseUrl, error: OpenError) -> OpenError {
    match (url.file(), error) {
        (None, OpenError::Store(StoreError::Unavailable(cause))) => OpenError::Unreachable {
            database: url.to_string(),
            cause,
        },
        (_, error) => error,
    }
}
