//! Rewrites encrypted columns under the key that encrypts now, beside servers that go on.
//!
//! A value is replaced only where it is still what was read, so what a server writes meanwhile stays;
//! servers that have the new key first in their file write under it by themselves.

use std::collections::BTreeMap;

use sea_orm::{
    QueryResult,
    sea_query::{Alias, Expr, ExprTrait, Func, Order, Query},
};

use crate::{
    crypter::ColumnKeyId,
    error::StoreError,
    row::{count, get},
    run,
    sealed_rows::{COLUMN, RowKey, SealedTable},
    store::Store,
};

/// The column with the id of the key.
const KEY_ID: &str = "key_id";

/// Where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReencryptCursor {
    table: SealedTable,
    after: Option<RowKey>,
}

/// What one batch did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reencrypted {
    /// Values that were rewritten.
    pub rewritten: u64,
    /// Values that were changed or removed by somebody else meanwhile, and left as they are.
    pub overtaken: u64,
    /// Where to go on; `None` when everything has been looked at.
    pub next: Option<ReencryptCursor>,
}

impl Store {
    /// Rewrites at most `batch` values under the key that encrypts now. Ask again with `next` until
    /// there is none; then [`Self::keys_in_use`] tells whether an old key can go.
    ///
    /// # Errors
    /// [`StoreError::KeyMissing`] at a value whose key is not there, [`StoreError::Damaged`] at one that
    /// cannot be decrypted, and when the database cannot be asked. What was rewritten before stays so.
    pub async fn reencrypt(
        &self,
        from: Option<ReencryptCursor>,
        batch: u32,
    ) -> Result<Reencrypted, StoreError> {
        let ReencryptCursor { table, after } = from.unwrap_or(ReencryptCursor {
            table: SealedTable::Grants,
            after: None,
        });
        let primary = self.crypter().primary().to_number();
        let key_column = Alias::new(table.key_column());
        let statement = Query::select()
            .columns([key_column.clone(), Alias::new(COLUMN)])
            .from(table.iden())
            .and_where(Expr::col(Alias::new(KEY_ID)).ne(primary))
            .and_where_option(
                after.map(|key| Expr::col(key_column.clone()).gt(Expr::value(key.value()))),
            )
            .order_by(key_column.clone(), Order::Asc)
            .limit(batch.into())
            .to_owned();
        let rows = run::all(self.writer(), &statement).await?;
        let mut done = Reencrypted {
            rewritten: 0,
            overtaken: 0,
            next: None,
        };
        let mut last = None;
        for row in &rows {
            let key = table.key(row)?;
            if self.rewrite(table, &key, row).await? {
                done.rewritten = done.rewritten.saturating_add(1);
            } else {
                done.overtaken = done.overtaken.saturating_add(1);
            }
            last = Some(key);
        }
        done.next = match last {
            Some(after) => Some(ReencryptCursor {
                table,
                after: Some(after),
            }),
            None => next_table(table).map(|table| ReencryptCursor { table, after: None }),
        };
        Ok(done)
    }

    /// The keys that values are encrypted under, and how many are under each.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn keys_in_use(&self) -> Result<Vec<(ColumnKeyId, u64)>, StoreError> {
        let mut all: BTreeMap<ColumnKeyId, u64> = BTreeMap::new();
        for table in SealedTable::ALL {
            for (id, values) in self.keys_of(table).await? {
                let sum = all.entry(id).or_default();
                *sum = sum.saturating_add(values);
            }
        }
        Ok(all.into_iter().collect())
    }

    /// The same of one table.
    pub(crate) async fn keys_of(
        &self,
        table: SealedTable,
    ) -> Result<Vec<(ColumnKeyId, u64)>, StoreError> {
        let statement = Query::select()
            .column(Alias::new(KEY_ID))
            .expr_as(
                Func::count(Expr::col(Alias::new(KEY_ID))),
                Alias::new("rows"),
            )
            .from(table.iden())
            .group_by_col(Alias::new(KEY_ID))
            .to_owned();
        run::all(self.reader(), &statement)
            .await?
            .iter()
            .map(|row| {
                let id = ColumnKeyId::from_number(get(row, KEY_ID)?)
                    .ok_or(StoreError::defect("a key has another id than expected"))?;
                Ok((id, count(row, "rows")?))
            })
            .collect()
    }

    /// `false`: somebody else was faster.
    async fn rewrite(
        &self,
        table: SealedTable,
        key: &RowKey,
        row: &QueryResult,
    ) -> Result<bool, StoreError> {
        let old: Vec<u8> = get(row, COLUMN)?;
        let plain = table.open(self, key, &old)?;
        let (sealed, key_id) = table.seal(self, key, &plain)?;
        let statement = Query::update()
            .table(table.iden())
            .value(Alias::new(COLUMN), sealed)
            .value(Alias::new(KEY_ID), key_id)
            .and_where(Expr::col(Alias::new(table.key_column())).eq(Expr::value(key.value())))
            .and_where(Expr::col(Alias::new(COLUMN)).eq(old))
            .to_owned();
        run::at_most_one(self.writer(), &statement).await
    }
}

fn next_table(table: SealedTable) -> Option<SealedTable> {
    SealedTable::ALL
        .into_iter()
        .skip_while(|other| *other != table)
        .nth(1)
}
