//! `waveforms`: how loud what a file plays is, from its beginning to its end.

use gatefold_domain::FileId;
use sea_orm::{
    DeriveIden,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::{
    connection::On,
    error::StoreError,
    row::{get, insert},
    run,
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "waveforms")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    File,
    Points,
}

/// The waveforms.
#[derive(Clone, Copy)]
pub struct Waveforms<'a>(pub(crate) &'a Store);

impl Waveforms<'_> {
    /// That of a file; `None` for one that was not decoded.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn get(&self, file: &FileId) -> Result<Option<Vec<u8>>, StoreError> {
        let statement = Query::select()
            .column(Column::Points)
            .from(Table)
            .and_where(Expr::col(Column::File).eq(file.as_str()))
            .to_owned();
        let row = run::one(self.0.reader(), &statement).await?;
        row.map(|row| get(&row, "points")).transpose()
    }
}

/// Keeps that of a file.
pub(crate) async fn add(on: &impl On, file: &FileId, points: &[u8]) -> Result<(), StoreError> {
    let statement = insert(
        Table,
        [
            (Column::File, file.as_str().into()),
            (Column::Points, points.to_vec().into()),
        ],
    )?;
    run::exactly_one(on, &statement).await
}

/// Removes that of a file, if it has one.
pub(crate) async fn remove(on: &impl On, file: &str) -> Result<(), StoreError> {
    let statement = Query::delete()
        .from_table(Table)
        .and_where(Expr::col(Column::File).eq(file))
        .to_owned();
    run::count(on, &statement).await?;
    Ok(())
}
