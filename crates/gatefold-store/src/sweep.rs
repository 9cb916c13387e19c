//! Removes what is over, a bounded number of rows at a time, so that nobody waits for it.

use std::time::Duration;

use gatefold_domain::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, IntoIden, Order, Query, SelectStatement};

use crate::{
    GrantKey, audit, changes, error::StoreError, exchange_tokens, grants, pending, row::grant, run,
    sessions, store::Store,
};

/// How long what happened to an account is kept.
const AUDIT_KEPT: Duration = Duration::from_hours(365 * 24);
/// How long changes are kept: whoever did not read for longer forgets everything that it remembers.
const CHANGES_KEPT: Duration = Duration::from_mins(10);
/// How old a grant is that nothing refers to. One that was just given has its exchange token soon.
const ORPHAN_AGE: Duration = Duration::from_mins(10);

/// What was swept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows that were removed.
    pub removed: u64,
    /// Grants that no session and no exchange token refers to: of sessions that have expired, of
    /// tokens that nobody redeemed, of processes that ended in between. They are to be revoked, which
    /// removes them; until then they are told again.
    pub orphans: Vec<GrantKey>,
    /// Whether there may be more to remove.
    pub is_more: bool,
}

impl Store {
    /// Removes what is over: at most `batch` rows of each table.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn sweep(&self, now: Timestamp, batch: u32) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        let audit_kept = now.before(AUDIT_KEPT);
        for (table, key, moment, until) in [
            (
                pending::Table.into_iden(),
                pending::Column::StateHash.into_iden(),
                pending::Column::Expires.into_iden(),
                now,
            ),
            (
                exchange_tokens::Table.into_iden(),
                exchange_tokens::Column::Hash.into_iden(),
                exchange_tokens::Column::Expires.into_iden(),
                now,
            ),
            (
                sessions::Table.into_iden(),
                sessions::Column::Id.into_iden(),
                sessions::Column::Expires.into_iden(),
                now,
            ),
            (
                audit::Table.into_iden(),
                audit::Column::Id.into_iden(),
                audit::Column::At.into_iden(),
                audit_kept,
            ),
        ] {
            let over = Query::select()
                .column(key.clone())
                .from(table.clone())
                .and_where(Expr::col(moment.clone()).lte(until.as_millis()))
                .order_by(moment.clone(), Order::Asc)
                .limit(batch.into())
                .to_owned();
            let statement = Query::delete()
                .from_table(table)
                .and_where(Expr::col(key).in_subquery(over))
                // Again, because a session may have been given more time in between.
                .and_where(Expr::col(moment).lte(until.as_millis()))
                .to_owned();
            let removed = run::count(self.writer(), &statement).await?;
            swept.removed = swept.removed.saturating_add(removed);
            swept.is_more |= removed >= batch.into();
        }
        let removed = self.sweep_changes(now, batch).await?;
        swept.removed = swept.removed.saturating_add(removed);
        swept.is_more |= removed >= batch.into();
        swept.orphans = self.orphans(now, batch).await?;
        Ok(swept)
    }

    /// Changes go from the oldest on, and the newest stays.
    async fn sweep_changes(&self, now: Timestamp, batch: u32) -> Result<u64, StoreError> {
        use changes::{Column, Table};
        let newest = Query::select()
            .expr(Expr::col(Column::Id).max())
            .from(Table)
            .to_owned();
        let too_young = Query::select()
            .expr(Expr::col(Column::Id).min())
            .from(Table)
            .and_where(Expr::col(Column::At).gt(now.before(CHANGES_KEPT).as_millis()))
            .to_owned();
        // No row of an older number is left beside one that is removed, whatever the clocks of the
        // processes said that wrote them.
        let over = Query::select()
            .column(Column::Id)
            .from(Table)
            .and_where(Expr::col(Column::Id).lt(subquery(newest)))
            .and_where(Expr::col(Column::Id).lt(Expr::expr(subquery(too_young)).if_null(i64::MAX)))
            .order_by(Column::Id, Order::Asc)
            .limit(batch.into())
            .to_owned();
        let statement = Query::delete()
            .from_table(Table)
            .and_where(Expr::col(Column::Id).in_subquery(over))
            .to_owned();
        run::count(self.writer(), &statement).await
    }

    async fn orphans(&self, now: Timestamp, batch: u32) -> Result<Vec<GrantKey>, StoreError> {
        use grants::{Column, Table};
        let session = Query::select()
            .expr(Expr::value(1))
            .from(sessions::Table)
            .and_where(
                Expr::col((sessions::Table, sessions::Column::GrantId)).equals((Table, Column::Id)),
            )
            .to_owned();
        let token = Query::select()
            .expr(Expr::value(1))
            .from(exchange_tokens::Table)
            .and_where(
                Expr::col((exchange_tokens::Table, exchange_tokens::Column::GrantId))
                    .equals((Table, Column::Id)),
            )
            .to_owned();
        let statement = Query::select()
            .column(Column::Id)
            .from(Table)
            .and_where(Expr::col(Column::Created).lte(now.before(ORPHAN_AGE).as_millis()))
            .and_where(Expr::exists(session).not())
            .and_where(Expr::exists(token).not())
            .order_by(Column::Created, Order::Asc)
            .limit(batch.into())
            .to_owned();
        run::all(self.reader(), &statement)
            .await?
            .iter()
            .map(|row| grant(row, "id"))
            .collect()
    }
}

fn subquery(statement: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(statement.into()))
}
