//! `grants`: what authorization servers gave, each as one encrypted value, and who refreshes it.

use gatefold_domain::{Did, SessionId, Timestamp};
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{Expr, ExprTrait, Order, Query, Returning},
};
use zeroize::Zeroizing;

use crate::{
    GrantKey, changes,
    error::StoreError,
    row::{count, fence_number, get, grant, grant_text, holder_text, insert, moment, parsed},
    run,
    sealed_rows::{RowKey, SealedTable},
    sessions,
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "grants")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Id,
    Did,
    Sealed,
    KeyId,
    Fence,
    Holder,
    LeaseUntil,
    Expires,
    Created,
    Refreshed,
}

/// A grant that is to be kept.
#[derive(Clone, Copy)]
pub struct NewGrant<'a> {
    /// Its name.
    pub key: &'a GrantKey,
    /// Whose it is.
    pub did: &'a Did,
    /// The grant as bytes, which are encrypted.
    pub bytes: &'a [u8],
    /// When its access token ends.
    pub expires: Option<Timestamp>,
    /// When it was given.
    pub created: Timestamp,
}

/// What is known of a grant without decrypting it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// Its name.
    pub key: GrantKey,
    /// Whose it is.
    pub did: Did,
    /// When it was refreshed for the last time, or given.
    pub refreshed: Timestamp,
}

/// The grants. They implement what `gatefold_oauth::GrantStore` demands.
#[derive(Clone, Copy)]
pub struct Grants<'a>(pub(crate) &'a Store);

