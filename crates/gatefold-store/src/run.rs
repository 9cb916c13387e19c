//! Statements, with a bound on their time.

use std::{future::Future, time::Duration};

use sea_orm::{
    ConnectionTrait, DbErr, QueryResult, SqliteTransactionMode, StatementBuilder,
    TransactionOptions, TransactionTrait,
};
use tokio::runtime::Handle;

use crate::{
    connection::{On, Pool, Transaction, at},
    error::{Cause, StoreError},
};

/// The longest that one statement may take, its waiting for a connection and for locks included. More
/// than each of these by itself, so that what is too slow is told by whoever knows why.
const LONGEST: Duration = Duration::from_secs(15);

/// All rows of an answer.
///
/// It is read to its end, also where one row is expected: only then has the database told that what
/// the statement wrote is committed.
pub(crate) async fn all(
    on: &impl On,
    statement: &impl StatementBuilder,
) -> Result<Vec<QueryResult>, StoreError> {
    bounded(on.home(), on.inner().query_all(statement)).await
}

/// The only row of an answer.
pub(crate) async fn one(
    on: &impl On,
    statement: &impl StatementBuilder,
) -> Result<Option<QueryResult>, StoreError> {
    let mut rows = all(on, statement).await?.into_iter();
    match (rows.next(), rows.next()) {
        (row, None) => Ok(row),
        _ => Err(StoreError::defect(
            "one row was expected, and there were more",
        )),
    }
}

/// How many rows a statement changed.
pub(crate) async fn count(
    on: &impl On,
    statement: &impl StatementBuilder,
) -> Result<u64, StoreError> {
    let answer = bounded(on.home(), on.inner().execute(statement)).await?;
    Ok(answer.rows_affected())
}

/// Changes one row, or fails.
pub(crate) async fn exactly_one(
    on: &impl On,
    statement: &impl StatementBuilder,
) -> Result<(), StoreError> {
    at_most_one(on, statement)
        .await?
        .then_some(())
        .ok_or(StoreError::defect("a row was to be written, and was not"))
}

/// Changes one row; `false` when there was none to change.
pub(crate) async fn at_most_one(
    on: &impl On,
    statement: &impl StatementBuilder,
) -> Result<bool, StoreError> {
    match count(on, statement).await? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(StoreError::defect(
            "one row was to be written, and more were",
        )),
    }
}

/// Begins a transaction that writes. SQLite takes its lock at once: one that began by reading could
/// not be sure to get it later.
pub(crate) async fn begin(on: &Pool) -> Result<Transaction, StoreError> {
    let begun = on.inner().begin_with_options(TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    });
    Ok(Transaction {
        inner: bounded(on.home(), begun).await?,
        home: on.home().clone(),
    })
}

/// Ends a transaction. One that is dropped instead has changed nothing.
pub(crate) async fn commit(transaction: impl Into<Transaction>) -> Result<(), StoreError> {
    let transaction = transaction.into();
    bounded(&transaction.home, transaction.inner.commit()).await
}

/// Asks something that is no single statement, or none that is built.
pub(crate) async fn unprepared(on: &impl On, sql: &str) -> Result<(), StoreError> {
    bounded(on.home(), on.inner().execute_unprepared(sql)).await?;
    Ok(())
}

/// Waits for an answer, but not for ever: a server whose machine is gone says nothing.
pub(crate) async fn bounded<T>(
    home: &Handle,
    answer: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(LONGEST, at(home, answer)).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(StoreError::Unavailable(Cause::new(
            "it did not answer in time",
        ))),
    }
}
