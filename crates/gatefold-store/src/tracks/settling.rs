//! What follows a change of a track, in the name of its job: copies, its record, its end.

use gatefold_domain::{
    AudioFormat, Did, FileId, Gate, ImageId, ObjectKey, Timestamp, TrackId, Visibility,
};
use sea_orm::{
    QueryResult,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{
    AUDIO, Column, File, FileRole, Files, Table, Tracks, editing::is_for_all, role, track_id,
};
use crate::{
    Hash, albums,
    error::StoreError,
    features::{self, Feature},
    jobs::{self, Finished, Job},
    objects,
    row::{count, get, moment, parsed, parsed_option},
    run,
};

/// A track, as whoever brings the rest to where it is has to know it.
#[derive(Clone)]
pub struct SettlingTrack {
    /// Its number.
    pub id: TrackId,
    /// Whose it is.
    pub artist: Did,
    /// What it is called.
    pub title: String,
    /// What its artist says of it.
    pub description: Option<String>,
    /// What its album is called.
    pub album: Option<String>,
    /// Its picture.
    pub image: Option<ImageId>,
    /// Who else is heard on it.
    pub features: Vec<Feature>,
    /// What it demands of its listeners.
    pub gate: Gate,
    /// Where it is shown.
    pub visibility: Visibility,
    /// When it came here.
    pub created: Timestamp,
    /// Up to where this is to be followed.
    pub generation: u64,
    /// Up to where it has been.
    pub settled: u64,
    /// Whether it was deleted: no more is told of it then.
    pub is_removed: bool,
    /// The key of its record; `None` for one that never has a record.
    pub record_key: Option<String>,
    /// Where its record is now, and which one it is.
    pub record: Option<(String, String)>,
    /// The files of the revision that is played: what is played first.
    pub files: Vec<SettlingFile>,
    /// How many public copies are on their way out.
    pub leaving: u64,
}

/// A file of such a track.
#[derive(Clone)]
pub struct SettlingFile {
    /// What it is called by those who play it.
    pub id: FileId,
    /// What it is to its track.
    pub role: FileRole,
    /// Its format.
    pub format: AudioFormat,
    /// The object of the private bucket.
    pub object: ObjectKey,
    /// Its copy in the public bucket, if there is one.
    pub public: Option<ObjectKey>,
    /// What its bytes are.
    pub sha256: Hash,
    /// How long it plays, in milliseconds.
    pub duration: u64,
}

impl SettlingTrack {
    /// Whether everybody may have its bytes.
    #[must_use]
    pub fn is_for_all(&self) -> bool {
        is_for_all(self.gate, self.visibility)
    }
}

impl Tracks<'_> {
    /// A track that something has to follow; `None` when there is no row of it any more.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn settling(&self, id: TrackId) -> Result<Option<SettlingTrack>, StoreError> {
        let mut statement = Query::select();
        for column in [
            Column::Id,
            Column::Artist,
            Column::Title,
            Column::Description,
            Column::Image,
            Column::Gate,
            Column::Visibility,
            Column::Created,
            Column::Revision,
            Column::Generation,
            Column::Settled,
            Column::Removed,
            Column::RecordKey,
            Column::RecordUri,
            Column::RecordCid,
        ] {
            statement.column((Table, column));
        }
        statement
            .expr_as(
                Expr::col((albums::Table, albums::Column::Title)),
                "album_title",
            )
            .from(Table)
            .left_join(
                albums::Table,
                Expr::col((albums::Table, albums::Column::Id)).equals((Table, Column::Album)),
            )
            .and_where(Expr::col((Table, Column::Id)).eq(id.get()));
        // One view of all of it: nothing is said of a generation that is of another.
        let transaction = run::begin(self.0.writer()).await?;
        let Some(row) = run::one(&transaction, &statement).await? else {
            return Ok(None);
        };
        let revision: i64 = get(&row, "revision")?;
        let files = Query::select()
            .columns([
                File::Id,
                File::Role,
                File::Format,
                File::ObjectKey,
                File::PublicKey,
                File::Sha256,
                File::Duration,
            ])
            .from(Files)
            .and_where(Expr::col(File::Revision).eq(revision))
            .to_owned();
        let files = run::all(&transaction, &files).await?;
        let mut files: Vec<_> = files.iter().map(file).collect::<Result<_, _>>()?;
        files.sort_by_key(|file| file.role != FileRole::Audio);
        let track = SettlingTrack {
            files,
            features: features::of(&transaction, id).await?,
            leaving: objects::leaving(&transaction, id).await?,
            ..settling(&row)?
        };
        run::commit(transaction).await?;
        Ok(Some(track))
    }

    /// Makes a public copy, which is whole, the one of a file, where that is still to have one. `false`:
    /// it is not, and the copy is to be given up.
    ///
    /// # Errors
    /// [`StoreError::LeasePassed`]; when the database cannot be asked.
    pub async fn published(
        &self,
        job: &Job,
        track: &SettlingTrack,
        file: &FileId,
        copy: &ObjectKey,
        len: u64,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = jobs::begin(self.0, job).await?;
        let on = &transaction;
        let generation = i64::try_from(track.generation).unwrap_or(i64::MAX);
        let same = Query::update()
            .table(Table)
            .value(Column::Updated, Expr::col(Column::Updated))
            .and_where(Expr::col(Column::Id).eq(track.id.get()))
            .and_where(Expr::col(Column::Generation).eq(generation))
            .and_where(Expr::col(Column::Removed).is_null())
            .to_owned();
        if !track.is_for_all() || !run::at_most_one(on, &same).await? {
            return Ok(false);
        }
        if !objects::keep(on, copy, len, now).await? {
            return Ok(false);
        }
        let statement = Query::update()
            .table(Files)
            .value(File::PublicKey, copy.as_str())
            .and_where(Expr::col(File::Id).eq(file.as_str()))
            .and_where(Expr::col(File::Role).eq(AUDIO))
            .and_where(Expr::col(File::PublicKey).is_null())
            .to_owned();
        if !run::at_most_one(on, &statement).await? {
            return Ok(false);
        }
        self.told(on, track.id, now).await?;
        run::commit(transaction).await?;
        Ok(true)
    }

    /// Says which record a track has now, or that it has none.
    ///
    /// # Errors
    /// [`StoreError::LeasePassed`]; when the database cannot be asked.
    pub async fn recorded(
        &self,
        job: &Job,
        id: TrackId,
        record: Option<(&str, &str)>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (uri, cid) = record.unzip();
        let statement = Query::update()
            .table(Table)
            .value(Column::RecordUri, uri)
            .value(Column::RecordCid, cid)
            .value(Column::RecordProblem, Option::<String>::None)
            .and_where(Expr::col(Column::Id).eq(id.get()))
            .to_owned();
        let transaction = jobs::begin(self.0, job).await?;
        run::exactly_one(&transaction, &statement).await?;
        self.told(&transaction, id, now).await?;
        run::commit(transaction).await
    }

    /// Says why the record of a track is not what it should be yet, for its artist.
    ///
    /// # Errors
    /// [`StoreError::LeasePassed`]; when the database cannot be asked.
    pub async fn record_delayed(
        &self,
        job: &Job,
        id: TrackId,
        problem: &str,
    ) -> Result<(), StoreError> {
        let statement = Query::update()
            .table(Table)
            .value(Column::RecordProblem, problem)
            .and_where(Expr::col(Column::Id).eq(id.get()))
            .to_owned();
        let transaction = jobs::begin(self.0, job).await?;
        run::exactly_one(&transaction, &statement).await?;
        run::commit(transaction).await
    }

    /// Says that everything has followed a track up to a generation, which ends the job. A track that was
    /// deleted goes with it.
    ///
    /// # Errors
    /// [`StoreError::LeasePassed`]; when the database cannot be asked.
    pub async fn settled(
        &self,
        job: &Job,
        track: &SettlingTrack,
        now: Timestamp,
    ) -> Result<Finished, StoreError> {
        let transaction = jobs::begin(self.0, job).await?;
        let on = &transaction;
        let generation = i64::try_from(track.generation).unwrap_or(i64::MAX);
        let is_clear = objects::leaving(on, track.id).await? == 0;
        if is_clear && track.is_removed {
            let statement = Query::delete()
                .from_table(Table)
                .and_where(Expr::col(Column::Id).eq(track.id.get()))
                .and_where(Expr::col(Column::Removed).is_not_null())
                .to_owned();
            run::at_most_one(on, &statement).await?;
        } else if is_clear {
            let statement = Query::update()
                .table(Table)
                .value(Column::Settled, generation)
                .and_where(Expr::col(Column::Id).eq(track.id.get()))
                .and_where(Expr::col(Column::Settled).lt(generation))
                .to_owned();
            run::at_most_one(on, &statement).await?;
        }
        self.told(on, track.id, now).await?;
        let finished = jobs::finish(on, job, now).await?;
        run::commit(transaction).await?;
        Ok(finished)
    }
}

