//! `sessions`: what clients show of a sign-in, as hashes.

use gatefold_domain::{Did, Handle, SessionId, SessionKind, Timestamp};
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{Expr, ExprTrait, Order, Query, Returning, SelectStatement},
};

use crate::{
    GrantKey, Hash, accounts,
    audit::{self, AuditEvent, NewAuditEntry},
    changes::{self, Change, Telling},
    error::StoreError,
    row::{get, grant, grant_text, moment, parsed, parsed_option},
    run,
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "sessions")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Id,
    SecretHash,
    Kind,
    Did,
    GrantId,
    BrowserId,
    PublicId,
    Name,
    Created,
    LastSeen,
    Expires,
}

/// The most sessions of one account, or accounts of one browser, that are listed.
const MOST: u64 = 1000;

/// A session that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names it; no secret.
    pub id: SessionId,
    /// What kind it is.
    pub kind: SessionKind,
    /// Whose it is.
    pub did: Did,
    /// Their handle, when one is known to be their own.
    pub handle: Option<Handle>,
    /// What the authorization server gave for it.
    pub grant: GrantKey,
    /// Of a browser session: the browser, which others may belong to as well.
    pub browser: Option<SessionId>,
    /// Of a developer token: the characters that it begins with.
    pub public_id: Option<String>,
    /// Of a developer token: what it was named.
    pub name: Option<String>,
    /// When it began.
    pub created: Timestamp,
    /// When it was last used, as [`Sessions::touch`] was told.
    pub last_seen: Timestamp,
    /// When it ends by itself.
    pub expires: Timestamp,
}

/// Why a session ends, which its owner reads in the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// It was left.
    SignedOut,
    /// It was ended from another one.
    EndedElsewhere,
    /// A developer token was revoked.
    TokenRevoked,
    /// The account's server gives nothing for it any more.
    GrantLost,
}

/// A session that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What it was.
    pub id: SessionId,
    /// What the authorization server gave for it, which is to be revoked.
    pub grant: GrantKey,
    /// The browser that it belonged to.
    pub browser: Option<SessionId>,
}

/// The sessions. One that has expired is nowhere to be seen.
#[derive(Clone, Copy)]
pub struct Sessions<'a>(pub(crate) &'a Store);

