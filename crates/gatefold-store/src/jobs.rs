//! `jobs`: what follows a change, written together with it and done once for each subject.
//!
//! Whoever does a job has a lease on it, and a fence that grows with every lease: what is written in the
//! name of a job whose fence has passed is refused ([`StoreError::LeasePassed`]), with everything else of
//! its transaction. So a worker that was thought dead, and is not, changes nothing.

use gatefold_domain::Timestamp;
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{
        Alias, CaseStatement, Expr, ExprTrait, LockBehavior, LockType, OnConflict, Order, Query,
        Returning,
    },
};

use crate::{
    changes::{self, Telling},
    connection::On,
    error::StoreError,
    row::{count, get, holder_text, insert, moment},
    run,
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "jobs")]
struct Table;

#[derive(DeriveIden, Clone, Copy)]
enum Column {
    Id,
    Kind,
    Subject,
    Generation,
    Due,
    Attempts,
    Problem,
    Holder,
    Fence,
    LeaseUntil,
    Created,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Makes a track, or another revision of one, of what was received. About an upload.
    Upload,
    /// Brings copies and the record of a track to where the track is. About a track.
    Settle,
    /// Removes an object from its bucket, and from where it was remembered. About an object.
    Discard,
    /// Writes or removes the record of a like. About a track and who likes it.
    Like,
}

impl JobKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Upload, Self::Settle, Self::Discard, Self::Like];

    /// The word under which it is kept and told.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Settle => "settle",
            Self::Discard => "discard",
            Self::Like => "like",
        }
    }
}

/// A job that somebody does.
#[derive(Clone)]
pub struct Job {
    id: i64,
    fence: i64,
    /// What is to be done.
    pub kind: JobKind,
    /// What it is about. Of an object it is the key: not for logs.
    pub subject: String,
    /// How often there was more to do.
    pub generation: u64,
    /// How often it was begun, this time included.
    pub attempts: u64,
}

/// How a job is waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// When it is begun next, or its lease passes.
    pub due: Timestamp,
    /// How often it was begun.
    pub attempts: u64,
    /// What kept it from being done.
    pub problem: Option<String>,
}

/// What became of a job whose work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// It is gone.
    Done,
    /// There was more to do meanwhile: it is due again.
    Again,
    /// It was somebody else's by then.
    Passed,
}

/// The jobs.
#[derive(Clone, Copy)]
pub struct Jobs<'a>(pub(crate) &'a Store);

impl Jobs<'_> {
    /// Takes the job among these kinds that has been due for longest, until a moment.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn take(
        &self,
        kinds: &[JobKind],
        holder: u128,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Job>, StoreError> {
        let mut due = Query::select();
        due.column(Column::Id)
            .from(Table)
            .and_where(Expr::col(Column::Due).lte(now.as_millis()))
            .and_where(Expr::col(Column::Kind).is_in(kinds.iter().map(|kind| kind.as_str())))
            .order_by(Column::Due, Order::Asc)
            .order_by(Column::Id, Order::Asc)
            .limit(1)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let statement = Query::update()
            .table(Table)
            .value(Column::Holder, holder_text(holder))
            .value(Column::LeaseUntil, until.as_millis())
            .value(Column::Due, until.as_millis())
            .value(Column::Fence, Expr::col(Column::Fence).add(1i64))
            .value(Column::Attempts, Expr::col(Column::Attempts).add(1i64))
            // Equal to one answer, which is asked for once. Of a set, PostgreSQL may ask anew for each row,
            // and each time the ones that this statement has taken are passed over: it would take them all.
            .and_where(Expr::col(Column::Id).eq(Expr::SubQuery(None, Box::new(due.into()))))
            // Again, for whoever took it between the two halves of this statement.
            .and_where(Expr::col(Column::Due).lte(now.as_millis()))
            .returning(Returning::new().columns([
                Column::Id,
                Column::Kind,
                Column::Subject,
                Column::Generation,
                Column::Attempts,
                Column::Fence,
            ]))
            .to_owned();
        let row = run::one(self.0.writer(), &statement).await?;
        row.as_ref().map(job).transpose()
    }

    /// Holds a job for longer. `false`: it is somebody else's by now.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn renew(&self, job: &Job, until: Timestamp) -> Result<bool, StoreError> {
        let statement = Query::update()
            .table(Table)
            .value(Column::LeaseUntil, until.as_millis())
            .value(Column::Due, until.as_millis())
            .and_where(Expr::col(Column::Id).eq(job.id))
            .and_where(Expr::col(Column::Fence).eq(job.fence))
            .and_where(Expr::col(Column::Holder).is_not_null())
            .to_owned();
        run::at_most_one(self.0.writer(), &statement).await
    }

    /// Gives a job back that is done.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn finish(&self, job: &Job, now: Timestamp) -> Result<Finished, StoreError> {
        let transaction = run::begin(self.0.writer()).await?;
        let finished = finish(&transaction, job, now).await?;
        run::commit(transaction).await?;
        Ok(finished)
    }

    /// Gives a job back that is not done, to be begun again at a moment, and says what kept it. One that
    /// nothing kept, and that goes on later, has not failed: its attempts are counted anew.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn put_off(
        &self,
        job: &Job,
        due: Timestamp,
        problem: Option<&str>,
    ) -> Result<bool, StoreError> {
        let mut statement = Query::update()
            .table(Table)
            .value(Column::Holder, Option::<String>::None)
            .value(Column::LeaseUntil, Option::<i64>::None)
            .value(Column::Due, due.as_millis())
            .value(Column::Problem, problem)
            .and_where(Expr::col(Column::Id).eq(job.id))
            .and_where(Expr::col(Column::Fence).eq(job.fence))
            .to_owned();
        if problem.is_none() {
            statement.value(Column::Attempts, 0i64);
        }
        run::at_most_one(self.0.writer(), &statement).await
    }

    /// How the job about a subject is waiting; `None` when there is nothing to do.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn waiting(
        &self,
        kind: JobKind,
        subject: &str,
    ) -> Result<Option<Waiting>, StoreError> {
        let statement = Query::select()
            .columns([Column::Due, Column::Attempts, Column::Problem])
            .from(Table)
            .and_where(Expr::col(Column::Kind).eq(kind.as_str()))
            .and_where(Expr::col(Column::Subject).eq(subject))
            .to_owned();
        let Some(row) = run::one(self.0.reader(), &statement).await? else {
            return Ok(None);
        };
        Ok(Some(Waiting {
            due: moment(&row, "due")?,
            attempts: count(&row, "attempts")?,
            problem: get(&row, "problem")?,
        }))
    }

    /// When there is something to do next.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let statement = Query::select()
            .expr_as(Expr::col(Column::Due).min(), Alias::new("due"))
            .from(Table)
            .to_owned();
        let row = run::one(self.0.reader(), &statement).await?;
        let due = row.map(|row| get::<Option<i64>>(&row, "due")).transpose()?;
        Ok(due.flatten().map(Timestamp::from_millis))
    }
}

