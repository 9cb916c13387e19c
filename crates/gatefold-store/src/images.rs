//! `images`: pictures, each in two sizes.

use gatefold_domain::{Did, ImageId, ObjectKey, Timestamp, Visibility};
use sea_orm::{
    DeriveIden,
    sea_query::{Alias, Expr, ExprTrait, Query, Returning},
};

use crate::{
    albums,
    connection::On,
    error::StoreError,
    objects,
    row::{get, insert, parsed, parsed_option},
    run,
    store::Store,
    tracks,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "images")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Id,
    Artist,
    Large,
    Small,
    Created,
}

/// A picture to be kept. Its bytes are in the bucket already, under keys that are expected.
#[derive(Clone, Copy)]
pub struct NewImage<'a> {
    /// Its name.
    pub id: ImageId,
    /// The object with the large one.
    pub large: &'a ObjectKey,
    /// How long that is, in bytes.
    pub large_len: u64,
    /// The object with the small one.
    pub small: &'a ObjectKey,
    /// How long that is, in bytes.
    pub small_len: u64,
}

/// A picture.
#[derive(Clone)]
pub struct Image {
    /// Whose it is.
    pub artist: Did,
    /// The object with the large one.
    pub large: ObjectKey,
    /// The object with the small one.
    pub small: ObjectKey,
    /// Whether something has it that is shown to others than its artist.
    pub is_shown: bool,
}

/// The pictures.
#[derive(Clone, Copy)]
pub struct Images<'a>(pub(crate) &'a Store);

impl Images<'_> {
    /// A picture.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn get(&self, id: ImageId) -> Result<Option<Image>, StoreError> {
        let album_count = (albums::Table, albums::Column::TrackCount);
        let statement = Query::select()
            .column((Table, Column::Artist))
            .columns([(Table, Column::Large), (Table, Column::Small)])
            .expr_as(
                Expr::col((tracks::Table, tracks::Column::Visibility)),
                Alias::new("visibility"),
            )
            .expr_as(Expr::col(album_count), Alias::new("track_count"))
            .from(Table)
            .left_join(
                tracks::Table,
                Expr::col((tracks::Table, tracks::Column::Image)).equals((Table, Column::Id)),
            )
            .left_join(
                albums::Table,
                Expr::col((albums::Table, albums::Column::Image)).equals((Table, Column::Id)),
            )
            .and_where(Expr::col((Table, Column::Id)).eq(id.to_string()))
            .limit(1)
            .to_owned();
        let Some(row) = run::one(self.0.reader(), &statement).await? else {
            return Ok(None);
        };
        let visibility: Option<Visibility> = parsed_option(&row, "visibility")?;
        let tracks: Option<i64> = get(&row, "track_count")?;
        let by_track = visibility.is_some_and(|shown| shown != Visibility::Draft);
        Ok(Some(Image {
            artist: parsed(&row, "artist")?,
            large: parsed(&row, "large")?,
            small: parsed(&row, "small")?,
            is_shown: by_track || tracks.is_some_and(|tracks| tracks > 0),
        }))
    }
}

/// Keeps a picture. `false`: its objects were given up meanwhile.
pub(crate) async fn add(
    on: &impl On,
    artist: &Did,
    image: NewImage<'_>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if !objects::keep(on, image.large, image.large_len, now).await?
        || !objects::keep(on, image.small, image.small_len, now).await?
    {
        return Ok(false);
    }
    let statement = insert(
        Table,
        [
            (Column::Id, image.id.to_string().into()),
            (Column::Artist, artist.as_str().into()),
            (Column::Large, image.large.as_str().into()),
            (Column::Small, image.small.as_str().into()),
            (Column::Created, now.as_millis().into()),
        ],
    )?;
    run::exactly_one(on, &statement).await?;
    Ok(true)
}

/// Removes a picture that nothing refers to any more.
pub(crate) async fn remove(on: &impl On, id: ImageId, now: Timestamp) -> Result<(), StoreError> {
    let statement = Query::delete()
        .from_table(Table)
        .and_where(Expr::col(Column::Id).eq(id.to_string()))
        .returning(Returning::new().columns([Column::Large, Column::Small]))
        .to_owned();
    if let Some(row) = run::one(on, &statement).await? {
        for column in ["large", "small"] {
            objects::condemn(on, &get::<String>(&row, column)?, now).await?;
        }
    }
    Ok(())
}