impl Sessions<'_> {
    /// The session with this secret.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn by_secret(
        &self,
        hash: &Hash,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let mut statement = select(now);
        statement.and_where(Expr::col((Table, Column::SecretHash)).eq(hash.to_vec()));
        self.one(&statement).await
    }

    /// The session of this name.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn get(&self, id: SessionId, now: Timestamp) -> Result<Option<Session>, StoreError> {
        let mut statement = select(now);
        statement.and_where(Expr::col((Table, Column::Id)).eq(id.to_string()));
        self.one(&statement).await
    }

    /// The sessions of an account, the newest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn of_account(&self, did: &Did, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let mut statement = select(now);
        statement.and_where(Expr::col((Table, Column::Did)).eq(did.as_str()));
        self.list(&statement).await
    }

    /// The developer tokens of an account, the newest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn developer_tokens(
        &self,
        did: &Did,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let mut statement = select(now);
        statement
            .and_where(Expr::col((Table, Column::Did)).eq(did.as_str()))
            .and_where(Expr::col((Table, Column::Kind)).eq(SessionKind::Developer.as_str()));
        self.list(&statement).await
    }

    /// The developer token of an account with these characters.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn by_public_id(
        &self,
        did: &Did,
        public_id: &str,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let mut statement = select(now);
        statement
            .and_where(Expr::col((Table, Column::PublicId)).eq(public_id))
            .and_where(Expr::col((Table, Column::Did)).eq(did.as_str()));
        self.one(&statement).await
    }

    /// The sessions of a browser, one for each of its accounts, the newest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn of_browser(
        &self,
        browser: SessionId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let mut statement = select(now);
        statement.and_where(Expr::col((Table, Column::BrowserId)).eq(browser.to_string()));
        self.list(&statement).await
    }

    /// The sessions of the browser that a session belongs to, itself too, as [`Sessions::of_browser`];
    /// none when it belongs to no browser or has ended.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn beside(&self, id: SessionId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let browser = Query::select()
            .column(Column::BrowserId)
            .from(Table)
            .and_where(Expr::col((Table, Column::Id)).eq(id.to_string()))
            .and_where(Expr::col((Table, Column::Expires)).gt(now.as_millis()))
            .to_owned();
        let mut statement = select(now);
        statement.and_where(Expr::col((Table, Column::BrowserId)).in_subquery(browser));
        self.list(&statement).await
    }

    /// Gives the session of another account of the same browser a new secret, for the browser to show
    /// from now on. What it was shown by before is good no more. `None`: the session that asks has
    /// ended, or its browser has no such account.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn switch(
        &self,
        from: SessionId,
        to: &Did,
        secret: &Hash,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let transaction = changes::begin(self.0).await?;
        let mut asking = select(now);
        asking.and_where(Expr::col((Table, Column::Id)).eq(from.to_string()));
        let browser = match run::one(&transaction, &asking).await? {
            Some(row) => session(&row)?.browser,
            None => None,
        };
        let Some(browser) = browser else {
            return Ok(None);
        };
        let statement = Query::update()
            .table(Table)
            .value(Column::SecretHash, secret.to_vec())
            .value(Column::LastSeen, now.as_millis())
            .and_where(Expr::col(Column::BrowserId).eq(browser.to_string()))
            .and_where(Expr::col(Column::Did).eq(to.as_str()))
            .and_where(Expr::col(Column::Expires).gt(now.as_millis()))
            .returning(Returning::new().columns([Column::Id]))
            .to_owned();
        let Some(row) = run::one(&transaction, &statement).await? else {
            return Ok(None);
        };
        let id: SessionId = parsed(&row, "id")?;
        let mut statement = select(now);
        statement.and_where(Expr::col((Table, Column::Id)).eq(id.to_string()));
        let row = run::one(&transaction, &statement).await?;
        let found = row.as_ref().map(session).transpose()?;
        self.tell(&transaction, id, now).await?;
        run::commit(transaction).await?;
        Ok(found)
    }

    /// Keeps that a session is being used, unless that was kept after `before`. `false`: it was, or the
    /// session has ended.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn touch(
        &self,
        id: SessionId,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let statement = Query::update()
            .table(Table)
            .value(Column::LastSeen, now.as_millis())
            .and_where(Expr::col(Column::Id).eq(id.to_string()))
            .and_where(Expr::col(Column::LastSeen).lte(before.as_millis()))
            .and_where(Expr::col(Column::Expires).gt(now.as_millis()))
            .to_owned();
        run::at_most_one(self.0.writer(), &statement).await
    }

    /// Ends a session of an account, tells other processes of it, and keeps in the audit why.
    /// `None`: the account has no such session.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn end(
        &self,
        id: SessionId,
        did: &Did,
        reason: EndReason,
        network: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Ended>, StoreError> {
        let transaction = changes::begin(self.0).await?;
        let statement = Query::delete()
            .from_table(Table)
            .and_where(Expr::col(Column::Id).eq(id.to_string()))
            .and_where(Expr::col(Column::Did).eq(did.as_str()))
            .returning(Returning::new().columns([
                Column::Id,
                Column::GrantId,
                Column::BrowserId,
                Column::Name,
            ]))
            .to_owned();
        let Some(row) = run::one(&transaction, &statement).await? else {
            return Ok(None);
        };
        let name: Option<String> = get(&row, "name")?;
        let ended = ended(&row)?;
        let entry = NewAuditEntry {
            at: now,
            did,
            event: reason.event(),
            subject: name.as_deref(),
            network,
            session: Some(id),
        };
        audit::write(&transaction, entry).await?;
        self.tell(&transaction, id, now).await?;
        run::commit(transaction).await?;
        Ok(Some(ended))
    }

    /// Ends, in a transaction, the sessions of a grant that is gone. Those that there were.
    pub(crate) async fn lose(
        &self,
        on: &Telling,
        key: &GrantKey,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        let statement = Query::delete()
            .from_table(Table)
            .and_where(Expr::col(Column::GrantId).eq(grant_text(key)))
            .returning(Returning::new().columns([Column::Id, Column::Did, Column::Name]))
            .to_owned();
        let mut lost = Vec::new();
        for row in run::all(on, &statement).await? {
            let id: SessionId = parsed(&row, "id")?;
            let name: Option<String> = get(&row, "name")?;
            let entry = NewAuditEntry {
                at: now,
                did: &parsed(&row, "did")?,
                event: EndReason::GrantLost.event(),
                subject: name.as_deref(),
                network: None,
                session: Some(id),
            };
            audit::write(on, entry).await?;
            self.tell(on, id, now).await?;
            lost.push(id);
        }
        Ok(lost)
    }

    async fn one(&self, statement: &SelectStatement) -> Result<Option<Session>, StoreError> {
        let row = run::one(self.0.reader(), statement).await?;
        row.as_ref().map(session).transpose()
    }

    async fn list(&self, statement: &SelectStatement) -> Result<Vec<Session>, StoreError> {
        let statement = statement
            .clone()
            .order_by((Table, Column::Created), Order::Desc)
            .order_by((Table, Column::Id), Order::Asc)
            .limit(MOST)
            .to_owned();
        let rows = run::all(self.0.reader(), &statement).await?;
        rows.iter().map(session).collect()
    }

    async fn tell(&self, on: &Telling, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
        changes::write(on, &Change::Session(id), now).await
    }
}

