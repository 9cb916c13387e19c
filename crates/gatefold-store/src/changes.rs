//! `changes`: what processes on one database tell each other, so that what one of them ended is not
//! remembered by another.
//!
//! A process begins with [`Changes::cursor`], then asks [`Changes::since`] twice a second. Changes
//! appear in the order of their numbers, so none is passed over.

use std::fmt;

use gatefold_domain::{Did, ObjectKey, SessionId, Timestamp, TrackId};
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{Expr, ExprTrait, Order, Query},
};
use tokio::runtime::Handle;

use crate::{
    connection::{On, Transaction},
    error::StoreError,
    row::{get, insert, parsed},
    run,
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "changes")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Id,
    At,
    What,
    Key,
}

/// The most changes that one answer has. When there are more, forgetting everything is cheaper.
const MOST: u64 = 1000;

/// Something that others may remember otherwise.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Change {
    /// A session ended, or has another secret.
    Session(SessionId),
    /// A session began in this browser.
    Browser(SessionId),
    /// Something that is kept of an account changed.
    Account(Did),
    /// A track, its files or who may hear it.
    Track(TrackId),
    /// An object is public no more.
    Withdrawn(ObjectKey),
}

impl fmt::Debug for Change {
    /// Without the keys of objects, which are told to nobody.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(id) => out.debug_tuple("Session").field(&id.to_string()).finish(),
            Self::Browser(id) => out.debug_tuple("Browser").field(&id.to_string()).finish(),
            Self::Account(did) => out.debug_tuple("Account").field(did).finish(),
            Self::Track(id) => out.debug_tuple("Track").field(id).finish(),
            Self::Withdrawn(_) => out.write_str("Withdrawn"),
        }
    }
}

/// Up to where changes have been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeCursor(i64);

/// What is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// What changed, in its order.
    pub changes: Vec<Change>,
    /// Whether this is all. When not, whoever asks must forget everything that it remembers.
    pub is_complete: bool,
    /// What to ask with next.
    pub cursor: ChangeCursor,
}

/// What processes tell each other.
#[derive(Clone, Copy)]
pub struct Changes<'a>(pub(crate) &'a Store);

impl Changes<'_> {
    /// Where to begin: everything until now is known, because nothing is remembered yet.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn cursor(&self) -> Result<ChangeCursor, StoreError> {
        let statement = Query::select()
            .column(Column::Id)
            .from(Table)
            .order_by(Column::Id, Order::Desc)
            .limit(1)
            .to_owned();
        let row = run::one(self.0.reader(), &statement).await?;
        let row = row.ok_or(StoreError::defect("the newest change is not there"))?;
        get(&row, "id").map(ChangeCursor)
    }

    /// What is new since then.
    ///
    /// # Errors
    /// When the database cannot be asked. Ask again with the same cursor; what is remembered for
    /// longer than it may be must not be believed meanwhile.
    pub async fn since(&self, cursor: ChangeCursor) -> Result<News, StoreError> {
        let statement = Query::select()
            .columns([Column::Id, Column::What, Column::Key])
            .from(Table)
            .and_where(Expr::col(Column::Id).gte(cursor.0))
            .order_by(Column::Id, Order::Asc)
            .limit(MOST.saturating_add(2))
            .to_owned();
        let rows = run::all(self.0.reader(), &statement).await?;
        // The oldest are removed first: when the last one that is known is still there, so is
        // everything after it.
        let Some((known, new)) = rows.split_first() else {
            return self.everything().await;
        };
        if get::<i64>(known, "id")? != cursor.0 || new.len() as u64 > MOST {
            return self.everything().await;
        }
        let mut changes = Vec::with_capacity(new.len());
        let mut newest = cursor;
        for row in new {
            newest = ChangeCursor(get(row, "id")?);
            match change(row)? {
                Some(change) => changes.push(change),
                // What a newer version tells.
                None => return self.everything().await,
            }
        }
        Ok(News {
            changes,
            is_complete: true,
            cursor: newest,
        })
    }

    /// Tells the others of a change.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn tell(&self, change: &Change, now: Timestamp) -> Result<(), StoreError> {
        let transaction = begin(self.0).await?;
        write(&transaction, change, now).await?;
        run::commit(transaction).await
    }

    async fn everything(&self) -> Result<News, StoreError> {
        Ok(News {
            changes: Vec::new(),
            is_complete: false,
            cursor: self.cursor().await?,
        })
    }
}

/// A transaction that may tell of changes: on PostgreSQL, the only one of its kind until it ends.
///
/// Numbers are given out when a row is written, and rows appear when their transaction ends: one at a
/// time, a reader never sees a number before a smaller one. And because its turn is the first thing that
/// it waits for, whatever rows it writes after that, and in whatever order, no two of them wait for each
/// other. So whatever writes more than one row that others write too is one of these, also when it has
/// nothing to tell.
pub(crate) struct Telling(Transaction);

impl On for Telling {
    type Inner = <Transaction as On>::Inner;

    fn inner(&self) -> &Self::Inner {
        self.0.inner()
    }

    fn home(&self) -> &Handle {
        self.0.home()
    }
}

impl From<Telling> for Transaction {
    fn from(telling: Telling) -> Self {
        telling.0
    }
}

/// Begins one, once it is its turn. Whoever has one must not begin another before it ends: that would wait
/// for its own.
pub(crate) async fn begin(store: &Store) -> Result<Telling, StoreError> {
    let transaction = run::begin(store.writer()).await?;
    if store.is_postgres() {
        let turn = "SELECT pg_advisory_xact_lock(7449354455180815461)";
        run::unprepared(&transaction, turn).await?;
    }
    Ok(Telling(transaction))
}

/// Tells of a change in the transaction that makes it.
pub(crate) async fn write(on: &Telling, change: &Change, now: Timestamp) -> Result<(), StoreError> {
    let (what, key) = match change {
        Change::Session(id) => ("session", id.to_string()),
        Change::Browser(id) => ("browser", id.to_string()),
        Change::Account(did) => ("account", did.to_string()),
        Change::Track(id) => ("track", id.to_string()),
        Change::Withdrawn(key) => ("withdrawn", key.as_str().to_owned()),
    };
    let statement = insert(
        Table,
        [
            (Column::At, now.as_millis().into()),
            (Column::What, what.into()),
            (Column::Key, key.into()),
        ],
    )?;
    run::exactly_one(on, &statement).await
}

fn change(row: &QueryResult) -> Result<Option<Change>, StoreError> {
    let what: String = get(row, "what")?;
    match what.as_str() {
        "session" => parsed(row, "key").map(|id| Some(Change::Session(id))),
        "browser" => parsed(row, "key").map(|id| Some(Change::Browser(id))),
        "account" => parsed(row, "key").map(|did| Some(Change::Account(did))),
        "track" => parsed(row, "key").map(|id| Some(Change::Track(id))),
        "withdrawn" => parsed(row, "key").map(|key| Some(Change::Withdrawn(key))),
        _ => Ok(None),
    }
}
