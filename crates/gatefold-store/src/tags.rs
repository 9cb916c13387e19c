//! `tags` and `track_tags`: the words that artists put on their tracks.

use gatefold_domain::TrackId;
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{Expr, ExprTrait, OnConflict, Order, Query},
};

use crate::{
    connection::On,
    error::StoreError,
    row::{self, get, insert},
    run,
    store::Store,
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

/// A word, and how many tracks that everybody sees have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagCount {
    /// Its number.
    pub id: i64,
    /// The word.
    pub name: String,
    /// On how many.
    pub tracks: u64,
}

/// The words on tracks.
#[derive(Clone, Copy)]
pub struct Tags<'a>(pub(crate) &'a Store);

impl Tags<'_> {
    /// Words that begin so and are on tracks that everybody sees, those first that are on most.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn shown(&self, prefix: &str, most: u32) -> Result<Vec<TagCount>, StoreError> {
        let mut statement = Query::select();
        statement
            .columns([Column::Id, Column::Name, Column::TrackCount])
            .from(Table)
            .and_where(Expr::cust("track_count > 0"))
            .order_by(Column::TrackCount, Order::Desc)
            .order_by(Column::Name, Order::Asc)
            .limit(most.into());
        if !prefix.is_empty() {
            // By the numbers of their letters, as they stand in an index: in the order of a language, words
            // that begin alike need not stand together.
            let name = || {
                if self.0.is_postgres() {
                    Expr::cust("name COLLATE \"C\"")
                } else {
                    Expr::col(Column::Name)
                }
            };
            statement
                .and_where(name().gte(prefix))
                .and_where(name().lt(format!("{prefix}{}", char::MAX)));
        }
        let rows = run::all(self.0.reader(), &statement).await?;
        rows.iter().map(tag).collect()
    }

    /// A word, if it is on tracks that everybody sees.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn get(&self, name: &str) -> Result<Option<TagCount>, StoreError> {
        let statement = Query::select()
            .columns([Column::Id, Column::Name, Column::TrackCount])
            .from(Table)
            .and_where(Expr::cust("track_count > 0"))
            .and_where(Expr::col(Column::Name).eq(name))
            .to_owned();
        let row = run::one(self.0.reader(), &statement).await?;
        row.as_ref().map(tag).transpose()
    }
}

fn tag(row: &QueryResult) -> Result<TagCount, StoreError> {
    Ok(TagCount {
        id: get(row, "id")?,
        name: get(row, "name")?,
        tracks: row::count(row, "track_count")?,
    })
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

/// Those of a track, in its artist's order.
pub(crate) async fn of(on: &impl On, track: TrackId) -> Result<Vec<String>, StoreError> {
    let statement = Query::select()
        .column((Table, Column::Name))
        .from(OfTrack)
        .inner_join(
            Table,
            Expr::col((Table, Column::Id)).equals((OfTrack, OfTrackColumn::Tag)),
        )
        .and_where(Expr::col((OfTrack, OfTrackColumn::Track)).eq(track.get()))
        .order_by((OfTrack, OfTrackColumn::Position), Order::Asc)
        .to_owned();
    let rows = run::all(on, &statement).await?;
    rows.iter().map(|row| get(row, "name")).collect()
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
