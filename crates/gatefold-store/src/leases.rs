//! `leases`: who does what only one process may do, such as keeping grants alive.

use gatefold_domain::Timestamp;
use sea_orm::{
    DeriveIden,
    sea_query::{Expr, ExprTrait, OnConflict, Query, Returning},
};

use crate::{
    error::StoreError,
    row::{count, fence_number, holder_text, insert},
    run,
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "leases")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Name,
    Holder,
    Fence,
    LeaseUntil,
}

/// Leases by name. Fences grow with every holder.
#[derive(Clone, Copy)]
pub struct Leases<'a>(pub(crate) &'a Store);

impl Leases<'_> {
    /// Takes a lease until a moment. Its fence; or `None`, when somebody holds it.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn take(
        &self,
        name: &str,
        holder: u128,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let mut statement = insert(
            Table,
            [
                (Column::Name, name.into()),
                (Column::Holder, holder_text(holder).into()),
                (Column::Fence, 1i64.into()),
                (Column::LeaseUntil, until.as_millis().into()),
            ],
        )?;
        let is_free =
            Expr::col((Table, Column::Holder))
                .is_null()
                .or(Expr::col((Table, Column::LeaseUntil)).lte(now.as_millis()));
        statement
            .on_conflict(
                OnConflict::column(Column::Name)
                    .update_columns([Column::Holder, Column::LeaseUntil])
                    .value(Column::Fence, Expr::col((Table, Column::Fence)).add(1i64))
                    .action_and_where(is_free)
                    .to_owned(),
            )
            .returning(Returning::new().columns([Column::Fence]));
        let row = run::one(self.0.writer(), &statement).await?;
        row.map(|row| count(&row, "fence")).transpose()
    }

    /// Holds a lease for longer. `false`: it is somebody else's by now, or was given back.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn renew(
        &self,
        name: &str,
        fence: u64,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(fence) = fence_number(fence) else {
            return Ok(false);
        };
        let statement = Query::update()
            .table(Table)
            .value(Column::LeaseUntil, until.as_millis())
            .and_where(Expr::col(Column::Name).eq(name))
            .and_where(Expr::col(Column::Fence).eq(fence))
            .and_where(Expr::col(Column::Holder).is_not_null())
            .to_owned();
        run::at_most_one(self.0.writer(), &statement).await
    }

    /// Gives a lease back, if it is still this holder's.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn release(&self, name: &str, fence: u64) -> Result<(), StoreError> {
        let Some(fence) = fence_number(fence) else {
            return Ok(());
        };
        let statement = Query::update()
            .table(Table)
            .value(Column::Holder, Option::<String>::None)
            .value(Column::LeaseUntil, Option::<i64>::None)
            .and_where(Expr::col(Column::Name).eq(name))
            .and_where(Expr::col(Column::Fence).eq(fence))
            .to_owned();
        run::at_most_one(self.0.writer(), &statement).await?;
        Ok(())
    }
}
