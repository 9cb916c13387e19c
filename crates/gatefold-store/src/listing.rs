//! Tracks as lists and pages show them: with all that is told of them, in a bounded number of statements
//! however many they are, none of which goes through tracks that are not shown.

use std::collections::HashMap;

use gatefold_domain::{AlbumId, AudioFormat, Did, FileId, ImageId, TrackId};
use sea_orm::{
    QueryResult,
    sea_query::{Alias, Expr, ExprTrait, Func, Order, Query, SelectStatement},
};

use crate::{
    albums, artists,
    error::StoreError,
    features::{self, Feature},
    likes,
    row::{count, get, parsed, parsed_option},
    run, tags,
    tracks::{self, Column, File, Files, ORIGINAL, SHOWN, Table, Track, Tracks},
};

/// What everybody sees and somebody likes: as [`SHOWN`] is written, for the same reason.
const LIKED: &str = "\"tracks\".\"like_count\" > 0";

/// A track with all that is told of it.
#[derive(Clone)]
pub struct ListedTrack {
    /// The track, with the file that is played.
    pub track: Track,
    /// What its artist says of it.
    pub description: Option<String>,
    /// Where the picture of its artist is.
    pub artist_avatar: Option<String>,
    /// The album that it is of.
    pub album: Option<ListedAlbum>,
    /// What was uploaded, where that is not what is played.
    pub original: Option<(FileId, AudioFormat)>,
    /// Where its record is, and which one it is.
    pub record: Option<(String, String)>,
    /// Why the record is not what it should be yet.
    pub record_problem: Option<String>,
    /// How many like it.
    pub like_count: u64,
    /// How often it was played.
    pub play_count: u64,
    /// Whether whoever asks likes it.
    pub is_liked: bool,
    /// The words on it.
    pub tags: Vec<String>,
    /// Who else is heard on it.
    pub features: Vec<Feature>,
}

/// An album, as its tracks name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAlbum {
    /// Its id.
    pub id: AlbumId,
    /// What stands for it in addresses.
    pub slug: String,
    /// What it is called.
    pub title: String,
    /// Its picture.
    pub image: Option<ImageId>,
}

/// Which of the tracks that everybody sees.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Those before this one.
    pub before: Option<TrackId>,
    /// Those of this artist.
    pub artist: Option<&'a Did>,
    /// Those with this word.
    pub tag: Option<&'a str>,
    /// Those of this album.
    pub album: Option<AlbumId>,
}

