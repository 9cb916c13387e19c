//! What comes of an upload: a track, another's audio, or a reason why not.

use gatefold_domain::{Did, ObjectKey, Timestamp, TrackId, UploadId};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};

use super::{Column, Completed, Table, UploadState, Uploads, in_state, one};
use crate::{
    changes::{self, Change, Telling},
    connection::On,
    error::StoreError,
    jobs::{self, Job},
    objects,
    row::parsed,
    run,
    tracks::{self, NewRecording, NewTrack},
};

impl Uploads<'_> {
    /// Keeps the track that comes of one, which ends the job.
    ///
    /// # Errors
    /// [`StoreError::LeasePassed`]; [`StoreError::Conflict`]; when the database cannot be asked.
    pub async fn completed(
        &self,
        job: &Job,
        id: UploadId,
        new: &NewTrack<'_>,
        now: Timestamp,
    ) -> Result<Completed, StoreError> {
        let transaction = jobs::begin(self.0, job).await?;
        match tracks::write(&transaction, new, now).await? {
            Some(track) => self.complete(transaction, job, id, track, now).await,
            None => Ok(Completed::GivenUp),
        }
    }

    /// Gives a track the audio that comes of one, which ends the job.
    ///
    /// # Errors
    /// As [`Uploads::completed`].
    pub async fn replaced(
        &self,
        job: &Job,
        id: UploadId,
        replacement: (&Did, TrackId, NewRecording<'_>),
        now: Timestamp,
    ) -> Result<Completed, StoreError> {
        let (artist, track, recording) = replacement;
        let transaction = jobs::begin(self.0, job).await?;
        match tracks::replace(&transaction, artist, track, recording, now).await? {
            tracks::Replaced::Done => self.complete(transaction, job, id, track, now).await,
            tracks::Replaced::NotFound => Ok(Completed::NoTrack),
            tracks::Replaced::GivenUp => Ok(Completed::GivenUp),
        }
    }

    async fn complete(
        &self,
        transaction: Telling,
        job: &Job,
        id: UploadId,
        track: TrackId,
        now: Timestamp,
    ) -> Result<Completed, StoreError> {
        let on = &transaction;
        let mut statement = in_state(id, &[UploadState::Waiting, UploadState::Processing], now);
        statement
            .value(Column::State, UploadState::Completed.as_str())
            .value(Column::Phase, "completed")
            .value(Column::Percent, 100i64)
            .value(Column::Track, track.get());
        run::exactly_one(on, &statement).await?;
        discard(on, id, now).await?;
        jobs::finish(on, job, now).await?;
        changes::write(on, &Change::Track(track), now).await?;
        run::commit(transaction).await?;
        Ok(Completed::Track(track))
    }

    /// Says that nothing comes of one, and why, which ends the job.
    ///
    /// # Errors
    /// [`StoreError::LeasePassed`]; when the database cannot be asked.
    pub async fn failed(
        &self,
        job: &Job,
        id: UploadId,
        (code, problem): (&str, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = jobs::begin(self.0, job).await?;
        fail(&transaction, id, (code, problem), now).await?;
        jobs::finish(&transaction, job, now).await?;
        run::commit(transaction).await
    }

    /// Gives one up that has not arrived: it broke off, or cannot be taken. One that was accepted stays.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn give_up(
        &self,
        id: UploadId,
        (code, problem): (&str, &str),
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = changes::begin(self.0).await?;
        let mut statement = in_state(id, &[UploadState::Receiving], now);
        statement.value(Column::Phase, "receiving");
        if run::at_most_one(&transaction, &statement).await? {
            fail(&transaction, id, (code, problem), now).await?;
        }
        run::commit(transaction).await
    }

    /// Gives up those of which nothing was heard since a moment, and forgets those that ended before
    /// another: at most `batch` of each. How many there were.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn sweep(
        &self,
        silent_since: Timestamp,
        ended_before: Timestamp,
        batch: u32,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let which = |state: &[UploadState], before: Timestamp| {
            Query::select()
                .column(Column::Id)
                .from(Table)
                .and_where(Expr::col(Column::State).is_in(state.iter().map(|state| state.as_str())))
                .and_where(Expr::col(Column::Updated).lt(before.as_millis()))
                .order_by(Column::Updated, Order::Asc)
                .limit(batch.into())
                .to_owned()
        };
        let silent = which(&[UploadState::Receiving], silent_since);
        let mut swept = 0u64;
        for row in &run::all(self.0.reader(), &silent).await? {
            let why = ("broken_off", "The upload broke off. Send it again.");
            self.give_up(parsed(row, "id")?, why, now).await?;
            swept = swept.saturating_add(1);
        }
        let ended = which(&[UploadState::Completed, UploadState::Failed], ended_before);
        let statement = Query::delete()
            .from_table(Table)
            .and_where(Expr::col(Column::Id).in_subquery(ended))
            .to_owned();
        let forgotten = run::count(self.0.writer(), &statement).await?;
        Ok(swept.saturating_add(forgotten))
    }
}

async fn fail(
    on: &impl On,
    id: UploadId,
    (code, problem): (&str, &str),
    now: Timestamp,
) -> Result<(), StoreError> {
    let open = [
        UploadState::Receiving,
        UploadState::Waiting,
        UploadState::Processing,
    ];
    let mut statement = in_state(id, &open, now);
    statement
        .value(Column::State, UploadState::Failed.as_str())
        .value(Column::Code, code)
        .value(Column::Problem, problem);
    if run::at_most_one(on, &statement).await? {
        discard(on, id, now).await?;
    }
    Ok(())
}

/// Condemns what was received, which nothing needs any more.
async fn discard(on: &impl On, id: UploadId, now: Timestamp) -> Result<(), StoreError> {
    let Some(upload) = one(on, id).await? else {
        return Ok(());
    };
    for (column, key) in [(Column::Audio, upload.audio), (Column::Image, upload.image)] {
        if let Some(key) = key {
            forget(on, id, column, &key, now).await?;
        }
    }
    Ok(())
}

pub(super) async fn forget(
    on: &impl On,
    id: UploadId,
    column: Column,
    key: &ObjectKey,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = Query::update()
        .table(Table)
        .value(column, Option::<String>::None)
        .and_where(Expr::col(Column::Id).eq(id.to_string()))
        .to_owned();
    run::exactly_one(on, &statement).await?;
    objects::condemn(on, key.as_str(), now).await
}
