//! `tags` and `track_tags`: the words that artists put on their tracks.

use gatefold_domain::TrackId;
use sea_orm::{
    DeriveIden,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};

use crate::{
    connection::On,
    error::StoreError,
    row::{get, insert},
    run,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "tags")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Id,
    Name,
    TrackCount,
}

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "track_tags")]
pub(crate) struct OfTrack;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum OfTrackColumn {
    Track,
    Tag,
    Position,
}

/// Puts these on a track that has none.
pub(crate) async fn put(on: &impl On, track: TrackId, names: &[&str]) -> Result<(), StoreError> {
    for (position, name) in (0i64..).zip(names) {
        let mut statement = insert(Table, [(Column::Name, (*name).into())])?;
        let known = OnConflict::column(Column::Name).do_nothing().to_owned();
        statement.on_conflict(known);
        run::at_most_one(on, &statement).await?;
        let statement = Query::select()
            .column(Column::Id)
            .from(Table)
            .and_where(Expr::col(Column::Name).eq(*name))
            .to_owned();
        let row = run::one(on, &statement).await?;
        let row = row.ok_or(StoreError::defect("a tag was written, and is not there"))?;
        let statement = insert(
            OfTrack,
            [
                (OfTrackColumn::Track, track.get().into()),
                (OfTrackColumn::Tag, get::<i64>(&row, "id")?.into()),
                (OfTrackColumn::Position, position.into()),
            ],
        )?;
        run::exactly_one(on, &statement).await?;
    }
    Ok(())
}

/// Takes all from a track.
pub(crate) async fn clear(on: &impl On, track: TrackId) -> Result<(), StoreError> {
    let statement = Query::delete()
        .from_table(OfTrack)
        .and_where(Expr::col(OfTrackColumn::Track).eq(track.get()))
        .to_owned();
    run::count(on, &statement).await?;
    Ok(())
}

/// Counts a track with its tags as shown to everybody, or no longer.
pub(crate) async fn count(on: &impl On, track: TrackId, by: i64) -> Result<(), StoreError> {
    let its = Query::select()
        .column(OfTrackColumn::Tag)
        .from(OfTrack)
        .and_where(Expr::col(OfTrackColumn::Track).eq(track.get()))
        .to_owned();
    let statement = Query::update()
        .table(Table)
        .value(Column::TrackCount, Expr::col(Column::TrackCount).add(by))
        .and_where(Expr::col(Column::Id).in_subquery(its))
        .to_owned();
    run::count(on, &statement).await?;
    Ok(())
}