fn settling(row: &QueryResult) -> Result<SettlingTrack, StoreError> {
    let uri: Option<String> = get(row, "record_uri")?;
    let cid: Option<String> = get(row, "record_cid")?;
    Ok(SettlingTrack {
        id: track_id(row, "id")?,
        artist: parsed(row, "artist")?,
        title: get(row, "title")?,
        description: get(row, "description")?,
        album: get(row, "album_title")?,
        image: parsed_option(row, "image")?,
        features: Vec::new(),
        gate: parsed(row, "gate")?,
        visibility: parsed(row, "visibility")?,
        created: moment(row, "created")?,
        generation: count(row, "generation")?,
        settled: count(row, "settled")?,
        is_removed: get::<Option<i64>>(row, "removed")?.is_some(),
        record_key: get(row, "record_key")?,
        record: uri.zip(cid),
        files: Vec::new(),
        leaving: 0,
    })
}

fn file(row: &QueryResult) -> Result<SettlingFile, StoreError> {
    let sha256: Vec<u8> = get(row, "sha256")?;
    Ok(SettlingFile {
        id: parsed(row, "id")?,
        role: role(row)?,
        format: parsed(row, "format")?,
        object: parsed(row, "object_key")?,
        public: parsed_option(row, "public_key")?,
        sha256: sha256
            .try_into()
            .map_err(|_| StoreError::defect("a hash has another length than expected"))?,
        duration: count(row, "duration")?,
    })
}
