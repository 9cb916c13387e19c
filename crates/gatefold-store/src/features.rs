//! `features`: who else is heard on a track.

use gatefold_domain::{Did, Handle, TrackId};
use sea_orm::{
    DeriveIden,
    sea_query::{Expr, ExprTrait, Order, Query},
};

use crate::{
    connection::On,
    error::StoreError,
    row::{insert, parsed},
    run,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "features")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Track,
    Did,
    Handle,
    Position,
}

/// Somebody who is heard on a track of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Who it is.
    pub did: Did,
    /// Their handle, as it was when they were named.
    pub handle: Handle,
}

/// Names these on a track that names nobody.
pub(crate) async fn put(
    on: &impl On,
    track: TrackId,
    features: &[Feature],
) -> Result<(), StoreError> {
    for (position, feature) in (0i64..).zip(features) {
        let statement = insert(
            Table,
            [
                (Column::Track, track.get().into()),
                (Column::Did, feature.did.as_str().into()),
                (Column::Handle, feature.handle.as_str().into()),
                (Column::Position, position.into()),
            ],
        )?;
        run::exactly_one(on, &statement).await?;
    }
    Ok(())
}

/// Names nobody on a track any more.
pub(crate) async fn clear(on: &impl On, track: TrackId) -> Result<(), StoreError> {
    let statement = Query::delete()
        .from_table(Table)
        .and_where(Expr::col(Column::Track).eq(track.get()))
        .to_owned();
    run::count(on, &statement).await?;
    Ok(())
}

/// Who is named on a track, in the artist's order.
pub(crate) async fn of(on: &impl On, track: TrackId) -> Result<Vec<Feature>, StoreError> {
    let statement = Query::select()
        .columns([Column::Did, Column::Handle])
        .from(Table)
        .and_where(Expr::col(Column::Track).eq(track.get()))
        .order_by(Column::Position, Order::Asc)
        .to_owned();
    run::all(on, &statement)
        .await?
        .iter()
        .map(|row| {
            Ok(Feature {
                did: parsed(row, "did")?,
                handle: parsed(row, "handle")?,
            })
        })
        .collect()
}
