//! `likes`: who likes which track, and the records of that.

use gatefold_domain::{Did, Timestamp, TrackId, Visibility};
use sea_orm::{
    DeriveIden,
    sea_query::{Expr, ExprTrait, OnConflict, Query},
};

use crate::{
    changes::{self, Change},
    connection::On,
    error::StoreError,
    jobs::{self, Finished, Job, JobKind},
    row::{get, insert, moment, parsed},
    run,
    store::Store,
    tracks,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "likes")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Track,
    Did,
    Wanted,
    RecordKey,
    RecordUri,
    RecordCid,
    Created,
}

/// A like, as whoever writes its record has to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Like {
    /// What is liked.
    pub track: TrackId,
    /// Who likes it.
    pub did: Did,
    /// Whether it is liked still.
    pub is_wanted: bool,
    /// The key of its record.
    pub record_key: String,
    /// Where its record is, if there may be one.
    pub record_uri: Option<String>,
    /// The record of what is liked: where it is, and which one.
    pub subject: Option<(String, String)>,
    /// Since when.
    pub created: Timestamp,
}

/// The likes.
#[derive(Clone, Copy)]
pub struct Likes<'a>(pub(crate) &'a Store);

impl Likes<'_> {
    /// Likes a track, or no longer. What is there already stays as it is. Whoever asks has made sure that
    /// the track is there for them; `false` when it is gone.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn set(
        &self,
        track: TrackId,
        did: &Did,
        (is_liked, record_key): (bool, &str),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = changes::begin(self.0).await?;
        let on = &transaction;
        let is_there = Query::select()
            .column(tracks::Column::Id)
            .from(tracks::Table)
            .and_where(Expr::col(tracks::Column::Id).eq(track.get()))
            .and_where(Expr::col(tracks::Column::Removed).is_null())
            .to_owned();
        if run::one(on, &is_there).await?.is_none() {
            return Ok(false);
        }
        let has_changed = if is_liked {
            self.like(on, track, did, record_key, now).await?
        } else {
            unlike(on, track, did).await?
        };
        if has_changed {
            let by = if is_liked { 1i64 } else { -1 };
            let statement = Query::update()
                .table(tracks::Table)
                .value(
                    tracks::Column::LikeCount,
                    Expr::col(tracks::Column::LikeCount).add(by),
                )
                .and_where(Expr::col(tracks::Column::Id).eq(track.get()))
                .to_owned();
            run::exactly_one(on, &statement).await?;
            jobs::demand(on, JobKind::Like, &subject(track, did), now).await?;
            changes::write(on, &Change::Track(track), now).await?;
        }
        run::commit(transaction).await?;
        Ok(true)
    }

    async fn like(
        &self,
        on: &impl On,
        track: TrackId,
        did: &Did,
        record_key: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut statement = insert(
            Table,
            [
                (Column::Track, track.get().into()),
                (Column::Did, did.as_str().into()),
                (Column::Wanted, 1i64.into()),
                (Column::RecordKey, record_key.into()),
                (Column::Created, now.as_millis().into()),
            ],
        )?;
        statement.on_conflict(
            OnConflict::columns([Column::Track, Column::Did])
                .update_columns([Column::Wanted, Column::Created])
                .action_and_where(Expr::col((Table, Column::Wanted)).eq(0i64))
                .to_owned(),
        );
        run::at_most_one(on, &statement).await
    }

    /// The like that a job is about; `None` when there is none any more.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn of(&self, job: &Job) -> Result<Option<Like>, StoreError> {
        let Some((track, did)) = job.subject.split_once(' ') else {
            return Ok(None);
        };
        let track_column = |column| (tracks::Table, column);
        let statement = Query::select()
            .columns([
                (Table, Column::Track),
                (Table, Column::Did),
                (Table, Column::Wanted),
                (Table, Column::RecordKey),
                (Table, Column::RecordUri),
                (Table, Column::Created),
            ])
            .expr_as(
                Expr::col(track_column(tracks::Column::RecordUri)),
                "subject_uri",
            )
            .expr_as(
                Expr::col(track_column(tracks::Column::RecordCid)),
                "subject_cid",
            )
            .expr_as(
                Expr::col(track_column(tracks::Column::Visibility)),
                "visibility",
            )
            .from(Table)
            .inner_join(
                tracks::Table,
                Expr::col(track_column(tracks::Column::Id)).equals((Table, Column::Track)),
            )
            .and_where(Expr::col((Table, Column::Track)).eq(track.parse::<i64>().unwrap_or(0)))
            .and_where(Expr::col((Table, Column::Did)).eq(did))
            .to_owned();
        let Some(row) = run::one(self.0.writer(), &statement).await? else {
            return Ok(None);
        };
        let uri: Option<String> = get(&row, "subject_uri")?;
        let cid: Option<String> = get(&row, "subject_cid")?;
        let is_draft = parsed::<Visibility>(&row, "visibility")? == Visibility::Draft;
        Ok(Some(Like {
            track: TrackId::new(get(&row, "track")?)
                .ok_or(StoreError::defect("a track has no positive number"))?,
            did: parsed(&row, "did")?,
            is_wanted: get::<i64>(&row, "wanted")? == 1,
            record_key: get(&row, "record_key")?,
            record_uri: get(&row, "record_uri")?,
            subject: uri.zip(cid).filter(|(_, cid)| !cid.is_empty() && !is_draft),
            created: moment(&row, "created")?,
        }))
    }

    /// Says that there is, or may be, a record of a like.
    ///
    /// # Errors
    /// [`StoreError::LeasePassed`]; when the database cannot be asked.
    pub async fn recorded(
        &self,
        job: &Job,
        like: &Like,
        record: (&str, &str),
    ) -> Result<(), StoreError> {
        let statement = Query::update()
            .table(Table)
            .value(Column::RecordUri, record.0)
            .value(Column::RecordCid, record.1)
            .and_where(Expr::col(Column::Track).eq(like.track.get()))
            .and_where(Expr::col(Column::Did).eq(like.did.as_str()))
            .to_owned();
        let transaction = jobs::begin(self.0, job).await?;
        run::at_most_one(&transaction, &statement).await?;
        run::commit(transaction).await
    }

    /// Says that the record is where the like is, which ends the job. One that is not wanted, and has no
    /// record any more, is forgotten.
    ///
    /// # Errors
    /// [`StoreError::LeasePassed`]; when the database cannot be asked.
    pub async fn settled(
        &self,
        job: &Job,
        like: &Like,
        now: Timestamp,
    ) -> Result<Finished, StoreError> {
        let transaction = jobs::begin(self.0, job).await?;
        if !like.is_wanted {
            let statement = Query::delete()
                .from_table(Table)
                .and_where(Expr::col(Column::Track).eq(like.track.get()))
                .and_where(Expr::col(Column::Did).eq(like.did.as_str()))
                .and_where(Expr::col(Column::Wanted).eq(0i64))
                .to_owned();
            run::at_most_one(&transaction, &statement).await?;
        }
        let finished = jobs::finish(&transaction, job, now).await?;
        run::commit(transaction).await?;
        Ok(finished)
    }
}

async fn unlike(on: &impl On, track: TrackId, did: &Did) -> Result<bool, StoreError> {
    let statement = Query::update()
        .table(Table)
        .value(Column::Wanted, 0i64)
        .and_where(Expr::col(Column::Track).eq(track.get()))
        .and_where(Expr::col(Column::Did).eq(did.as_str()))
        .and_where(Expr::col(Column::Wanted).eq(1i64))
        .to_owned();
    run::at_most_one(on, &statement).await
}

fn subject(track: TrackId, did: &Did) -> String {
    format!("{track} {did}")
}

/// Forgets who likes a track that is gone.
pub(crate) async fn clear(on: &impl On, track: TrackId) -> Result<(), StoreError> {
    let statement = Query::delete()
        .from_table(Table)
        .and_where(Expr::col(Column::Track).eq(track.get()))
        .to_owned();
    run::count(on, &statement).await?;
    Ok(())
}