impl EndReason {
    fn event(self) -> AuditEvent {
        match self {
            Self::SignedOut => AuditEvent::SignedOut,
            Self::EndedElsewhere => AuditEvent::SessionEnded,
            Self::TokenRevoked => AuditEvent::TokenRevoked,
            Self::GrantLost => AuditEvent::GrantLost,
        }
    }
}

/// What is asked of sessions that go on.
fn select(now: Timestamp) -> SelectStatement {
    let columns = [
        Column::Id,
        Column::Kind,
        Column::Did,
        Column::GrantId,
        Column::BrowserId,
        Column::PublicId,
        Column::Name,
        Column::Created,
        Column::LastSeen,
        Column::Expires,
    ];
    Query::select()
        .columns(columns.map(|column| (Table, column)))
        .column((accounts::Table, accounts::Column::Handle))
        .from(Table)
        .inner_join(
            accounts::Table,
            Expr::col((Table, Column::Did)).equals((accounts::Table, accounts::Column::Did)),
        )
        .and_where(Expr::col((Table, Column::Expires)).gt(now.as_millis()))
        .to_owned()
}

fn session(row: &QueryResult) -> Result<Session, StoreError> {
    Ok(Session {
        id: parsed(row, "id")?,
        kind: parsed(row, "kind")?,
        did: parsed(row, "did")?,
        handle: parsed_option(row, "handle")?,
        grant: grant(row, "grant_id")?,
        browser: parsed_option(row, "browser_id")?,
        public_id: get(row, "public_id")?,
        name: get(row, "name")?,
        created: moment(row, "created")?,
        last_seen: moment(row, "last_seen")?,
        expires: moment(row, "expires")?,
    })
}

pub(crate) fn ended(row: &QueryResult) -> Result<Ended, StoreError> {
    Ok(Ended {
        id: parsed(row, "id")?,
        grant: grant(row, "grant_id")?,
        browser: parsed_option(row, "browser_id")?,
    })
}
