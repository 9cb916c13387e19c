//! `tracks`, `revisions` and `files`: what is to be heard here, and where its bytes are.

mod editing;
mod new;
mod revisions;
mod settling;

use gatefold_domain::{
    Access, AudioFormat, Downloads, FileId, Handle, ImageId, ObjectKey, Timestamp, TrackId,
};
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{
        Alias, Asterisk, Expr, ExprTrait, Func, IntoColumnRef, Order, Query, SelectStatement,
    },
};

use crate::{
    accounts, artists,
    changes::{self, Change, Telling},
    error::StoreError,
    row::{count, get, moment, parsed, parsed_option},
    run,
    store::Store,
};

pub use editing::{Edited, TrackEdits};
pub(crate) use new::write;
pub use new::{NewFile, NewRecording, NewTrack};
pub(crate) use revisions::{Replaced, replace};
pub use revisions::{Restored, Revision};
pub use settling::{SettlingFile, SettlingTrack};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "tracks")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Id,
    Artist,
    Title,
    Description,
    Album,
    Image,
    Gate,
    Visibility,
    Downloads,
    Revision,
    Generation,
    GateGeneration,
    Settled,
    RecordKey,
    RecordUri,
    RecordCid,
    RecordProblem,
    LikeCount,
    PlayCount,
    Removed,
    Created,
    Updated,
}

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "files")]
pub(crate) struct Files;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum File {
    Id,
    Track,
    Revision,
    Role,
    Format,
    ObjectKey,
    PublicKey,
    Len,
    Sha256,
    Duration,
    Created,
}

/// What everybody sees in lists. In so many words, and not as a value: only so are the indexes of what is
/// shown taken.
pub(crate) const SHOWN: &str = "\"tracks\".\"visibility\" = 'public'";

/// What is played.
pub(crate) const AUDIO: &str = "audio";
/// What was uploaded, where that is not what is played.
pub(crate) const ORIGINAL: &str = "original";

/// A track with one of its files, and what is told of its artist.
#[derive(Clone)]
pub struct Track {
    /// Its number.
    pub id: TrackId,
    /// What it is called.
    pub title: String,
    /// Who may hear it.
    pub access: Access,
    /// How often something of it has changed that has to be followed elsewhere.
    pub generation: u64,
    /// What that was when who may hear it changed last.
    pub gate_generation: u64,
    /// Up to where it has been followed.
    pub settled: u64,
    /// The name that its artist goes by.
    pub artist_name: String,
    /// Their handle, when one is known to be their own.
    pub artist_handle: Option<Handle>,
    /// Where one becomes their supporter.
    pub support_url: Option<String>,
    /// Its picture.
    pub image: Option<ImageId>,
    /// Who may keep a file of it.
    pub downloads: Downloads,
    /// When it came here.
    pub created: Timestamp,
    /// The file: the one that is played, unless another was asked for by its name.
    pub audio: AudioFile,
}

impl Track {
    /// Whether who may hear it was changed, and is not yet so everywhere.
    #[must_use]
    pub fn is_settling(&self) -> bool {
        self.settled < self.gate_generation
    }
}

/// A file of a track.
#[derive(Clone)]
pub struct AudioFile {
    /// What it is called by those who play it.
    pub id: FileId,
    /// What it is to its track.
    pub role: FileRole,
    /// Whether it is of the revision that is played now: others are their artist's alone.
    pub is_current: bool,
    /// Its format.
    pub format: AudioFormat,
    /// The object of the private bucket.
    pub object: ObjectKey,
    /// Its copy in the public bucket, while there is one.
    pub public: Option<ObjectKey>,
    /// How long it is, in bytes.
    pub len: u64,
    /// How long it plays, in milliseconds.
    pub duration: u64,
}

/// What a file is to its track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRole {
    /// What is played.
    Audio,
    /// What was uploaded, where that is not what is played.
    Original,
}

/// The tracks.
#[derive(Clone, Copy)]
pub struct Tracks<'a>(pub(crate) &'a Store);

impl Tracks<'_> {
    /// A track, with the file that is played.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn get(&self, id: TrackId) -> Result<Option<Track>, StoreError> {
        let mut some = some();
        some.and_where(Expr::col((Table, Column::Id)).eq(id.get()));
        self.one(&played(some)).await
    }

    /// The track that a file belongs to, with that file.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn by_file(&self, file: &FileId) -> Result<Option<Track>, StoreError> {
        let mut statement = with_files();
        statement.and_where(Expr::col((Files, File::Id)).eq(file.as_str()));
        self.one(&statement).await
    }

    /// The track some of whose bytes are this object of the private bucket, with the file of these.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn by_object(&self, object: &ObjectKey) -> Result<Option<Track>, StoreError> {
        let mut statement = with_files();
        statement.and_where(Expr::col((Files, File::ObjectKey)).eq(object.as_str()));
        self.one(&statement).await
    }

    /// Tracks that are shown to everybody, the newest first; those before one when it is named.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn newest(
        &self,
        before: Option<TrackId>,
        most: u32,
    ) -> Result<Vec<Track>, StoreError> {
        let mut some = some();
        some.and_where(Expr::cust(SHOWN))
            .order_by((Table, Column::Id), Order::Desc)
            .limit(most.into());
        if let Some(before) = before {
            some.and_where(Expr::col((Table, Column::Id)).lt(before.get()));
        }
        let mut statement = played(some);
        statement.order_by((Table, Column::Id), Order::Desc);
        let rows = run::all(self.0.reader(), &statement).await?;
        rows.iter().map(track).collect()
    }

    async fn one(&self, statement: &SelectStatement) -> Result<Option<Track>, StoreError> {
        let row = run::one(self.0.reader(), statement).await?;
        row.as_ref().map(track).transpose()
    }

    async fn told(&self, on: &Telling, id: TrackId, now: Timestamp) -> Result<(), StoreError> {
        changes::write(on, &Change::Track(id), now).await
    }
}