impl Tracks<'_> {
    /// A track, for this viewer: whether they may see it is for others to say.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn listed(
        &self,
        id: TrackId,
        viewer: Option<&Did>,
    ) -> Result<Option<ListedTrack>, StoreError> {
        let mut some = tracks::some();
        some.and_where(Expr::col((Table, Column::Id)).eq(id.get()));
        Ok(self.listed_all(&listed(some, viewer)).await?.pop())
    }

    /// The track whose record is there, for this viewer.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn listed_by_record(
        &self,
        uri: &str,
        viewer: Option<&Did>,
    ) -> Result<Option<ListedTrack>, StoreError> {
        let mut some = tracks::some();
        some.and_where(Expr::col((Table, Column::RecordUri)).eq(uri));
        Ok(self.listed_all(&listed(some, viewer)).await?.pop())
    }

    /// Tracks that everybody sees, the newest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn shown(
        &self,
        filter: Filter<'_>,
        most: u32,
        viewer: Option<&Did>,
    ) -> Result<Vec<ListedTrack>, StoreError> {
        let mut some = tracks::some();
        some.and_where(Expr::cust(SHOWN)).limit(most.into());
        // The number by which what is listed stands in an index in the order in which it is wanted.
        let number = match filter.tag {
            None => Expr::col((Table, Column::Id)),
            Some(tag) => {
                with_tag(&mut some, tag);
                Expr::col((tags::OfTrack, tags::OfTrackColumn::Track))
            }
        };
        if let Some(before) = filter.before {
            some.and_where(number.clone().lt(before.get()));
        }
        if let Some(artist) = filter.artist {
            some.and_where(Expr::col((Table, Column::Artist)).eq(artist.as_str()));
        }
        if let Some(album) = filter.album {
            some.and_where(Expr::col((Table, Column::Album)).eq(album.to_string()));
        }
        some.order_by_expr(number, Order::Desc);
        self.newest_first(some, viewer).await
    }

    /// Those of these that everybody sees, in no order.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn shown_of(
        &self,
        ids: &[TrackId],
        viewer: Option<&Did>,
    ) -> Result<Vec<ListedTrack>, StoreError> {
        let mut some = tracks::some();
        some.and_where(Expr::cust(SHOWN))
            .and_where(Expr::col((Table, Column::Id)).is_in(ids.iter().map(|id| id.get())));
        self.listed_all(&listed(some, viewer)).await
    }

    /// Tracks that everybody sees, those first that are liked most.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn top(
        &self,
        most: u32,
        viewer: Option<&Did>,
    ) -> Result<Vec<ListedTrack>, StoreError> {
        let most_liked = |statement: &mut SelectStatement| {
            statement
                .order_by((Table, Column::LikeCount), Order::Desc)
                .order_by((Table, Column::Id), Order::Desc);
        };
        let mut some = tracks::some();
        some.and_where(Expr::cust(SHOWN))
            .and_where(Expr::cust(LIKED))
            .limit(most.into());
        most_liked(&mut some);
        let mut statement = listed(some, viewer);
        most_liked(&mut statement);
        self.listed_all(&statement).await
    }

    /// All tracks of an artist, whatever their visibility, the newest first, and how many there are: for
    /// the artist alone.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn of_artist(
        &self,
        artist: &Did,
        (offset, most): (u64, u32),
    ) -> Result<(Vec<ListedTrack>, u64), StoreError> {
        let mut some = tracks::some();
        some.and_where(Expr::col((Table, Column::Artist)).eq(artist.as_str()))
            .and_where(Expr::col((Table, Column::Removed)).is_null())
            .order_by((Table, Column::Id), Order::Desc)
            .offset(offset)
            .limit(most.into());
        let total = self.0.artists().tracks(artist).await?;
        Ok((self.newest_first(some, Some(artist)).await?, total))
    }

    /// What somebody likes and may see, the latest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn liked_by(&self, did: &Did, most: u32) -> Result<Vec<ListedTrack>, StoreError> {
        let latest = |statement: &mut SelectStatement| {
            statement
                .order_by((likes::Table, likes::Column::Created), Order::Desc)
                .order_by((likes::Table, likes::Column::Track), Order::Desc);
        };
        let is_draft = Expr::col((Table, Column::Visibility)).eq("draft");
        let is_theirs = Expr::col((Table, Column::Artist)).eq(did.as_str());
        let mut some = tracks::some();
        some.inner_join(
            likes::Table,
            Expr::col((likes::Table, likes::Column::Track)).equals((Table, Column::Id)),
        )
        .and_where(Expr::col((likes::Table, likes::Column::Did)).eq(did.as_str()))
        .and_where(Expr::cust("\"likes\".\"wanted\" = 1"))
        .and_where(is_draft.not().or(is_theirs))
        .limit(most.into());
        latest(&mut some);
        let mut statement = listed(some, Some(did));
        latest(&mut statement);
        self.listed_all(&statement).await
    }

    async fn newest_first(
        &self,
        some: SelectStatement,
        viewer: Option<&Did>,
    ) -> Result<Vec<ListedTrack>, StoreError> {
        let mut statement = listed(some, viewer);
        statement.order_by((Table, Column::Id), Order::Desc);
        self.listed_all(&statement).await
    }

    async fn listed_all(
        &self,
        statement: &SelectStatement,
    ) -> Result<Vec<ListedTrack>, StoreError> {
        let rows = run::all(self.0.reader(), statement).await?;
        let mut found: Vec<_> = rows.iter().map(row).collect::<Result<_, _>>()?;
        let ids: Vec<_> = found.iter().map(|listed| listed.track.id.get()).collect();
        let mut words = self.words(&ids).await?;
        let mut named = self.named(&ids).await?;
        for listed in &mut found {
            let id = listed.track.id.get();
            listed.tags = words.remove(&id).unwrap_or_default();
            listed.features = named.remove(&id).unwrap_or_default();
        }
        Ok(found)
    }

    async fn words(&self, ids: &[i64]) -> Result<HashMap<i64, Vec<String>>, StoreError> {
        let mut words = HashMap::<i64, Vec<String>>::new();
        if ids.is_empty() {
            return Ok(words);
        }
        let statement = Query::select()
            .column((tags::OfTrack, tags::OfTrackColumn::Track))
            .column((tags::Table, tags::Column::Name))
            .from(tags::OfTrack)
            .inner_join(
                tags::Table,
                Expr::col((tags::Table, tags::Column::Id))
                    .equals((tags::OfTrack, tags::OfTrackColumn::Tag)),
            )
            .and_where(
                Expr::col((tags::OfTrack, tags::OfTrackColumn::Track)).is_in(ids.iter().copied()),
            )
            .order_by((tags::OfTrack, tags::OfTrackColumn::Position), Order::Asc)
            .to_owned();
        for row in &run::all(self.0.reader(), &statement).await? {
            let track = get(row, "track")?;
            words.entry(track).or_default().push(get(row, "name")?);
        }
        Ok(words)
    }

    async fn named(&self, ids: &[i64]) -> Result<HashMap<i64, Vec<Feature>>, StoreError> {
        use features::Column;
        let mut named = HashMap::<i64, Vec<Feature>>::new();
        if ids.is_empty() {
            return Ok(named);
        }
        let statement = Query::select()
            .columns([Column::Track, Column::Did, Column::Handle])
            .from(features::Table)
            .and_where(Expr::col(Column::Track).is_in(ids.iter().copied()))
            .order_by(Column::Position, Order::Asc)
            .to_owned();
        for row in &run::all(self.0.reader(), &statement).await? {
            let feature = Feature {
                did: parsed(row, "did")?,
                handle: parsed(row, "handle")?,
            };
            named.entry(get(row, "track")?).or_default().push(feature);
        }
        Ok(named)
    }
}

