//! Columns of rows as the domain's types. What cannot be read is a defect, and never quoted.

use std::{fmt::Write as _, str::FromStr};

use gatefold_domain::Timestamp;
use sea_orm::{
    QueryResult, TryGetable, Value,
    sea_query::{Expr, InsertStatement, IntoIden, IntoTableRef, Query},
};

use crate::{GrantKey, error::StoreError};

/// A column of any type that the database has.
pub(crate) fn get<T: TryGetable>(row: &QueryResult, column: &str) -> Result<T, StoreError> {
    row.try_get("", column)
        .map_err(|_| StoreError::defect("a column has another type than expected"))
}

/// A moment.
pub(crate) fn moment(row: &QueryResult, column: &str) -> Result<Timestamp, StoreError> {
    get(row, column).map(Timestamp::from_millis)
}

/// Text that is written like a type of the domain.
pub(crate) fn parsed<T: FromStr>(row: &QueryResult, column: &str) -> Result<T, StoreError> {
    parse(&get::<String>(row, column)?)
}

/// The same where there may be none.
pub(crate) fn parsed_option<T: FromStr>(
    row: &QueryResult,
    column: &str,
) -> Result<Option<T>, StoreError> {
    get::<Option<String>>(row, column)?
        .map(|text| parse(&text))
        .transpose()
}

fn parse<T: FromStr>(text: &str) -> Result<T, StoreError> {
    text.parse()
        .map_err(|_| StoreError::defect("a column holds what no version has written"))
}

/// A counter that is never negative.
pub(crate) fn count(row: &QueryResult, column: &str) -> Result<u64, StoreError> {
    u64::try_from(get::<i64>(row, column)?).map_err(|_| StoreError::defect("a counter is negative"))
}

/// The name of a grant.
pub(crate) fn grant(row: &QueryResult, column: &str) -> Result<GrantKey, StoreError> {
    let text: String = get(row, column)?;
    grant_key(&text).ok_or(StoreError::defect("a grant has another name than expected"))
}

/// The name of a grant as it is kept.
pub(crate) fn grant_text(key: &GrantKey) -> String {
    format!("{:032x}", u128::from_be_bytes(*key))
}

fn grant_key(text: &str) -> Option<GrantKey> {
    let key = u128::from_str_radix(text, 16).ok()?.to_be_bytes();
    (grant_text(&key) == text).then_some(key)
}

/// Bytes as hexadecimal text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A holder of a lease as it is kept.
pub(crate) fn holder_text(holder: u128) -> String {
    format!("{holder:032x}")
}

/// A fence as it is kept. `None`: none has ever been so large.
pub(crate) fn fence_number(fence: u64) -> Option<i64> {
    i64::try_from(fence).ok()
}

/// An insertion of one row.
pub(crate) fn insert<C: IntoIden, const N: usize>(
    table: impl IntoTableRef,
    row: [(C, Value); N],
) -> Result<InsertStatement, StoreError> {
    let mut columns = Vec::with_capacity(N);
    let mut values = Vec::with_capacity(N);
    for (column, value) in row {
        columns.push(column);
        values.push(Expr::value(value));
    }
    let mut statement = Query::insert();
    statement
        .into_table(table)
        .columns(columns)
        .values(values)
        .map_err(|_| StoreError::defect("columns and values differ in number"))?;
    Ok(statement)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grants_name_is_read_as_it_is_written() {
        let key = [7; 16];
        assert_eq!(grant_text(&key), "07".repeat(16));
        assert_eq!(grant_key(&"07".repeat(16)), Some(key));
        for text in [
            "",
            "07",
            &"0A".repeat(16),
            &"+7".repeat(16),
            &"07".repeat(17),
        ] {
            assert_eq!(grant_key(text), None, "{text}");
        }
    }
}
