//! `albums`: tracks that an artist puts together.

use gatefold_domain::{AlbumId, Did, ImageId, Timestamp};
use sea_orm::{
    DeriveIden,
    sea_query::{Expr, ExprTrait, OnConflict, Query, Returning},
};

use crate::{
    connection::On,
    error::StoreError,
    row::{insert, parsed, parsed_option},
    run,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "albums")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Id,
    Artist,
    Slug,
    Title,
    Image,
    TrackCount,
    Created,
    Updated,
}

/// The album that a track is to be in. It is found by its slug, and made when there is none.
#[derive(Clone, Copy, Debug)]
pub struct AlbumName<'a> {
    /// What it is called, if it is new.
    pub title: &'a str,
    /// What stands for it in addresses.
    pub slug: &'a str,
    /// Its id, if it is new.
    pub id: AlbumId,
}

/// The album of an artist that has this slug, which is made when there is none.
pub(crate) async fn find_or_add(
    on: &impl On,
    artist: &Did,
    album: AlbumName<'_>,
    now: Timestamp,
) -> Result<AlbumId, StoreError> {
    let mut statement = insert(
        Table,
        [
            (Column::Id, album.id.to_string().into()),
            (Column::Artist, artist.as_str().into()),
            (Column::Slug, album.slug.into()),
            (Column::Title, album.title.into()),
            (Column::Created, now.as_millis().into()),
            (Column::Updated, now.as_millis().into()),
        ],
    )?;
    statement.on_conflict(
        OnConflict::columns([Column::Artist, Column::Slug])
            .do_nothing()
            .to_owned(),
    );
    if run::at_most_one(on, &statement).await? {
        return Ok(album.id);
    }
    let statement = Query::select()
        .column(Column::Id)
        .from(Table)
        .and_where(Expr::col(Column::Artist).eq(artist.as_str()))
        .and_where(Expr::col(Column::Slug).eq(album.slug))
        .to_owned();
    let row = run::one(on, &statement).await?;
    let row = row.ok_or(StoreError::defect("an album was there, and is not"))?;
    parsed(&row, "id")
}

/// Counts a track of an album that is shown to everybody, or no longer.
pub(crate) async fn count(on: &impl On, album: AlbumId, by: i64) -> Result<(), StoreError> {
    let statement = Query::update()
        .table(Table)
        .value(Column::TrackCount, Expr::col(Column::TrackCount).add(by))
        .and_where(Expr::col(Column::Id).eq(album.to_string()))
        .to_owned();
    run::exactly_one(on, &statement).await
}

/// Removes an album that has no track any more, of whatever visibility. Its picture, if it had one.
pub(crate) async fn remove_if_empty(
    on: &impl On,
    album: AlbumId,
) -> Result<Option<ImageId>, StoreError> {
    let tracks = Query::select()
        .expr(Expr::value(1))
        .from(crate::tracks::Table)
        .and_where(Expr::col(crate::tracks::Column::Album).eq(album.to_string()))
        .to_owned();
    let statement = Query::delete()
        .from_table(Table)
        .and_where(Expr::col(Column::Id).eq(album.to_string()))
        .and_where(Expr::exists(tracks).not())
        .returning(Returning::new().columns([Column::Image]))
        .to_owned();
    let row = run::one(on, &statement).await?;
    row.map_or(Ok(None), |row| parsed_option(&row, "image"))
}
