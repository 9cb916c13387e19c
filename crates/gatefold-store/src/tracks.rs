//! `tracks` and `files`: what is to be heard here, and where its bytes are.

use gatefold_domain::{
    Access, AudioFormat, Did, FileId, Gate, Handle, ObjectKey, Timestamp, TrackId, Visibility,
};
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, IntoColumnRef, Order, Query, Returning, SelectStatement},
};

use crate::{
    Hash, accounts, artists,
    changes::{self, Change},
    connection::On,
    error::StoreError,
    row::{count, get, insert, moment, parsed, parsed_option},
    run,
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "tracks")]
struct Table;

#[derive(DeriveIden, Clone, Copy)]
enum Column {
    Id,
    Artist,
    Title,
    Gate,
    GateGeneration,
    Visibility,
    Created,
    Updated,
}

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "files")]
struct Files;

#[derive(DeriveIden, Clone, Copy)]
enum File {
    Id,
    Track,
    Role,
    Format,
    ObjectKey,
    PublicKey,
    Len,
    Sha256,
    Duration,
    Created,
}

/// What a file is to its track.
const AUDIO: &str = "audio";

/// A track to be kept, with the file that is played.
#[derive(Clone, Copy, Debug)]
pub struct NewTrack<'a> {
    /// Whose it is: an artist.
    pub artist: &'a Did,
    /// What it is called.
    pub title: &'a str,
    /// What it demands of its listeners.
    pub gate: Gate,
    /// Where it is shown.
    pub visibility: Visibility,
    /// What is played.
    pub audio: NewFile<'a>,
}

/// A file to be kept: its bytes are where this says already.
#[derive(Clone, Copy)]
pub struct NewFile<'a> {
    /// What it is called by those who play it.
    pub id: &'a FileId,
    /// Its format.
    pub format: AudioFormat,
    /// The object of the private bucket.
    pub object: &'a ObjectKey,
    /// Its copy in the public bucket, if there is one.
    pub public: Option<&'a ObjectKey>,
    /// How long it is, in bytes.
    pub len: u64,
    /// What its bytes are.
    pub sha256: &'a Hash,
    /// How long it plays, in milliseconds.
    pub duration: u64,
}

impl std::fmt::Debug for NewFile<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.id.fmt(out)
    }
}

/// A track with the file that is played, and what is told of its artist.
#[derive(Clone)]
pub struct Track {
    /// Its number.
    pub id: TrackId,
    /// What it is called.
    pub title: String,
    /// Who may hear it.
    pub access: Access,
    /// How often its gate has changed.
    pub gate_generation: u64,
    /// The name that its artist goes by.
    pub artist_name: String,
    /// Their handle, when one is known to be their own.
    pub artist_handle: Option<Handle>,
    /// Where one becomes their supporter.
    pub support_url: Option<String>,
    /// When it came here.
    pub created: Timestamp,
    /// The file that is played.
    pub audio: AudioFile,
}

/// A file of a track.
#[derive(Clone)]
pub struct AudioFile {
    /// What it is called by those who play it.
    pub id: FileId,
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

/// The tracks.
#[derive(Clone, Copy)]
pub struct Tracks<'a>(pub(crate) &'a Store);