impl Grants<'_> {
    /// Keeps a new grant.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its name is taken, and when the database cannot be asked.
    pub async fn put(&self, new: NewGrant<'_>) -> Result<(), StoreError> {
        let (sealed, key_id) = SealedTable::Grants.seal(self.0, &row_key(new.key), new.bytes)?;
        let statement = insert(
            Table,
            [
                (Column::Id, grant_text(new.key).into()),
                (Column::Did, new.did.as_str().into()),
                (Column::Sealed, sealed.into()),
                (Column::KeyId, key_id.into()),
                (Column::Fence, 0i64.into()),
                (
                    Column::Expires,
                    new.expires.map(Timestamp::as_millis).into(),
                ),
                (Column::Created, new.created.as_millis().into()),
                (Column::Refreshed, new.created.as_millis().into()),
            ],
        )?;
        run::exactly_one(self.0.writer(), &statement).await
    }

    /// A grant's bytes, decrypted.
    ///
    /// # Errors
    /// When it cannot be decrypted, or the database cannot be asked.
    pub async fn get(&self, key: &GrantKey) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let statement = Query::select()
            .column(Column::Sealed)
            .from(Table)
            .and_where(is(key))
            .to_owned();
        let row = run::one(self.0.reader(), &statement).await?;
        row.map(|row| {
            let sealed: Vec<u8> = get(&row, "sealed")?;
            SealedTable::Grants.open(self.0, &row_key(key), &sealed)
        })
        .transpose()
    }

    /// Removes a grant with its lease, if there is one, and ends the sessions that lived by it: those
    /// that were left.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn delete(
        &self,
        key: &GrantKey,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        let statement = Query::delete()
            .from_table(Table)
            .and_where(is(key))
            .to_owned();
        let transaction = changes::begin(self.0).await?;
        run::at_most_one(&transaction, &statement).await?;
        let lost = self.0.sessions().lose(&transaction, key, now).await?;
        run::commit(transaction).await?;
        Ok(lost)
    }

    /// Asks for the lease of a grant until a moment. Its fence, which is greater than all before; or
    /// `None`, when somebody else holds it or there is no such grant.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn lease(
        &self,
        key: &GrantKey,
        holder: u128,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let is_free = Expr::col(Column::Holder)
            .is_null()
            .or(Expr::col(Column::LeaseUntil).lte(now.as_millis()));
        let statement = Query::update()
            .table(Table)
            .value(Column::Holder, holder_text(holder))
            .value(Column::LeaseUntil, until.as_millis())
            .value(Column::Fence, Expr::col(Column::Fence).add(1i64))
            .and_where(is(key))
            .and_where(is_free)
            .returning(Returning::new().columns([Column::Fence]))
            .to_owned();
        let row = run::one(self.0.writer(), &statement).await?;
        row.map(|row| count(&row, "fence")).transpose()
    }

    /// Puts new bytes in place of a grant's old ones, if `fence` is still its newest. `false`: nothing
    /// was changed. The lease goes on.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn replace(
        &self,
        key: &GrantKey,
        fence: u64,
        bytes: &[u8],
        expires: Option<Timestamp>,
        refreshed: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(fence) = fence_number(fence) else {
            return Ok(false);
        };
        let (sealed, key_id) = SealedTable::Grants.seal(self.0, &row_key(key), bytes)?;
        let statement = Query::update()
            .table(Table)
            .value(Column::Sealed, sealed)
            .value(Column::KeyId, key_id)
            .value(Column::Expires, expires.map(Timestamp::as_millis))
            .value(Column::Refreshed, refreshed.as_millis())
            .and_where(is(key))
            .and_where(Expr::col(Column::Fence).eq(fence))
            .to_owned();
        run::at_most_one(self.0.writer(), &statement).await
    }

    /// Gives a lease back, if `fence` is still the newest; otherwise nothing happens.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn release(&self, key: &GrantKey, fence: u64) -> Result<(), StoreError> {
        let Some(fence) = fence_number(fence) else {
            return Ok(());
        };
        let statement = Query::update()
            .table(Table)
            .value(Column::Holder, Option::<String>::None)
            .value(Column::LeaseUntil, Option::<i64>::None)
            .and_where(is(key))
            .and_where(Expr::col(Column::Fence).eq(fence))
            .to_owned();
        run::at_most_one(self.0.writer(), &statement).await?;
        Ok(())
    }

    /// Grants of sessions that go on, which have not been refreshed since `before`; the longest ago
    /// first, `limit` of them, after the one that is given. For keeping them alive.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn stale(
        &self,
        before: Timestamp,
        after: Option<&GrantRow>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<GrantRow>, StoreError> {
        let session = Query::select()
            .expr(Expr::value(1))
            .from(sessions::Table)
            .and_where(
                Expr::col((sessions::Table, sessions::Column::GrantId)).equals((Table, Column::Id)),
            )
            .and_where(Expr::col((sessions::Table, sessions::Column::Expires)).gt(now.as_millis()))
            .to_owned();
        let later = after.map(|row| {
            let refreshed = row.refreshed.as_millis();
            let same = Expr::col(Column::Refreshed)
                .eq(refreshed)
                .and(Expr::col(Column::Id).gt(grant_text(&row.key)));
            Expr::col(Column::Refreshed).gt(refreshed).or(same)
        });
        let statement = Query::select()
            .columns([Column::Id, Column::Did, Column::Refreshed])
            .from(Table)
            .and_where(Expr::col(Column::Refreshed).lt(before.as_millis()))
            .and_where_option(later)
            .and_where(Expr::exists(session))
            .order_by(Column::Refreshed, Order::Asc)
            .order_by(Column::Id, Order::Asc)
            .limit(limit.into())
            .to_owned();
        run::all(self.0.reader(), &statement)
            .await?
            .iter()
            .map(grant_row)
            .collect()
    }
}

fn grant_row(row: &QueryResult) -> Result<GrantRow, StoreError> {
    Ok(GrantRow {
        key: grant(row, "id")?,
        did: parsed(row, "did")?,
        refreshed: moment(row, "refreshed")?,
    })
}

fn is(key: &GrantKey) -> Expr {
    Expr::col(Column::Id).eq(grant_text(key))
}

fn row_key(key: &GrantKey) -> RowKey {
    RowKey::Text(grant_text(key))
}