/// Demands a job in the transaction that it follows. One that is there already has more to do: it is
/// begun again, at once if nobody does it now.
pub(crate) async fn demand(
    on: &impl On,
    kind: JobKind,
    subject: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut statement = insert(
        Table,
        [
            (Column::Kind, kind.as_str().into()),
            (Column::Subject, subject.into()),
            (Column::Generation, 1i64.into()),
            (Column::Due, now.as_millis().into()),
            (Column::Attempts, 0i64.into()),
            (Column::Fence, 0i64.into()),
            (Column::Created, now.as_millis().into()),
        ],
    )?;
    let is_free = || Expr::col((Table, Column::Holder)).is_null();
    let due = CaseStatement::new()
        .case(is_free(), now.as_millis())
        .finally(Expr::col((Table, Column::Due)));
    let attempts = CaseStatement::new()
        .case(is_free(), 0i64)
        .finally(Expr::col((Table, Column::Attempts)));
    statement.on_conflict(
        OnConflict::columns([Column::Kind, Column::Subject])
            .value(
                Column::Generation,
                Expr::col((Table, Column::Generation)).add(1i64),
            )
            .value(Column::Due, due)
            .value(Column::Attempts, attempts)
            .to_owned(),
    );
    run::exactly_one(on, &statement).await
}

/// Begins a transaction in the name of a job, which is this worker's until it ends.
pub(crate) async fn begin(store: &Store, job: &Job) -> Result<Telling, StoreError> {
    let transaction = changes::begin(store).await?;
    let statement = Query::update()
        .table(Table)
        .value(Column::Fence, job.fence)
        .and_where(Expr::col(Column::Id).eq(job.id))
        .and_where(Expr::col(Column::Fence).eq(job.fence))
        .and_where(Expr::col(Column::Holder).is_not_null())
        .to_owned();
    let held = run::at_most_one(&transaction, &statement).await?;
    held.then_some(transaction).ok_or(StoreError::LeasePassed)
}

/// Gives a job back that is done, in the transaction that does its last part.
pub(crate) async fn finish(
    on: &impl On,
    job: &Job,
    now: Timestamp,
) -> Result<Finished, StoreError> {
    let generation = i64::try_from(job.generation).unwrap_or(i64::MAX);
    let statement = Query::delete()
        .from_table(Table)
        .and_where(Expr::col(Column::Id).eq(job.id))
        .and_where(Expr::col(Column::Fence).eq(job.fence))
        .and_where(Expr::col(Column::Generation).eq(generation))
        .to_owned();
    if run::at_most_one(on, &statement).await? {
        return Ok(Finished::Done);
    }
    let statement = Query::update()
        .table(Table)
        .value(Column::Holder, Option::<String>::None)
        .value(Column::LeaseUntil, Option::<i64>::None)
        .value(Column::Due, now.as_millis())
        .value(Column::Attempts, 0i64)
        .value(Column::Problem, Option::<String>::None)
        .and_where(Expr::col(Column::Id).eq(job.id))
        .and_where(Expr::col(Column::Fence).eq(job.fence))
        .to_owned();
    Ok(if run::at_most_one(on, &statement).await? {
        Finished::Again
    } else {
        Finished::Passed
    })
}

fn job(row: &QueryResult) -> Result<Job, StoreError> {
    let kind: String = get(row, "kind")?;
    let kind = JobKind::ALL
        .into_iter()
        .find(|known| known.as_str() == kind);
    Ok(Job {
        id: get(row, "id")?,
        fence: get(row, "fence")?,
        kind: kind.ok_or(StoreError::defect("a job is of an unknown kind"))?,
        subject: get(row, "subject")?,
        generation: count(row, "generation")?,
        attempts: count(row, "attempts")?,
    })
}
