//! `revisions`: what was played of a track before.

use gatefold_domain::{AudioFormat, Did, Gate, Timestamp, TrackId};
use sea_orm::{
    QueryResult,
    sea_query::{Alias, Expr, ExprTrait, Order, Query},
};

use super::{
    AUDIO, File, Files, ORIGINAL, Tracks,
    editing::{self, Before},
    new::{NewRecording, RevisionColumn, Revisions, add_revision},
};
use crate::{
    changes,
    connection::On,
    error::StoreError,
    jobs::{self, JobKind},
    row::{count, get, moment, parsed, parsed_option},
    run,
};

/// The most revisions of a track that are listed.
const MOST: u64 = 1000;

/// What was played of a track before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its number, among all revisions of all tracks.
    pub id: i64,
    /// When it was uploaded.
    pub created: Timestamp,
    /// What the track demanded of its listeners when another took its place.
    pub gate: Gate,
    /// The format of what was played.
    pub format: AudioFormat,
    /// The format of what was uploaded, where that is another.
    pub original: Option<AudioFormat>,
    /// How long it plays, in milliseconds.
    pub duration: u64,
}

/// What became of a revision that was to be played again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// It is played from now on, and this one no longer.
    Done {
        /// The revision whose place it took.
        displaced: i64,
    },
    /// The track of this artist has no such revision, or plays it.
    NotFound,
}

impl Tracks<'_> {
    /// What was played of a track before, the newest first.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn revisions(&self, id: TrackId) -> Result<Vec<Revision>, StoreError> {
        let file = |role: &str, alias: &str| {
            Expr::col((Alias::new(alias), File::Revision))
                .equals((Revisions, RevisionColumn::Id))
                .and(Expr::col((Alias::new(alias), File::Role)).eq(role))
        };
        let statement = Query::select()
            .columns([
                (Revisions, RevisionColumn::Id),
                (Revisions, RevisionColumn::Created),
                (Revisions, RevisionColumn::Gate),
            ])
            .expr_as(Expr::col((Alias::new(AUDIO), File::Format)), "format")
            .expr_as(Expr::col((Alias::new(AUDIO), File::Duration)), "duration")
            .expr_as(Expr::col((Alias::new(ORIGINAL), File::Format)), "original")
            .from(Revisions)
            .join_as(
                sea_orm::JoinType::InnerJoin,
                Files,
                Alias::new(AUDIO),
                file(AUDIO, AUDIO),
            )
            .join_as(
                sea_orm::JoinType::LeftJoin,
                Files,
                Alias::new(ORIGINAL),
                file(ORIGINAL, ORIGINAL),
            )
            .and_where(Expr::col((Revisions, RevisionColumn::Track)).eq(id.get()))
            .and_where(Expr::col((Revisions, RevisionColumn::Displaced)).is_not_null())
            .order_by((Revisions, RevisionColumn::Id), Order::Desc)
            .limit(MOST)
            .to_owned();
        let rows = run::all(self.0.reader(), &statement).await?;
        rows.iter().map(revision).collect()
    }

    /// Plays a revision of a track again, whatever it demanded of its listeners then: what the track
    /// demands now holds for it.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn restore(
        &self,
        owner: &Did,
        id: TrackId,
        revision: i64,
        now: Timestamp,
    ) -> Result<Restored, StoreError> {
        let transaction = changes::begin(self.0).await?;
        let on = &transaction;
        let Some(before) = editing::lock(on, owner, id).await? else {
            return Ok(Restored::NotFound);
        };
        let statement = Query::update()
            .table(Revisions)
            .value(RevisionColumn::Displaced, Option::<i64>::None)
            .value(RevisionColumn::Gate, Option::<String>::None)
            .and_where(Expr::col(RevisionColumn::Id).eq(revision))
            .and_where(Expr::col(RevisionColumn::Track).eq(id.get()))
            .and_where(Expr::col(RevisionColumn::Displaced).is_not_null())
            .to_owned();
        if !run::at_most_one(on, &statement).await? {
            return Ok(Restored::NotFound);
        }
        play(on, id, &before, revision, now).await?;
        self.told(on, id, now).await?;
        run::commit(transaction).await?;
        Ok(Restored::Done {
            displaced: before.revision,
        })
    }
}

/// What became of the audio that was to replace a track's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replaced {
    Done,
    /// There is no such track of this artist.
    NotFound,
    /// An object was given up meanwhile: nothing of the transaction may stay.
    GivenUp,
}

/// Plays a new revision of a track from now on, whose objects are expected.
pub(crate) async fn replace(
    on: &impl On,
    artist: &Did,
    id: TrackId,
    recording: NewRecording<'_>,
    now: Timestamp,
) -> Result<Replaced, StoreError> {
    let Some(before) = editing::lock(on, artist, id).await? else {
        return Ok(Replaced::NotFound);
    };
    let Some(revision) = add_revision(on, id, recording, now).await? else {
        return Ok(Replaced::GivenUp);
    };
    play(on, id, &before, revision, now).await?;
    Ok(Replaced::Done)
}

/// Plays another revision of a track from now on. No copy of the one before stays public.
async fn play(
    on: &impl On,
    id: TrackId,
    before: &Before,
    revision: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = Query::update()
        .table(Revisions)
        .value(RevisionColumn::Displaced, now.as_millis())
        .value(RevisionColumn::Gate, before.gate.as_str())
        .and_where(Expr::col(RevisionColumn::Id).eq(before.revision))
        .to_owned();
    run::exactly_one(on, &statement).await?;
    let mut statement = editing::follow(id, now);
    editing::gated_anew(&mut statement);
    statement.value(super::Column::Revision, revision);
    run::exactly_one(on, &statement).await?;
    editing::withdraw(on, id, now).await?;
    jobs::demand(on, JobKind::Settle, &id.to_string(), now).await
}

fn revision(row: &QueryResult) -> Result<Revision, StoreError> {
    Ok(Revision {
        id: get(row, "id")?,
        created: moment(row, "created")?,
        gate: parsed(row, "gate")?,
        format: parsed(row, "format")?,
        original: parsed_option(row, "original")?,
        duration: count(row, "duration")?,
    })
}
