//! `objects`: every key of a bucket, from before its bytes are written until after they are gone.
//!
//! A key is here first, as *expected*; once its bytes are whole and a row names them it is *kept*; when
//! nothing may lead to it any more it is *condemned*, together with the [`JobKind::Discard`] that removes
//! it. So what is in a bucket and not here belongs to nobody, and whoever dies in the middle leaves nothing
//! that is forgotten.

use std::collections::HashSet;

use gatefold_domain::{Did, ObjectKey, Timestamp, TrackId};
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{Expr, ExprTrait, Order, Query, Returning},
};

use crate::{
    artists, changes,
    connection::On,
    error::StoreError,
    jobs::{self, Finished, Job, JobKind},
    row::{count, get, insert, moment, parsed},
    run,
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "objects")]
struct Table;

#[derive(DeriveIden, Clone, Copy)]
enum Column {
    Key,
    Bucket,
    State,
    Artist,
    Track,
    Len,
    Purged,
    Created,
    Updated,
}

/// Which bucket an object is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BucketName {
    /// The one that has the bytes of everything.
    Private,
    /// The one with copies of what everybody may have.
    Public,
}

impl BucketName {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }
}

/// Where an object is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectState {
    /// It is being written.
    Expected,
    /// It is whole, and something names it.
    Kept,
    /// It is on its way out.
    Condemned,
}

impl ObjectState {
    const ALL: [Self; 3] = [Self::Expected, Self::Kept, Self::Condemned];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Kept => "kept",
            Self::Condemned => "condemned",
        }
    }
}

/// An object that is to be written.
#[derive(Clone, Copy)]
pub struct NewObject<'a> {
    /// Its key, which is new.
    pub key: &'a ObjectKey,
    /// Where it is to be.
    pub bucket: BucketName,
    /// Whose it is.
    pub artist: &'a Did,
    /// Of a public copy: the track.
    pub track: Option<TrackId>,
}

/// What is known of an object.
#[derive(Clone)]
pub struct Object {
    /// Where it is.
    pub bucket: BucketName,
    /// Where in its life.
    pub state: ObjectState,
    /// Of a public copy: the track.
    pub track: Option<TrackId>,
    /// When everybody who may remember it was told to forget it, after it was deleted.
    pub purged: Option<Timestamp>,
    /// When its state changed last.
    pub updated: Timestamp,
}

/// The objects.
#[derive(Clone, Copy)]
pub struct Objects<'a>(pub(crate) &'a Store);

