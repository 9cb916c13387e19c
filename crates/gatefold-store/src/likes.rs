//! `likes`: who likes which track.

use gatefold_domain::TrackId;
use sea_orm::{
    DeriveIden,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::{connection::On, error::StoreError, run};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "likes")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Track,
}

/// Forgets who likes a track that is gone.
pub(crate) async fn clear(on: &impl On, track: TrackId) -> Result<(), StoreError> {
    let statement = Query::delete()
        .from_table(Table)
        .and_where(Expr::col(Column::Track).eq(track.get()))
        .to_owned();
    run::count(on, &statement).await?;
    Ok(())
}