/// Tracks, for [`played`]: which of them, in which order, and how many, is to be added.
pub(crate) fn some() -> SelectStatement {
    Query::select()
        .column((Table, Asterisk))
        .from(Table)
        .to_owned()
}

/// Every column of a [`Track`] with the file that is played, of some tracks, in no order.
///
/// They are chosen before anything is joined to them, so that a database looks at those alone: it may be
/// wrong about how many rows a join leaves, and go through all tracks for a page of them.
pub(crate) fn played(some: SelectStatement) -> SelectStatement {
    let mut statement = Query::select();
    statement.from_subquery(some, Table).inner_join(
        Files,
        Expr::col((Files, File::Revision))
            .equals((Table, Column::Revision))
            .and(Expr::col((Files, File::Role)).eq(Expr::val(AUDIO))),
    );
    with_columns(statement)
}

/// Every column of a [`Track`] with any of its files.
fn with_files() -> SelectStatement {
    let mut statement = Query::select();
    statement.from(Table).inner_join(
        Files,
        Expr::col((Files, File::Track)).equals((Table, Column::Id)),
    );
    with_columns(statement)
}

/// Every column under the name by which [`track`] reads it.
fn with_columns(mut statement: SelectStatement) -> SelectStatement {
    let mut take = |column, name| {
        statement.expr_as(Expr::col(column), Alias::new(name));
    };
    for (column, name) in [
        (Column::Id, "id"),
        (Column::Title, "title"),
        (Column::Artist, "artist"),
        (Column::Gate, "gate"),
        (Column::Generation, "generation"),
        (Column::GateGeneration, "gate_generation"),
        (Column::Settled, "settled"),
        (Column::Visibility, "visibility"),
        (Column::Revision, "played_revision"),
        (Column::Image, "image"),
        (Column::Created, "created"),
    ] {
        take((Table, column).into_column_ref(), name);
    }
    for (column, name) in [
        (File::Id, "file_id"),
        (File::Revision, "revision"),
        (File::Role, "role"),
        (File::Format, "format"),
        (File::ObjectKey, "object_key"),
        (File::PublicKey, "public_key"),
        (File::Len, "len"),
        (File::Duration, "duration"),
    ] {
        take((Files, column).into_column_ref(), name);
    }
    for (column, name) in [
        (artists::Column::DisplayName, "artist_name"),
        (artists::Column::SupportUrl, "support_url"),
    ] {
        take((artists::Table, column).into_column_ref(), name);
    }
    let handle = (accounts::Table, accounts::Column::Handle);
    take(handle.into_column_ref(), "artist_handle");
    let own = Expr::col((Table, Column::Downloads));
    let usual = Expr::col((artists::Table, artists::Column::Downloads));
    statement.expr_as(Func::coalesce([own, usual]), Alias::new("downloads"));
    let artist = (Table, Column::Artist);
    statement
        .inner_join(
            artists::Table,
            Expr::col((artists::Table, artists::Column::Did)).equals(artist),
        )
        .inner_join(
            accounts::Table,
            Expr::col((accounts::Table, accounts::Column::Did)).equals(artist),
        )
        .to_owned()
}

pub(crate) fn track(row: &QueryResult) -> Result<Track, StoreError> {
    let played: i64 = get(row, "played_revision")?;
    Ok(Track {
        id: track_id(row, "id")?,
        title: get(row, "title")?,
        access: Access {
            artist: parsed(row, "artist")?,
            gate: parsed(row, "gate")?,
            visibility: parsed(row, "visibility")?,
        },
        generation: count(row, "generation")?,
        gate_generation: count(row, "gate_generation")?,
        settled: count(row, "settled")?,
        artist_name: get(row, "artist_name")?,
        artist_handle: parsed_option(row, "artist_handle")?,
        support_url: get(row, "support_url")?,
        image: parsed_option(row, "image")?,
        downloads: parsed(row, "downloads")?,
        created: moment(row, "created")?,
        audio: AudioFile {
            id: parsed(row, "file_id")?,
            role: role(row)?,
            is_current: get::<i64>(row, "revision")? == played,
            format: parsed(row, "format")?,
            object: parsed(row, "object_key")?,
            public: parsed_option(row, "public_key")?,
            len: count(row, "len")?,
            duration: count(row, "duration")?,
        },
    })
}

fn role(row: &QueryResult) -> Result<FileRole, StoreError> {
    match get::<String>(row, "role")?.as_str() {
        AUDIO => Ok(FileRole::Audio),
        ORIGINAL => Ok(FileRole::Original),
        _ => Err(StoreError::defect("a file has an unknown role")),
    }
}

fn track_id(row: &QueryResult, column: &str) -> Result<TrackId, StoreError> {
    TrackId::new(get(row, column)?).ok_or(StoreError::defect("a track has no positive number"))
}
