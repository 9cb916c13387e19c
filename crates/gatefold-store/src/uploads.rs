//! `uploads`: what artists send, from its first byte to the track that comes of it.

mod ending;

use gatefold_domain::{Did, ObjectKey, Timestamp, TrackId, UploadId};
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{Expr, ExprTrait, Query, UpdateStatement},
};

use self::ending::forget;
use crate::{
    artists, changes,
    connection::On,
    error::StoreError,
    jobs::{self, Job, JobKind},
    objects::{self, BucketName, NewObject},
    row::{count, get, insert, moment, parsed, parsed_option},
    run,
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "uploads")]
struct Table;

#[derive(DeriveIden, Clone, Copy)]
enum Column {
    Id,
    Artist,
    Replaces,
    Track,
    Details,
    Audio,
    Image,
    State,
    Phase,
    Percent,
    Code,
    Problem,
    Created,
    Updated,
}

/// Where an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UploadState {
    /// It arrives.
    Receiving,
    /// It is here, and nobody works on it.
    Waiting,
    /// Somebody does.
    Processing,
    /// Its track can be played.
    Completed,
    /// Nothing comes of it.
    Failed,
}

impl UploadState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Receiving,
        Self::Waiting,
        Self::Processing,
        Self::Completed,
        Self::Failed,
    ];

    /// The word under which it is kept.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Waiting => "waiting",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// An upload that begins.
#[derive(Clone, Copy)]
pub struct NewUpload<'a> {
    /// Its name.
    pub id: UploadId,
    /// Whose it is: an artist.
    pub artist: &'a Did,
    /// The track whose audio it is to replace.
    pub replaces: Option<TrackId>,
    /// Where the audio is received.
    pub audio: &'a ObjectKey,
    /// Where a picture would be.
    pub image: &'a ObjectKey,
}

/// What arrived.
#[derive(Clone, Copy)]
pub struct Arrived<'a> {
    /// What the artist said of it, as JSON.
    pub details: &'a str,
    /// How long the audio is, in bytes.
    pub audio: u64,
    /// How long the picture is, in bytes, if there is one.
    pub image: Option<u64>,
    /// What an artist may keep here, in bytes.
    pub quota: u64,
}

/// What became of an upload that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is kept, and will be worked on.
    Waiting,
    /// It would be more than its artist may keep: nothing of it is kept.
    OverQuota,
    /// It was given up meanwhile.
    GivenUp,
}

/// An upload.
#[derive(Clone)]
pub struct Upload {
    /// Its name.
    pub id: UploadId,
    /// Whose it is.
    pub artist: Did,
    /// The track whose audio it is to replace.
    pub replaces: Option<TrackId>,
    /// What came of it.
    pub track: Option<TrackId>,
    /// What the artist said of it, as JSON.
    pub details: Option<String>,
    /// What was received, while it is here.
    pub audio: Option<ObjectKey>,
    /// The picture that was received, while it is here.
    pub image: Option<ObjectKey>,
    /// Where it is.
    pub state: UploadState,
    /// Where the work on it is: a word for programs.
    pub phase: String,
    /// How far that is, in percent.
    pub percent: u64,
    /// Why it failed: a code that stays, and what to do.
    pub failure: Option<(String, String)>,
    /// When anything of this changed last.
    pub updated: Timestamp,
}

/// What came of the work on an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completed {
    /// This track has it now.
    Track(TrackId),
    /// The track that it was to replace the audio of is gone.
    NoTrack,
    /// An object of it was given up meanwhile.
    GivenUp,
}

/// The uploads.
#[derive(Clone, Copy)]
pub struct Uploads<'a>(pub(crate) &'a Store);