impl Tracks<'_> {
    /// Keeps a new track.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its file's name or keys are taken; or when the database cannot be
    /// asked.
    pub async fn add(&self, track: NewTrack<'_>, now: Timestamp) -> Result<TrackId, StoreError> {
        let transaction = run::begin(self.0.writer()).await?;
        let mut statement = insert(
            Table,
            [
                (Column::Artist, track.artist.as_str().into()),
                (Column::Title, track.title.into()),
                (Column::Gate, track.gate.as_str().into()),
                (Column::GateGeneration, 1i64.into()),
                (Column::Visibility, track.visibility.as_str().into()),
                (Column::Created, now.as_millis().into()),
                (Column::Updated, now.as_millis().into()),
            ],
        )?;
        statement.returning(Returning::new().column(Column::Id));
        let row = run::one(&transaction, &statement).await?;
        let row = row.ok_or(StoreError::defect("a track was to be written, and was not"))?;
        let id = track_id(&row, "id")?;
        add_file(&transaction, id, AUDIO, track.audio, now).await?;
        self.told(&transaction, id, now).await?;
        run::commit(transaction).await?;
        Ok(id)
    }

    /// A track.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn get(&self, id: TrackId) -> Result<Option<Track>, StoreError> {
        let mut statement = select();
        statement.and_where(Expr::col((Table, Column::Id)).eq(id.get()));
        self.one(&statement).await
    }

    /// The track that a file belongs to.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn by_file(&self, file: &FileId) -> Result<Option<Track>, StoreError> {
        let mut statement = select();
        statement.and_where(Expr::col((Files, File::Id)).eq(file.as_str()));
        self.one(&statement).await
    }

    /// The track whose bytes are this object of the private bucket.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn by_object(&self, object: &ObjectKey) -> Result<Option<Track>, StoreError> {
        let mut statement = select();
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
        let mut statement = select();
        statement
            .and_where(
                Expr::col((Table, Column::Visibility)).eq(Expr::val(Visibility::Public.as_str())),
            )
            .order_by((Table, Column::Id), Order::Desc)
            .limit(most.into());
        if let Some(before) = before {
            statement.and_where(Expr::col((Table, Column::Id)).lt(before.get()));
        }
        let rows = run::all(self.0.reader(), &statement).await?;
        rows.iter().map(track).collect()
    }

    /// Gives a track another gate, and its file the copy in the public bucket that goes with it;
    /// `false` when there is no such track.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the copy's key is taken; or when the database cannot be asked.
    pub async fn set_gate(
        &self,
        id: TrackId,
        gate: Gate,
        public: Option<&ObjectKey>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = run::begin(self.0.writer()).await?;
        let statement = Query::update()
            .table(Table)
            .value(Column::Gate, gate.as_str())
            .value(
                Column::GateGeneration,
                Expr::col(Column::GateGeneration).add(1),
            )
            .value(Column::Updated, now.as_millis())
            .and_where(Expr::col(Column::Id).eq(id.get()))
            .to_owned();
        if !run::at_most_one(&transaction, &statement).await? {
            return Ok(false);
        }
        let statement = Query::update()
            .table(Files)
            .value(File::PublicKey, public.map(ObjectKey::as_str))
            .and_where(Expr::col(File::Track).eq(id.get()))
            .and_where(Expr::col(File::Role).eq(AUDIO))
            .to_owned();
        run::exactly_one(&transaction, &statement).await?;
        self.told(&transaction, id, now).await?;
        run::commit(transaction).await?;
        Ok(true)
    }

    /// Shows a track elsewhere from now on; `false` when there is none.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn set_visibility(
        &self,
        id: TrackId,
        visibility: Visibility,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = run::begin(self.0.writer()).await?;
        let statement = Query::update()
            .table(Table)
            .value(Column::Visibility, visibility.as_str())
            .value(Column::Updated, now.as_millis())
            .and_where(Expr::col(Column::Id).eq(id.get()))
            .to_owned();
        if !run::at_most_one(&transaction, &statement).await? {
            return Ok(false);
        }
        self.told(&transaction, id, now).await?;
        run::commit(transaction).await?;
        Ok(true)
    }

    async fn one(&self, statement: &SelectStatement) -> Result<Option<Track>, StoreError> {
        let row = run::one(self.0.reader(), statement).await?;
        row.as_ref().map(track).transpose()
    }

    async fn told(&self, on: &impl On, id: TrackId, now: Timestamp) -> Result<(), StoreError> {
        changes::write(on, self.0.is_postgres(), &Change::Track(id), now).await
    }
}

async fn add_file(
    on: &impl On,
    track: TrackId,
    role: &str,
    file: NewFile<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let too_much = || StoreError::defect("a number is larger than the database keeps");
    let statement = insert(
        Files,
        [
            (File::Id, file.id.as_str().into()),
            (File::Track, track.get().into()),
            (File::Role, role.into()),
            (File::Format, file.format.extension().into()),
            (File::ObjectKey, file.object.as_str().into()),
            (File::PublicKey, file.public.map(ObjectKey::as_str).into()),
            (
                File::Len,
                i64::try_from(file.len).map_err(|_| too_much())?.into(),
            ),
            (File::Sha256, file.sha256.to_vec().into()),
            (
                File::Duration,
                i64::try_from(file.duration).map_err(|_| too_much())?.into(),
            ),
            (File::Created, now.as_millis().into()),
        ],
    )?;
    run::exactly_one(on, &statement).await
}

/// Every column of a [`Track`], under the names that [`track`] reads.
fn select() -> SelectStatement {
    let mut statement = Query::select();
    let mut take = |column, name| {
        statement.expr_as(Expr::col(column), Alias::new(name));
    };
    for (column, name) in [
        (Column::Id, "id"),
        (Column::Title, "title"),
        (Column::Artist, "artist"),
        (Column::Gate, "gate"),
        (Column::GateGeneration, "gate_generation"),
        (Column::Visibility, "visibility"),
        (Column::Created, "created"),
    ] {
        take((Table, column).into_column_ref(), name);
    }
    for (column, name) in [
        (File::Id, "file_id"),
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
    let artist = (Table, Column::Artist);
    statement
        .from(Table)
        .inner_join(
            Files,
            Expr::col((Files, File::Track))
                .equals((Table, Column::Id))
                .and(Expr::col((Files, File::Role)).eq(Expr::val(AUDIO))),
        )
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

fn track(row: &QueryResult) -> Result<Track, StoreError> {
    Ok(Track {
        id: track_id(row, "id")?,
        title: get(row, "title")?,
        access: Access {
            artist: parsed(row, "artist")?,
            gate: parsed(row, "gate")?,
            visibility: parsed(row, "visibility")?,
        },
        gate_generation: count(row, "gate_generation")?,
        artist_name: get(row, "artist_name")?,
        artist_handle: parsed_option(row, "artist_handle")?,
        support_url: get(row, "support_url")?,
        created: moment(row, "created")?,
        audio: AudioFile {
            id: parsed(row, "file_id")?,
            format: parsed(row, "format")?,
            object: parsed(row, "object_key")?,
            public: parsed_option(row, "public_key")?,
            len: count(row, "len")?,
            duration: count(row, "duration")?,
        },
    })
}

fn track_id(row: &QueryResult, column: &str) -> Result<TrackId, StoreError> {
    TrackId::new(get(row, column)?).ok_or(StoreError::defect("a track has no positive number"))
}
