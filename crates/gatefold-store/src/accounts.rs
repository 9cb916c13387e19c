//! `accounts`: who has signed in here.

use gatefold_domain::{Did, Handle, Timestamp};
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};

use crate::{
    changes::{self, Change},
    documents,
    error::StoreError,
    row::{insert, moment, parsed, parsed_option},
    run,
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "accounts")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Did,
    Handle,
    FirstSeen,
    LastSeen,
}

/// Somebody who has signed in here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Their identity.
    pub did: Did,
    /// Their handle, when one was known to be their own.
    pub handle: Option<Handle>,
    /// When they signed in for the first time.
    pub first_seen: Timestamp,
    /// When their handle was looked at for the last time.
    pub last_seen: Timestamp,
}

/// The accounts.
#[derive(Clone, Copy)]
pub struct Accounts<'a>(pub(crate) &'a Store);

impl Accounts<'_> {
    /// Keeps that an account was seen now, with the handle that is its own now, if any. Whether it is
    /// another one than before, or the account is new: then the others are told.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn seen(
        &self,
        did: &Did,
        handle: Option<&Handle>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let own = Expr::col(Column::Handle);
        let as_before = Query::update()
            .table(Table)
            .value(Column::LastSeen, now.as_millis())
            .and_where(Expr::col(Column::Did).eq(did.as_str()))
            .and_where(match handle {
                Some(handle) => own.eq(handle.as_str()),
                None => own.is_null(),
            })
            .to_owned();
        if run::at_most_one(self.0.writer(), &as_before).await? {
            return Ok(false);
        }
        let mut statement = insert(
            Table,
            [
                (Column::Did, did.as_str().into()),
                (Column::Handle, handle.map(Handle::as_str).into()),
                (Column::FirstSeen, now.as_millis().into()),
                (Column::LastSeen, now.as_millis().into()),
            ],
        )?;
        statement.on_conflict(
            OnConflict::column(Column::Did)
                .update_columns([Column::Handle, Column::LastSeen])
                .to_owned(),
        );
        let transaction = changes::begin(self.0).await?;
        run::exactly_one(&transaction, &statement).await?;
        documents::artist(&transaction, did).await?;
        let change = Change::Account(did.clone());
        changes::write(&transaction, &change, now).await?;
        run::commit(transaction).await?;
        Ok(true)
    }

    /// An account.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn get(&self, did: &Did) -> Result<Option<Account>, StoreError> {
        let statement = Query::select()
            .columns([
                Column::Did,
                Column::Handle,
                Column::FirstSeen,
                Column::LastSeen,
            ])
            .from(Table)
            .and_where(Expr::col(Column::Did).eq(did.as_str()))
            .to_owned();
        let row = run::one(self.0.reader(), &statement).await?;
        row.as_ref().map(account).transpose()
    }
}

fn account(row: &QueryResult) -> Result<Account, StoreError> {
    Ok(Account {
        did: parsed(row, "did")?,
        handle: parsed_option(row, "handle")?,
        first_seen: moment(row, "first_seen")?,
        last_seen: moment(row, "last_seen")?,
    })
}
