//! `albums`: tracks that an artist puts together.

use gatefold_domain::{AlbumId, Did, Handle, ImageId, Timestamp, TrackId};
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, OnConflict, Order, Query, Returning, SelectStatement},
};

use crate::{
    accounts, artists,
    connection::On,
    documents::{self, DocumentKind},
    error::StoreError,
    row::{self, get, insert, parsed, parsed_option},
    run,
    store::Store,
    tracks,
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
    Description,
    Image,
    TrackCount,
    PlayCount,
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

/// An album that everybody sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Album {
    /// Its id.
    pub id: AlbumId,
    /// What stands for it in addresses.
    pub slug: String,
    /// What it is called.
    pub title: String,
    /// What its artist says of it.
    pub description: Option<String>,
    /// Its picture.
    pub image: Option<ImageId>,
    /// Whose it is.
    pub artist: Did,
    /// The name that they go by.
    pub artist_name: String,
    /// Their handle, when one is known to be their own.
    pub artist_handle: Option<Handle>,
    /// How many tracks of it everybody sees.
    pub tracks: u64,
    /// How often these were played.
    pub plays: u64,
}

/// Which albums.
#[derive(Clone, Copy, Debug)]
pub enum AlbumsOf<'a> {
    /// All that everybody sees.
    Everybody,
    /// Those of an artist.
    Artist(&'a Did),
    /// The one of an artist that has this slug.
    Slug(&'a Did, &'a str),
    /// The one with this id.
    Id(AlbumId),
}

/// The albums.
#[derive(Clone, Copy)]
pub struct Albums<'a>(pub(crate) &'a Store);

impl Albums<'_> {
    /// Albums that everybody sees, the newest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn shown(&self, of: AlbumsOf<'_>, most: u32) -> Result<Vec<Album>, StoreError> {
        let mut statement = select();
        statement
            .and_where(Expr::cust("\"albums\".\"track_count\" > 0"))
            .order_by((Table, Column::Created), Order::Desc)
            .order_by((Table, Column::Id), Order::Desc)
            .limit(most.into());
        let artist = |did: &Did| Expr::col((Table, Column::Artist)).eq(did.as_str());
        match of {
            AlbumsOf::Everybody => {}
            AlbumsOf::Artist(did) => {
                statement.and_where(artist(did));
            }
            AlbumsOf::Slug(did, slug) => {
                statement.and_where(artist(did));
                statement.and_where(Expr::col((Table, Column::Slug)).eq(slug));
            }
            AlbumsOf::Id(id) => {
                statement.and_where(Expr::col((Table, Column::Id)).eq(id.to_string()));
            }
        }
        let rows = run::all(self.0.reader(), &statement).await?;
        rows.iter().map(album).collect()
    }
}

fn select() -> SelectStatement {
    let did = (Table, Column::Artist);
    Query::select()
        .columns([
            (Table, Column::Id),
            (Table, Column::Slug),
            (Table, Column::Title),
            (Table, Column::Description),
            (Table, Column::Image),
            (Table, Column::Artist),
            (Table, Column::TrackCount),
            (Table, Column::PlayCount),
        ])
        .expr_as(
            Expr::col((artists::Table, artists::Column::DisplayName)),
            Alias::new("artist_name"),
        )
        .expr_as(
            Expr::col((accounts::Table, accounts::Column::Handle)),
            Alias::new("artist_handle"),
        )
        .from(Table)
        .inner_join(
            artists::Table,
            Expr::col((artists::Table, artists::Column::Did)).equals(did),
        )
        .inner_join(
            accounts::Table,
            Expr::col((accounts::Table, accounts::Column::Did)).equals(did),
        )
        .to_owned()
}

fn album(row: &QueryResult) -> Result<Album, StoreError> {
    Ok(Album {
        id: parsed(row, "id")?,
        slug: get(row, "slug")?,
        title: get(row, "title")?,
        description: get(row, "description")?,
        image: parsed_option(row, "image")?,
        artist: parsed(row, "artist")?,
        artist_name: get(row, "artist_name")?,
        artist_handle: parsed_option(row, "artist_handle")?,
        tracks: row::count(row, "track_count")?,
        plays: row::count(row, "play_count")?,
    })
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
        documents::album(on, album.id, album.title).await?;
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

/// Counts a track of an album, with its plays, as shown to everybody, or no longer.
pub(crate) async fn count(
    on: &impl On,
    album: AlbumId,
    track: TrackId,
    by: i64,
) -> Result<(), StoreError> {
    let plays = Query::select()
        .column(tracks::Column::PlayCount)
        .from(tracks::Table)
        .and_where(Expr::col(tracks::Column::Id).eq(track.get()))
        .to_owned();
    let plays = Expr::SubQuery(None, Box::new(plays.into())).mul(by);
    let statement = Query::update()
        .table(Table)
        .value(Column::TrackCount, Expr::col(Column::TrackCount).add(by))
        .value(Column::PlayCount, Expr::col(Column::PlayCount).add(plays))
        .and_where(Expr::col(Column::Id).eq(album.to_string()))
        .to_owned();
    run::exactly_one(on, &statement).await
}

/// Counts a play of a track of an album that is shown to everybody.
pub(crate) async fn count_play(on: &impl On, album: AlbumId) -> Result<(), StoreError> {
    let statement = Query::update()
        .table(Table)
        .value(Column::PlayCount, Expr::col(Column::PlayCount).add(1i64))
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
        .from(tracks::Table)
        .and_where(Expr::col(tracks::Column::Album).eq(album.to_string()))
        .to_owned();
    let statement = Query::delete()
        .from_table(Table)
        .and_where(Expr::col(Column::Id).eq(album.to_string()))
        .and_where(Expr::exists(tracks).not())
        .returning(Returning::new().columns([Column::Image]))
        .to_owned();
    let Some(row) = run::one(on, &statement).await? else {
        return Ok(None);
    };
    documents::remove(on, DocumentKind::Album, &album.to_string()).await?;
    parsed_option(&row, "image")
}