impl Objects<'_> {
    /// Makes keys known before anything is written under them, in the name of a job.
    ///
    /// # Errors
    /// [`StoreError::LeasePassed`]; [`StoreError::Conflict`] when a key is taken; when the database cannot
    /// be asked.
    pub async fn expect(
        &self,
        job: &Job,
        objects: &[NewObject<'_>],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = jobs::begin(self.0, job).await?;
        for object in objects {
            expect(&transaction, *object, now).await?;
        }
        run::commit(transaction).await
    }

    /// The same for somebody who waits for it, in the name of no job: what they leave is given up by the
    /// sweep.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a key is taken; when the database cannot be asked.
    pub async fn expect_now(
        &self,
        objects: &[NewObject<'_>],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let transaction = changes::begin(self.0).await?;
        for object in objects {
            expect(&transaction, *object, now).await?;
        }
        run::commit(transaction).await
    }

    /// Gives up an object that was begun in the name of a job. One that somebody else gave up already, or
    /// that is kept by now, stays what it is.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn give_up(&self, key: &ObjectKey, now: Timestamp) -> Result<(), StoreError> {
        let transaction = changes::begin(self.0).await?;
        let statement = Query::update()
            .table(Table)
            .value(Column::State, ObjectState::Condemned.as_str())
            .value(Column::Updated, now.as_millis())
            .and_where(Expr::col(Column::Key).eq(key.as_str()))
            .and_where(Expr::col(Column::State).eq(ObjectState::Expected.as_str()))
            .to_owned();
        if run::at_most_one(&transaction, &statement).await? {
            jobs::demand(&transaction, JobKind::Discard, key.as_str(), now).await?;
        }
        run::commit(transaction).await
    }

    /// What is known of an object.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn get(&self, key: &ObjectKey) -> Result<Option<Object>, StoreError> {
        let statement = Query::select()
            .columns([
                Column::Bucket,
                Column::State,
                Column::Track,
                Column::Purged,
                Column::Updated,
            ])
            .from(Table)
            .and_where(Expr::col(Column::Key).eq(key.as_str()))
            .to_owned();
        let row = run::one(self.0.reader(), &statement).await?;
        row.as_ref().map(object).transpose()
    }

    /// Says that everybody who may remember an object was told to forget it, after it was deleted.
    ///
    /// # Errors
    /// [`StoreError::LeasePassed`]; when the database cannot be asked.
    pub async fn purged(
        &self,
        job: &Job,
        key: &ObjectKey,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let statement = Query::update()
            .table(Table)
            .value(Column::Purged, now.as_millis())
            .and_where(Expr::col(Column::Key).eq(key.as_str()))
            .and_where(Expr::col(Column::State).eq(ObjectState::Condemned.as_str()))
            .to_owned();
        let transaction = jobs::begin(self.0, job).await?;
        run::at_most_one(&transaction, &statement).await?;
        run::commit(transaction).await
    }

    /// Forgets an object that is gone, which ends the job that removed it. The track that it was a copy of
    /// has a step less before it.
    ///
    /// # Errors
    /// [`StoreError::LeasePassed`]; when the database cannot be asked.
    pub async fn gone(
        &self,
        job: &Job,
        key: &ObjectKey,
        now: Timestamp,
    ) -> Result<Finished, StoreError> {
        let transaction = jobs::begin(self.0, job).await?;
        let statement = Query::delete()
            .from_table(Table)
            .and_where(Expr::col(Column::Key).eq(key.as_str()))
            .and_where(Expr::col(Column::State).eq(ObjectState::Condemned.as_str()))
            .returning(Returning::new().columns([
                Column::Bucket,
                Column::Artist,
                Column::Track,
                Column::Len,
            ]))
            .to_owned();
        if let Some(row) = run::one(&transaction, &statement).await? {
            if bucket(&row)? == BucketName::Private {
                let artist: Did = parsed(&row, "artist")?;
                let len: i64 = get(&row, "len")?;
                artists::occupy(&transaction, &artist, len.saturating_neg()).await?;
            }
            if let Some(track) = get::<Option<i64>>(&row, "track")? {
                jobs::demand(&transaction, JobKind::Settle, &track.to_string(), now).await?;
            }
        }
        let finished = jobs::finish(&transaction, job, now).await?;
        run::commit(transaction).await?;
        Ok(finished)
    }

    /// Which of these keys are known, whatever their state: the others are nobody's.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn known(&self, keys: &[ObjectKey]) -> Result<HashSet<ObjectKey>, StoreError> {
        let statement = Query::select()
            .column(Column::Key)
            .from(Table)
            .and_where(Expr::col(Column::Key).is_in(keys.iter().map(ObjectKey::as_str)))
            .to_owned();
        let rows = run::all(self.0.reader(), &statement).await?;
        rows.iter().map(|row| parsed(row, "key")).collect()
    }

    /// Gives up what has been expected since before a moment: at most `batch` of them. How many there were.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn give_up_stale(
        &self,
        before: Timestamp,
        batch: u32,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let stale = Query::select()
            .column(Column::Key)
            .from(Table)
            .and_where(Expr::col(Column::State).eq(Expr::val(ObjectState::Expected.as_str())))
            .and_where(Expr::col(Column::Updated).lt(before.as_millis()))
            .order_by(Column::Updated, Order::Asc)
            .limit(batch.into())
            .to_owned();
        let rows = run::all(self.0.reader(), &stale).await?;
        let mut given_up = 0u64;
        for row in &rows {
            self.give_up(&parsed(row, "key")?, now).await?;
            given_up = given_up.saturating_add(1);
        }
        Ok(given_up)
    }
}

