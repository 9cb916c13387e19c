//! The schema: migrations in order, each recorded with the checksum of its text.
//!
//! All that is missing is made in one transaction, under a lock that one process at a time has: SQLite's
//! own for writing, an advisory one on PostgreSQL. A migration that was released is never changed.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use gatefold_domain::Timestamp;
use sea_orm::{
    ConnectionTrait, DbBackend, DeriveIden, Statement,
    sea_query::{Order, Query},
};

use crate::{
    connection::{On, Pool, at},
    error::{Cause, OpenError, StoreError},
    row::{get, hex, insert},
    run,
};

/// The longest that all of it may take, waiting for another process included.
const LONGEST: Duration = Duration::from_mins(10);

/// One step of the schema.
#[derive(Clone, Copy)]
pub(crate) struct Migration {
    version: i64,
    name: &'static str,
    /// Statements, with the words in [`WORDS`] for what the two databases call differently.
    sql: &'static str,
    /// What follows on SQLite alone, and on PostgreSQL alone.
    more: [&'static str; 2],
}

/// Every step, in order, without gaps.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "accounts",
        sql: include_str!("../migrations/0001-accounts.sql"),
        more: ["", ""],
    },
    Migration {
        version: 2,
        name: "tracks",
        sql: include_str!("../migrations/0002-tracks.sql"),
        more: ["", ""],
    },
    Migration {
        version: 3,
        name: "publishing",
        sql: include_str!("../migrations/0003-publishing.sql"),
        more: ["", ""],
    },
    Migration {
        version: 4,
        name: "listening",
        sql: include_str!("../migrations/0004-listening.sql"),
        more: ["", ""],
    },
    Migration {
        version: 5,
        name: "search",
        sql: include_str!("../migrations/0005-search.sql"),
        more: [
            include_str!("../migrations/0005-search.sqlite.sql"),
            include_str!("../migrations/0005-search.postgres.sql"),
        ],
    },
    Migration {
        version: 6,
        name: "counts",
        sql: include_str!("../migrations/0006-counts.sql"),
        more: ["", ""],
    },
    Migration {
        version: 7,
        name: "words",
        sql: include_str!("../migrations/0007-words.sql"),
        more: [
            include_str!("../migrations/0007-words.sqlite.sql"),
            include_str!("../migrations/0007-words.postgres.sql"),
        ],
    },
];

/// Words of the migrations, for SQLite and for PostgreSQL.
const WORDS: [(&str, &str, &str); 4] = [
    ("{integer}", "INTEGER", "BIGINT"),
    ("{bytes}", "BLOB", "BYTEA"),
    (
        "{counter}",
        "INTEGER PRIMARY KEY AUTOINCREMENT",
        "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    ),
    (" {strict}", " STRICT", ""),
];

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "schema_migrations")]
struct Table;

#[derive(DeriveIden, Clone, Copy)]
enum Column {
    Version,
    Name,
    Checksum,
    Applied,
}

impl Migration {
    fn sql(&self, backend: DbBackend) -> String {
        let mut sql = self.sql.to_owned();
        for (word, sqlite, postgres) in WORDS {
            let meaning = match backend {
                DbBackend::Sqlite => sqlite,
                _ => postgres,
            };
            sql = sql.replace(word, meaning);
        }
        let [sqlite, postgres] = self.more;
        sql.push_str(match backend {
            DbBackend::Sqlite => sqlite,
            _ => postgres,
        });
        sql
    }

    fn checksum(&self) -> String {
        let [sqlite, postgres] = self.more;
        let whole = [self.sql, sqlite, postgres].concat();
        hex(digest(&SHA256, whole.as_bytes()).as_ref())
    }
}

/// The newest schema that is known.
pub(crate) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |last| last.version)
}

/// Checks the schema, and makes what is missing when `migrate` says so.
pub(crate) async fn bring_up_to_date(
    on: &Pool,
    migrate: bool,
    now: Timestamp,
) -> Result<(), OpenError> {
    let work = async {
        if migrate {
            apply(on, MIGRATIONS, now).await
        } else {
            check(on).await
        }
    };
    tokio::time::timeout(LONGEST, work)
        .await
        .unwrap_or_else(|_| Err(StoreError::Unavailable(Cause::new("it took too long")).into()))
}

/// Checks that nothing is missing.
async fn check(on: &Pool) -> Result<(), OpenError> {
    let found = if has_record(on).await? {
        check_record(&recorded(on).await?, MIGRATIONS)?
    } else {
        0
    };
    let known = newest();
    if found < known {
        return Err(OpenError::Older { found, known });
    }
    Ok(())
}

/// Makes what is missing.
async fn apply(on: &Pool, migrations: &[Migration], now: Timestamp) -> Result<(), OpenError> {
    let transaction = run::begin(on).await?;
    lock(&transaction).await?;
    let backend = transaction.inner.get_database_backend();
    unprepared(&transaction, record_sql(backend)).await?;
    let found = check_record(&recorded(&transaction).await?, migrations)?;
    for migration in migrations.iter().filter(|step| step.version > found) {
        unprepared(&transaction, &migration.sql(backend)).await?;
        let row = insert(
            Table,
            [
                (Column::Version, migration.version.into()),
                (Column::Name, migration.name.into()),
                (Column::Checksum, migration.checksum().into()),
                (Column::Applied, now.as_millis().into()),
            ],
        )?;
        run::exactly_one(&transaction, &row).await?;
    }
    run::commit(transaction).await?;
    Ok(())
}