impl Uploads<'_> {
    /// Begins one, before its first byte is written.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a name or key is taken; when the database cannot be asked.
    pub async fn begin(&self, new: NewUpload<'_>, now: Timestamp) -> Result<(), StoreError> {
        let transaction = changes::begin(self.0).await?;
        for key in [new.audio, new.image] {
            let object = NewObject {
                key,
                bucket: BucketName::Private,
                artist: new.artist,
                track: None,
            };
            objects::expect(&transaction, object, now).await?;
        }
        let statement = insert(
            Table,
            [
                (Column::Id, new.id.to_string().into()),
                (Column::Artist, new.artist.as_str().into()),
                (Column::Replaces, new.replaces.map(TrackId::get).into()),
                (Column::Audio, new.audio.as_str().into()),
                (Column::Image, new.image.as_str().into()),
                (Column::State, UploadState::Receiving.as_str().into()),
                (Column::Phase, "receiving".into()),
                (Column::Percent, 0i64.into()),
                (Column::Created, now.as_millis().into()),
                (Column::Updated, now.as_millis().into()),
            ],
        )?;
        run::exactly_one(&transaction, &statement).await?;
        run::commit(transaction).await
    }

    /// Accepts one whose bytes are whole, and demands the work on it: from here on it is not lost.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn arrived(
        &self,
        id: UploadId,
        arrived: Arrived<'_>,
        now: Timestamp,
    ) -> Result<Accepted, StoreError> {
        let transaction = changes::begin(self.0).await?;
        let on = &transaction;
        let mut statement = in_state(id, &[UploadState::Receiving], now);
        statement
            .value(Column::State, UploadState::Waiting.as_str())
            .value(Column::Phase, "waiting")
            .value(Column::Details, arrived.details);
        if !run::at_most_one(on, &statement).await? {
            return Ok(Accepted::GivenUp);
        }
        let Some(upload) = one(on, id).await? else {
            return Ok(Accepted::GivenUp);
        };
        let (Some(audio), Some(image)) = (&upload.audio, &upload.image) else {
            return Ok(Accepted::GivenUp);
        };
        if !objects::keep(on, audio, arrived.audio, now).await? {
            return Ok(Accepted::GivenUp);
        }
        match arrived.image {
            Some(len) => {
                if !objects::keep(on, image, len, now).await? {
                    return Ok(Accepted::GivenUp);
                }
            }
            None => forget(on, id, Column::Image, image, now).await?,
        }
        if artists::bytes(on, &upload.artist).await? > arrived.quota {
            // What was written in this transaction goes with it.
            drop(transaction);
            return Ok(Accepted::OverQuota);
        }
        jobs::demand(on, JobKind::Upload, &id.to_string(), now).await?;
        run::commit(transaction).await?;
        Ok(Accepted::Waiting)
    }

    /// An upload.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn get(&self, id: UploadId) -> Result<Option<Upload>, StoreError> {
        one(self.0.reader(), id).await
    }

    /// Says where the work on one is.
    ///
    /// # Errors
    /// [`StoreError::LeasePassed`]; when the database cannot be asked.
    pub async fn progress(
        &self,
        job: &Job,
        id: UploadId,
        phase: &str,
        percent: u8,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut statement = in_state(id, &[UploadState::Waiting, UploadState::Processing], now);
        statement
            .value(Column::State, UploadState::Processing.as_str())
            .value(Column::Phase, phase)
            .value(Column::Percent, i64::from(Ord::min(percent, 100)));
        let transaction = jobs::begin(self.0, job).await?;
        run::exactly_one(&transaction, &statement).await?;
        run::commit(transaction).await
    }
}

/// A change of an upload that is in one of these states.
fn in_state(id: UploadId, states: &[UploadState], now: Timestamp) -> UpdateStatement {
    Query::update()
        .table(Table)
        .value(Column::Updated, now.as_millis())
        .and_where(Expr::col(Column::Id).eq(id.to_string()))
        .and_where(Expr::col(Column::State).is_in(states.iter().map(|state| state.as_str())))
        .to_owned()
}

async fn one(on: &impl On, id: UploadId) -> Result<Option<Upload>, StoreError> {
    let statement = Query::select()
        .columns([
            Column::Id,
            Column::Artist,
            Column::Replaces,
            Column::Track,
            Column::Details,
            Column::Audio,
            Column::Image,
            Column::State,
            Column::Phase,
            Column::Percent,
            Column::Code,
            Column::Problem,
            Column::Updated,
        ])
        .from(Table)
        .and_where(Expr::col(Column::Id).eq(id.to_string()))
        .to_owned();
    let row = run::one(on, &statement).await?;
    row.as_ref().map(upload).transpose()
}

fn upload(row: &QueryResult) -> Result<Upload, StoreError> {
    let state: String = get(row, "state")?;
    let mut states = UploadState::ALL.into_iter();
    let track = |column| get::<Option<i64>>(row, column).map(|id| id.and_then(TrackId::new));
    let (code, problem): (Option<_>, Option<_>) = (get(row, "code")?, get(row, "problem")?);
    Ok(Upload {
        id: parsed(row, "id")?,
        artist: parsed(row, "artist")?,
        replaces: track("replaces")?,
        track: track("track")?,
        details: get(row, "details")?,
        audio: parsed_option(row, "audio")?,
        image: parsed_option(row, "image")?,
        state: states
            .find(|known| known.as_str() == state)
            .ok_or(StoreError::defect("an upload is in an unknown state"))?,
        phase: get(row, "phase")?,
        percent: count(row, "percent")?,
        failure: code.zip(problem),
        updated: moment(row, "updated")?,
    })
}