/// Makes a key known before anything is written under it.
pub(crate) async fn expect(
    on: &impl On,
    object: NewObject<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = insert(
        Table,
        [
            (Column::Key, object.key.as_str().into()),
            (Column::Bucket, object.bucket.as_str().into()),
            (Column::State, ObjectState::Expected.as_str().into()),
            (Column::Artist, object.artist.as_str().into()),
            (Column::Track, object.track.map(TrackId::get).into()),
            (Column::Created, now.as_millis().into()),
            (Column::Updated, now.as_millis().into()),
        ],
    )?;
    run::exactly_one(on, &statement).await
}

/// Keeps an object that is whole, as the row begins to name it. `false`: it was given up meanwhile.
pub(crate) async fn keep(
    on: &impl On,
    key: &ObjectKey,
    len: u64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let len = i64::try_from(len)
        .map_err(|_| StoreError::defect("a number is larger than the database keeps"))?;
    let statement = Query::update()
        .table(Table)
        .value(Column::State, ObjectState::Kept.as_str())
        .value(Column::Len, len)
        .value(Column::Updated, now.as_millis())
        .and_where(Expr::col(Column::Key).eq(key.as_str()))
        .and_where(Expr::col(Column::State).eq(ObjectState::Expected.as_str()))
        .returning(Returning::new().columns([Column::Bucket, Column::Artist]))
        .to_owned();
    let Some(row) = run::one(on, &statement).await? else {
        return Ok(false);
    };
    if bucket(&row)? == BucketName::Private {
        artists::occupy(on, &parsed(&row, "artist")?, len).await?;
    }
    Ok(true)
}

/// Condemns an object: nothing that is committed from now on leads to it.
pub(crate) async fn condemn(on: &impl On, key: &str, now: Timestamp) -> Result<(), StoreError> {
    let statement = Query::update()
        .table(Table)
        .value(Column::State, ObjectState::Condemned.as_str())
        .value(Column::Updated, now.as_millis())
        .and_where(Expr::col(Column::Key).eq(key))
        .and_where(Expr::col(Column::State).ne(ObjectState::Condemned.as_str()))
        .to_owned();
    if run::at_most_one(on, &statement).await? {
        jobs::demand(on, JobKind::Discard, key, now).await?;
    }
    Ok(())
}

/// Condemns every public copy of a track, those included that are being made.
pub(crate) async fn condemn_copies(
    on: &impl On,
    track: TrackId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = Query::select()
        .column(Column::Key)
        .from(Table)
        .and_where(Expr::col(Column::Track).eq(track.get()))
        .and_where(Expr::col(Column::State).ne(ObjectState::Condemned.as_str()))
        .to_owned();
    for row in &run::all(on, &statement).await? {
        condemn(on, &get::<String>(row, "key")?, now).await?;
    }
    Ok(())
}

/// How many public copies of a track are on their way out.
pub(crate) async fn leaving(on: &impl On, track: TrackId) -> Result<u64, StoreError> {
    let statement = Query::select()
        .expr_as(Expr::col(Column::Key).count(), "leaving")
        .from(Table)
        .and_where(Expr::col(Column::Track).eq(track.get()))
        .and_where(Expr::col(Column::State).eq(ObjectState::Condemned.as_str()))
        .to_owned();
    let row = run::one(on, &statement).await?;
    row.map_or(Ok(0), |row| count(&row, "leaving"))
}

fn object(row: &QueryResult) -> Result<Object, StoreError> {
    let state: String = get(row, "state")?;
    let mut states = ObjectState::ALL.into_iter();
    let track = get::<Option<i64>>(row, "track")?;
    Ok(Object {
        bucket: bucket(row)?,
        state: states
            .find(|known| known.as_str() == state)
            .ok_or(StoreError::defect("an object is in an unknown state"))?,
        track: track.and_then(TrackId::new),
        purged: get::<Option<i64>>(row, "purged")?.map(Timestamp::from_millis),
        updated: moment(row, "updated")?,
    })
}

fn bucket(row: &QueryResult) -> Result<BucketName, StoreError> {
    let name: String = get(row, "bucket")?;
    [BucketName::Private, BucketName::Public]
        .into_iter()
        .find(|known| known.as_str() == name)
        .ok_or(StoreError::defect("an object is in an unknown bucket"))
}