/// Every column of a [`ListedTrack`] but its words and people, of some tracks.
fn listed(some: SelectStatement, viewer: Option<&Did>) -> SelectStatement {
    let original = Alias::new(ORIGINAL);
    let mut statement = tracks::played(some);
    for (column, name) in [
        (Column::Description, "description"),
        (Column::RecordUri, "record_uri"),
        (Column::RecordCid, "record_cid"),
        (Column::RecordProblem, "record_problem"),
        (Column::LikeCount, "like_count"),
        (Column::PlayCount, "play_count"),
    ] {
        statement.expr_as(Expr::col((Table, column)), Alias::new(name));
    }
    for (column, name) in [
        (albums::Column::Id, "album_id"),
        (albums::Column::Slug, "album_slug"),
        (albums::Column::Title, "album_title"),
        (albums::Column::Image, "album_image"),
    ] {
        statement.expr_as(Expr::col((albums::Table, column)), Alias::new(name));
    }
    let avatar = (artists::Table, artists::Column::AvatarUrl);
    statement
        .expr_as(Expr::col(avatar), Alias::new("artist_avatar"))
        .expr_as(
            Expr::col((original.clone(), File::Id)),
            Alias::new("original_id"),
        )
        .expr_as(
            Expr::col((original.clone(), File::Format)),
            Alias::new("original_format"),
        )
        .expr_as(
            Func::coalesce([
                Expr::col((likes::Table, likes::Column::Wanted)),
                Expr::val(0i64),
            ]),
            Alias::new("is_liked"),
        )
        .left_join(
            albums::Table,
            Expr::col((albums::Table, albums::Column::Id)).equals((Table, Column::Album)),
        )
        .join_as(
            sea_orm::JoinType::LeftJoin,
            Files,
            original.clone(),
            Expr::col((original.clone(), File::Revision))
                .equals((Table, Column::Revision))
                .and(Expr::col((original, File::Role)).eq(ORIGINAL)),
        )
        .left_join(
            likes::Table,
            Expr::col((likes::Table, likes::Column::Track))
                .equals((Table, Column::Id))
                .and(
                    Expr::col((likes::Table, likes::Column::Did))
                        .eq(viewer.map(Did::as_str).unwrap_or_default()),
                )
                .and(Expr::col((likes::Table, likes::Column::Wanted)).eq(1i64)),
        );
    statement
}

/// Only those with a word, found by it.
fn with_tag(statement: &mut SelectStatement, name: &str) {
    let tag = Query::select()
        .column(tags::Column::Id)
        .from(tags::Table)
        .and_where(Expr::col(tags::Column::Name).eq(name))
        .to_owned();
    let tag = Expr::SubQuery(None, Box::new(tag.into()));
    statement
        .inner_join(
            tags::OfTrack,
            Expr::col((tags::OfTrack, tags::OfTrackColumn::Track)).equals((Table, Column::Id)),
        )
        .and_where(Expr::col((tags::OfTrack, tags::OfTrackColumn::Tag)).eq(tag));
}

fn row(row: &QueryResult) -> Result<ListedTrack, StoreError> {
    let album = parsed_option(row, "album_id")?;
    let album = match album {
        Some(id) => Some(ListedAlbum {
            id,
            slug: get(row, "album_slug")?,
            title: get(row, "album_title")?,
            image: parsed_option(row, "album_image")?,
        }),
        None => None,
    };
    let original = parsed_option(row, "original_id")?;
    let format = parsed_option(row, "original_format")?;
    let uri: Option<String> = get(row, "record_uri")?;
    let cid: Option<String> = get(row, "record_cid")?;
    Ok(ListedTrack {
        track: tracks::track(row)?,
        description: get(row, "description")?,
        artist_avatar: get(row, "artist_avatar")?,
        album,
        original: original.zip(format),
        // One that may be there, and may not, is not told.
        record: uri.zip(cid).filter(|(_, cid)| !cid.is_empty()),
        record_problem: get(row, "record_problem")?,
        like_count: count(row, "like_count")?,
        play_count: count(row, "play_count")?,
        is_liked: get::<i64>(row, "is_liked")? == 1,
        tags: Vec::new(),
        features: Vec::new(),
    })
}
