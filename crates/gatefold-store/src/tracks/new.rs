//! A new track, and a new revision of one.

use gatefold_domain::{
    AudioFormat, Did, Downloads, FileId, Gate, ObjectKey, Timestamp, TrackId, Visibility,
};
use sea_orm::{
    DeriveIden,
    sea_query::{Expr, ExprTrait, Query, Returning},
};

use super::{AUDIO, Column, File, Files, ORIGINAL, Table, Tracks, editing::counted, track_id};
use crate::{
    Hash,
    albums::{self, AlbumName},
    artists, changes,
    connection::On,
    error::StoreError,
    features::{self, Feature},
    images::{self, NewImage},
    jobs::{self, JobKind},
    objects::{self, BucketName, NewObject},
    row::{get, insert},
    run, tags, waveforms,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "revisions")]
pub(super) struct Revisions;

#[derive(DeriveIden, Clone, Copy)]
pub(super) enum RevisionColumn {
    Id,
    Track,
    Created,
    Displaced,
    Gate,
}

/// A track to be kept.
#[derive(Clone, Copy)]
pub struct NewTrack<'a> {
    /// Whose it is: an artist.
    pub artist: &'a Did,
    /// What it is called.
    pub title: &'a str,
    /// What its artist says of it.
    pub description: Option<&'a str>,
    /// The album that it is of.
    pub album: Option<AlbumName<'a>>,
    /// The words on it.
    pub tags: &'a [&'a str],
    /// Who else is heard on it.
    pub features: &'a [Feature],
    /// Its picture.
    pub image: Option<NewImage<'a>>,
    /// What it demands of its listeners.
    pub gate: Gate,
    /// Where it is shown.
    pub visibility: Visibility,
    /// Who may keep a file of it; `None`: as its artist's setting says.
    pub downloads: Option<Downloads>,
    /// The key of its record; `None` for one that never has a record.
    pub record_key: Option<&'a str>,
    /// What is played.
    pub recording: NewRecording<'a>,
}

/// What was uploaded, as it is kept.
#[derive(Clone, Copy)]
pub struct NewRecording<'a> {
    /// What is played.
    pub audio: NewFile<'a>,
    /// What was uploaded, where that is something else.
    pub original: Option<NewFile<'a>>,
    /// How loud it is, where that is known.
    pub waveform: Option<&'a [u8]>,
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
    /// How long it is, in bytes.
    pub len: u64,
    /// What its bytes are.
    pub sha256: &'a Hash,
    /// How long it plays, in milliseconds.
    pub duration: u64,
}

impl Tracks<'_> {
    /// Keeps a new track whose objects are whole already and were known to nobody.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when its file's name or keys are taken; or when the database cannot be
    /// asked.
    pub async fn add(&self, new: &NewTrack<'_>, now: Timestamp) -> Result<TrackId, StoreError> {
        let transaction = changes::begin(self.0).await?;
        for key in new.objects() {
            let object = NewObject {
                key,
                bucket: BucketName::Private,
                artist: new.artist,
                track: None,
            };
            objects::expect(&transaction, object, now).await?;
        }
        let id = write(&transaction, new, now).await?;
        let id = id.ok_or(StoreError::defect(
            "an object was written, and is not there",
        ))?;
        self.told(&transaction, id, now).await?;
        run::commit(transaction).await?;
        Ok(id)
    }
}

impl NewTrack<'_> {
    fn objects(&self) -> impl Iterator<Item = &ObjectKey> {
        let original = self.recording.original.map(|file| file.object);
        let image = self.image.map(|image| [image.large, image.small]);
        std::iter::once(self.recording.audio.object)
            .chain(original)
            .chain(image.into_iter().flatten())
    }
}