/// Waits until no other process changes the schema. SQLite's transaction has its lock already.
async fn lock(on: &impl On) -> Result<(), StoreError> {
    if on.inner().get_database_backend() == DbBackend::Postgres {
        let millis = LONGEST.as_millis();
        // The number says "gatefold" and is nobody else's.
        let sql = format!(
            "SET LOCAL statement_timeout = {millis}; SET LOCAL lock_timeout = {millis}; \
             SELECT pg_advisory_xact_lock(7449354455180815460);"
        );
        unprepared(on, &sql).await?;
    }
    Ok(())
}

/// Does something for as long as it takes: the whole has a bound of its own.
async fn unprepared(on: &impl On, sql: &str) -> Result<(), StoreError> {
    at(on.home(), on.inner().execute_unprepared(sql)).await?;
    Ok(())
}

fn record_sql(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => {
            "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER NOT NULL PRIMARY KEY, \
             name TEXT NOT NULL, checksum TEXT NOT NULL, applied INTEGER NOT NULL) STRICT"
        }
        _ => {
            "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY, \
             name TEXT NOT NULL, checksum TEXT NOT NULL, applied BIGINT NOT NULL)"
        }
    }
}

/// Whether anything was ever recorded.
async fn has_record(on: &Pool) -> Result<bool, StoreError> {
    let backend = on.inner().get_database_backend();
    let sql = match backend {
        DbBackend::Sqlite => {
            "SELECT count(*) AS tables FROM sqlite_master WHERE name = 'schema_migrations'"
        }
        _ => {
            "SELECT count(*) AS tables FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_name = 'schema_migrations'"
        }
    };
    let statement = Statement::from_string(backend, sql);
    let rows = run::bounded(on.home(), on.inner().query_all_raw(statement)).await?;
    let row = rows
        .first()
        .ok_or(StoreError::defect("a count has no row"))?;
    Ok(get::<i64>(row, "tables")? > 0)
}

/// What was applied: versions and checksums, in order.
async fn recorded(on: &impl On) -> Result<Vec<(i64, String)>, StoreError> {
    let statement = Query::select()
        .columns([Column::Version, Column::Checksum])
        .from(Table)
        .order_by(Column::Version, Order::Asc)
        .to_owned();
    run::all(on, &statement)
        .await?
        .iter()
        .map(|row| Ok((get(row, "version")?, get(row, "checksum")?)))
        .collect()
}

/// Holds what was applied against what is known; the newest that was applied.
fn check_record(record: &[(i64, String)], migrations: &[Migration]) -> Result<i64, OpenError> {
    let known = migrations.last().map_or(0, |last| last.version);
    let found = record.last().map_or(0, |(version, _)| *version);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    let mut steps = migrations.iter();
    for (version, checksum) in record {
        let is_known = steps
            .next()
            .is_some_and(|step| step.version == *version && step.checksum() == *checksum);
        if !is_known {
            return Err(OpenError::Checksum { version: *version });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn step(version: i64, sql: &'static str) -> Migration {
        Migration {
            version,
            name: "a step",
            sql,
            more: ["", ""],
        }
    }

    #[test]
    fn steps_are_in_order_without_gaps() {
        for (expected, step) in (1..).zip(MIGRATIONS) {
            assert_eq!(step.version, expected);
            assert!(!step.name.is_empty());
            for backend in [DbBackend::Sqlite, DbBackend::Postgres] {
                assert!(!step.sql(backend).contains('{'), "{expected}");
            }
        }
    }

    #[test]
    fn a_record_is_held_against_what_is_known() {
        let steps = [step(1, "ONE"), step(2, "TWO")];
        let sum = |step: usize| steps[step].checksum();
        assert_eq!(check_record(&[], &steps).unwrap(), 0);
        assert_eq!(check_record(&[(1, sum(0))], &steps).unwrap(), 1);
        assert_eq!(
            check_record(&[(1, sum(0)), (2, sum(1))], &steps).unwrap(),
            2
        );
        for (record, version) in [
            (vec![(1, sum(1))], 1),
            (vec![(1, sum(0)), (2, sum(0))], 2),
            // One that was left out.
            (vec![(2, sum(1))], 2),
        ] {
            let error = check_record(&record, &steps).unwrap_err();
            assert!(
                matches!(error, OpenError::Checksum { version: found } if found == version),
                "{error}"
            );
        }
        let error = check_record(&[(1, sum(0)), (2, sum(1)), (3, sum(1))], &steps).unwrap_err();
        assert!(
            matches!(error, OpenError::Newer { found: 3, known: 2 }),
            "{error}"
        );
    }
}
