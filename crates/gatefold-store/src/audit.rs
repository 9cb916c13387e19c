//! `audit`: what happened to an account, for its owner to read. Entries are kept for a year.

use std::{fmt, str::FromStr};

use gatefold_domain::{Did, SessionId, Timestamp};
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{Expr, ExprTrait, Order, Query},
};

use crate::{
    connection::On,
    error::StoreError,
    row::{get, insert, moment, parsed, parsed_option},
    run,
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "audit")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Id,
    At,
    Did,
    Event,
    Subject,
    Network,
    Session,
}

/// What can happen to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditEvent {
    /// A session began in a browser or a command line.
    SignedIn,
    /// A session was left.
    SignedOut,
    /// A session was ended from another one.
    SessionEnded,
    /// A developer token was made.
    TokenCreated,
    /// A developer token was revoked.
    TokenRevoked,
    /// A session ended because the account's server gives nothing for it any more.
    GrantLost,
}

impl AuditEvent {
    /// Every event.
    pub const ALL: [Self; 6] = [
        Self::SignedIn,
        Self::SignedOut,
        Self::SessionEnded,
        Self::TokenCreated,
        Self::TokenRevoked,
        Self::GrantLost,
    ];

    /// The word under which it is kept and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
            Self::SessionEnded => "session_ended",
            Self::TokenCreated => "token_created",
            Self::TokenRevoked => "token_revoked",
            Self::GrantLost => "grant_lost",
        }
    }
}

/// A word that names no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidAuditEvent;

impl fmt::Display for InvalidAuditEvent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("not an event of the audit")
    }
}

impl std::error::Error for InvalidAuditEvent {}

impl FromStr for AuditEvent {
    type Err = InvalidAuditEvent;

    fn from_str(text: &str) -> Result<Self, InvalidAuditEvent> {
        Self::ALL
            .into_iter()
            .find(|event| event.as_str() == text)
            .ok_or(InvalidAuditEvent)
    }
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub struct NewAuditEntry<'a> {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub did: &'a Did,
    /// What.
    pub event: AuditEvent,
    /// What it concerns, for example a token's name.
    pub subject: Option<&'a str>,
    /// From where, as a network and not an address.
    pub network: Option<&'a str>,
    /// In which session, or to which.
    pub session: Option<SessionId>,
}

/// Something that happened, as its owner reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Orders entries.
    pub id: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub event: AuditEvent,
    /// What it concerns.
    pub subject: Option<String>,
    /// From where.
    pub network: Option<String>,
    /// In which session, or to which.
    pub session: Option<SessionId>,
}

/// Entries, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// The entries.
    pub entries: Vec<AuditEntry>,
    /// What to ask for next, when there is more.
    pub before: Option<i64>,
}

/// What happened to accounts.
#[derive(Clone, Copy)]
pub struct Audit<'a>(pub(crate) &'a Store);

impl Audit<'_> {
    /// Keeps that something happened. What a session begins and ends with is kept along with it.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn add(&self, entry: NewAuditEntry<'_>) -> Result<(), StoreError> {
        write(self.0.writer(), entry).await
    }

    /// What happened to an account before the entry `before`, or until now: at most `limit` entries.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn page(
        &self,
        did: &Did,
        before: Option<i64>,
        limit: u32,
    ) -> Result<AuditPage, StoreError> {
        let statement = Query::select()
            .columns([
                Column::Id,
                Column::At,
                Column::Event,
                Column::Subject,
                Column::Network,
                Column::Session,
            ])
            .from(Table)
            .and_where(Expr::col(Column::Did).eq(did.as_str()))
            .and_where_option(before.map(|id| Expr::col(Column::Id).lt(id)))
            .order_by(Column::Id, Order::Desc)
            // One more, which tells whether there is another page.
            .limit(u64::from(limit).saturating_add(1))
            .to_owned();
        let rows = run::all(self.0.reader(), &statement).await?;
        let mut entries = rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let is_more = entries.len() > limit;
        entries.truncate(limit);
        Ok(AuditPage {
            before: entries.last().map(|last| last.id).filter(|_| is_more),
            entries,
        })
    }
}

/// Writes an entry along with what it tells of.
pub(crate) async fn write(on: &impl On, entry: NewAuditEntry<'_>) -> Result<(), StoreError> {
    let statement = insert(
        Table,
        [
            (Column::At, entry.at.as_millis().into()),
            (Column::Did, entry.did.as_str().into()),
            (Column::Event, entry.event.as_str().into()),
            (Column::Subject, entry.subject.into()),
            (Column::Network, entry.network.into()),
            (
                Column::Session,
                entry.session.map(|id| id.to_string()).into(),
            ),
        ],
    )?;
    run::exactly_one(on, &statement).await
}

fn entry(row: &QueryResult) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        id: get(row, "id")?,
        at: moment(row, "at")?,
        event: parsed(row, "event")?,
        subject: get(row, "subject")?,
        network: get(row, "network")?,
        session: parsed_option(row, "session")?,
    })
}