/// Writes a new track, whose objects are expected. `None`: one of them was given up meanwhile, and nothing
/// of the transaction may stay.
pub(crate) async fn write(
    on: &impl On,
    new: &NewTrack<'_>,
    now: Timestamp,
) -> Result<Option<TrackId>, StoreError> {
    let album = match new.album {
        Some(album) => Some(albums::find_or_add(on, new.artist, album, now).await?),
        None => None,
    };
    if let Some(image) = new.image
        && !images::add(on, new.artist, image, now).await?
    {
        return Ok(None);
    }
    let mut statement = insert(
        Table,
        [
            (Column::Artist, new.artist.as_str().into()),
            (Column::Title, new.title.into()),
            (Column::Description, new.description.into()),
            (Column::Album, album.map(|id| id.to_string()).into()),
            (
                Column::Image,
                new.image.map(|image| image.id.to_string()).into(),
            ),
            (Column::Gate, new.gate.as_str().into()),
            (Column::Visibility, new.visibility.as_str().into()),
            (
                Column::Downloads,
                new.downloads.map(Downloads::as_str).into(),
            ),
            (Column::Revision, 0i64.into()),
            (Column::Generation, 1i64.into()),
            (Column::GateGeneration, 1i64.into()),
            (Column::Settled, 0i64.into()),
            (Column::RecordKey, new.record_key.into()),
            (Column::Created, now.as_millis().into()),
            (Column::Updated, now.as_millis().into()),
        ],
    )?;
    statement.returning(Returning::new().column(Column::Id));
    let row = run::one(on, &statement).await?;
    let row = row.ok_or(StoreError::defect("a track was to be written, and was not"))?;
    let id = track_id(&row, "id")?;
    let Some(revision) = add_revision(on, id, new.recording, now).await? else {
        return Ok(None);
    };
    let statement = Query::update()
        .table(Table)
        .value(Column::Revision, revision)
        .and_where(Expr::col(Column::Id).eq(id.get()))
        .to_owned();
    run::exactly_one(on, &statement).await?;
    artists::count_track(on, new.artist, 1).await?;
    tags::put(on, id, new.tags).await?;
    features::put(on, id, new.features).await?;
    if new.visibility == Visibility::Public {
        counted(on, id, album, 1).await?;
    }
    jobs::demand(on, JobKind::Settle, &id.to_string(), now).await?;
    Ok(Some(id))
}

/// Writes another revision of a track, which is not the one that is played yet. `None` as for [`write()`].
pub(crate) async fn add_revision(
    on: &impl On,
    track: TrackId,
    recording: NewRecording<'_>,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let mut statement = insert(
        Revisions,
        [
            (RevisionColumn::Track, track.get().into()),
            (RevisionColumn::Created, now.as_millis().into()),
        ],
    )?;
    statement.returning(Returning::new().column(RevisionColumn::Id));
    let row = run::one(on, &statement).await?;
    let row = row.ok_or(StoreError::defect(
        "a revision was to be written, and was not",
    ))?;
    let revision: i64 = get(&row, "id")?;
    let files = [
        (AUDIO, Some(recording.audio)),
        (ORIGINAL, recording.original),
    ];
    for (role, file) in files {
        let Some(file) = file else { continue };
        if !objects::keep(on, file.object, file.len, now).await? {
            return Ok(None);
        }
        add_file(on, track, revision, role, file, now).await?;
    }
    if let Some(points) = recording.waveform {
        waveforms::add(on, recording.audio.id, points).await?;
    }
    Ok(Some(revision))
}

async fn add_file(
    on: &impl On,
    track: TrackId,
    revision: i64,
    role: &str,
    file: NewFile<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let number = |number: u64| {
        i64::try_from(number)
            .map_err(|_| StoreError::defect("a number is larger than the database keeps"))
    };
    let statement = insert(
        Files,
        [
            (File::Id, file.id.as_str().into()),
            (File::Track, track.get().into()),
            (File::Revision, revision.into()),
            (File::Role, role.into()),
            (File::Format, file.format.extension().into()),
            (File::ObjectKey, file.object.as_str().into()),
            (File::Len, number(file.len)?.into()),
            (File::Sha256, file.sha256.to_vec().into()),
            (File::Duration, number(file.duration)?.into()),
            (File::Created, now.as_millis().into()),
        ],
    )?;
    run::exactly_one(on, &statement).await
}

/// Removes the revisions of a track, whose files are gone.
pub(super) async fn remove_revisions(on: &impl On, track: TrackId) -> Result<(), StoreError> {
    let statement = Query::delete()
        .from_table(Revisions)
        .and_where(Expr::col(RevisionColumn::Track).eq(track.get()))
        .to_owned();
    run::count(on, &statement).await?;
    Ok(())
}
