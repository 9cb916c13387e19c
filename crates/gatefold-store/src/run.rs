//! Statements, with a bound on their time.

use std::{future::Future, time::Duration};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, QueryResult,
    SqliteTransactionMode, StatementBuilder, TransactionOptions, TransactionTrait,
};

use crate::error::{Cause, StoreError};

/// The longest that one statement may take, its waiting for a connection and for locks included. More
/// than each of these by itself, so that what is too slow is told by whoever knows why.
const LONGEST: Duration = Duration::from_secs(15);

/// All rows of an answer.
///
/// It is read to its end, also where one row is expected: only then has the database told that what
/// the statement wrote is committed.
pub(crate) async fn all(
    on: &impl ConnectionTrait,
    statement: &impl StatementBuilder,
) -> Result<Vec<QueryResult>, StoreError> {
    bounded(on.query_all(statement)).await
}

/// The only row of an answer.
pub(crate) async fn one(
    on: &impl ConnectionTrait,
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
    on: &impl ConnectionTrait,
    statement: &impl StatementBuilder,
) -> Result<u64, StoreError> {
    let answer = bounded(on.execute(statement)).await?;
    Ok(answer.rows_affected())
}

/// Changes one row, or fails.
pub(crate) async fn exactly_one(
    on: &impl ConnectionTrait,
    statement: &impl StatementBuilder,
) -> Result<(), StoreError> {
    at_most_one(on, statement)
        .await?
        .then_some(())
        .ok_or(StoreError::defect("a row was to be written, and was not"))
}

/// Changes one row; `false` when there was none to change.
pub(crate) async fn at_most_one(
    on: &impl ConnectionTrait,
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
pub(crate) async fn begin(on: &DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
    bounded(on.begin_with_options(TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }))
    .await
}

/// Ends a transaction. One that is dropped instead has changed nothing.
pub(crate) async fn commit(transaction: DatabaseTransaction) -> Result<(), StoreError> {
    bounded(transaction.commit()).await
}

/// Waits for an answer, but not for ever: a server whose machine is gone says nothing.
pub(crate) async fn bounded<T>(
    answer: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(LONGEST, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(StoreError::Unavailable(Cause::new(
            "it did not answer in time",
        ))),
    }
}
