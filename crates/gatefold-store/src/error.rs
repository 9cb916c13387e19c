//! Why the database did not do what it was asked.

use std::{fmt, path::PathBuf};

use sea_orm::{DbErr, RuntimeErr};

use crate::crypter::{ColumnKeyId, SealedError};

/// Why something could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be asked now: out of reach, too busy, out of room. Whether a write was
    /// done is not known. It makes sense to try again.
    #[error("the database cannot be asked now")]
    Unavailable(#[source] Cause),
    /// A value is encrypted under a key that this process does not have.
    #[error("a value is encrypted under the key {0}, which is not among the keys of this server")]
    KeyMissing(ColumnKeyId),
    /// A value is not what was written at its place.
    #[error("a value of the table {table} is damaged, or of another place")]
    Damaged {
        /// Where it is.
        table: &'static str,
    },
    /// What was to be new is there already.
    #[error("there is such a row already")]
    Conflict,
    /// The lease of a job has passed, or the job is gone: what was to be written in its name was not.
    #[error("the lease of a job has passed")]
    LeasePassed,
    /// A defect: a statement that the database refuses, a row that makes no sense.
    #[error("the database and this program do not fit")]
    Defect(#[source] Cause),
}

/// Why a database cannot be opened. No text shows a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file, or its folder, cannot be written.
    #[error("{} cannot be written: {cause}", path.display())]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: Cause,
    },
    /// The file is something else.
    #[error("{} is not an SQLite database", .0.display())]
    NotADatabase(PathBuf),
    /// The server cannot be reached, or lets nobody in now.
    #[error("the database {database} cannot be reached: {cause}")]
    Unreachable {
        /// Which one, without its password.
        database: String,
        /// What happened.
        cause: Cause,
    },
    /// The server refuses the user, the password or the database's name.
    #[error("the database {database} refuses this server: {cause}")]
    Refused {
        /// Which one, without its password.
        database: String,
        /// What it said.
        cause: Cause,
    },
    /// The schema was made by a newer gatefold.
    #[error(
        "the database has schema {found}, and this gatefold knows {known} and older ones: run a \
         newer gatefold"
    )]
    Newer {
        /// What the database has.
        found: i64,
        /// The newest that is known here.
        known: i64,
    },
    /// Migrations are missing, and none was asked for.
    #[error(
        "the database has schema {found}, and this gatefold needs {known}: it has to be migrated"
    )]
    Older {
        /// What the database has.
        found: i64,
        /// What is needed here.
        known: i64,
    },
    /// A migration was not the one that is known here.
    #[error(
        "migration {version} of this database is not the one that this gatefold knows: the database \
         belongs to another build, or was changed by hand"
    )]
    Checksum {
        /// Which migration.
        version: i64,
    },
    /// There are values under a key that the key file does not have.
    #[error(
        "values in the database are encrypted under the key {0}, which the key file does not have: \
         put back the key file that belongs to this database"
    )]
    KeyMissing(ColumnKeyId),
    /// Something else.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
}

/// What a database or its driver said, without any value of a statement: the message alone, not the
/// detail in which a database quotes what it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause(String);

impl Cause {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}

/// What kind of failure a driver's error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Try again.
    Unavailable,
    /// There is such a row.
    Conflict,
    /// The server lets this user, or anybody, not in.
    Refused,
    /// The file cannot be written.
    NotWritable,
    /// The file is no database, or a broken one.
    NotADatabase,
    /// The rest.
    Defect,
}

/// Reads a driver's error.
pub(crate) fn kind(error: &sqlx::Error) -> Kind {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Kind::Unavailable,
        sqlx::Error::Database(database) => {
            let code = database.code();
            let code = code.as_deref().unwrap_or_default();
            if database
                .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
                .is_some()
            {
                postgres_kind(code)
            } else {
                sqlite_kind(code)
            }
        }
        _ => Kind::Defect,
    }
}

/// By SQLSTATE, PostgreSQL's appendix A.
fn postgres_kind(code: &str) -> Kind {
    match code {
        "23505" => Kind::Conflict,
        // Ended by the operator, by a limit of time, or because of another's transaction; a server
        // that has become a standby.
        "57014" | "57P01" | "57P02" | "57P03" | "57P04" | "57P05" | "55P03" | "40001" | "40P01"
        | "25006" | "25P03" | "25P04" => Kind::Unavailable,
        // A connection broke, resources are short, the system failed.
        _ if ["08", "53", "58"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            Kind::Unavailable
        }
        "3D000" | "42501" => Kind::Refused,
        _ if code.starts_with("28") => Kind::Refused,
        _ => Kind::Defect,
    }
}

/// By the primary result code; <https://sqlite.org/rescode.html>.
fn sqlite_kind(code: &str) -> Kind {
    let extended: u32 = code.parse().unwrap_or_default();
    match (extended, extended & 0xff) {
        // Unique, and primary key.
        (2067 | 1555, _) => Kind::Conflict,
        // NOMEM, BUSY, LOCKED, INTERRUPT, IOERR, FULL.
        (_, 5 | 6 | 7 | 9 | 10 | 13) => Kind::Unavailable,
        // PERM, READONLY, CANTOPEN, AUTH.
        (_, 3 | 8 | 14 | 23) => Kind::NotWritable,
        // CORRUPT, NOTADB.
        (_, 11 | 26) => Kind::NotADatabase,
        _ => Kind::Defect,
    }
}

/// A driver's error in words.
pub(crate) fn cause(error: &sqlx::Error) -> Cause {
    Cause(match error {
        // The detail, which quotes values, is not part of the message.
        sqlx::Error::Database(database) => {
            let code = database.code();
            format!(
                "{} ({})",
                database.message(),
                code.as_deref().unwrap_or("no code")
            )
        }
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Tls(error) => format!("TLS: {error}"),
        sqlx::Error::PoolTimedOut => "no connection became free in time".to_owned(),
        sqlx::Error::PoolClosed => "it was closed".to_owned(),
        sqlx::Error::WorkerCrashed => "its thread has ended".to_owned(),
        sqlx::Error::ColumnNotFound(_) | sqlx::Error::ColumnIndexOutOfBounds { .. } => {
            "a column is missing".to_owned()
        }
        sqlx::Error::RowNotFound => "a row is missing".to_owned(),
        sqlx::Error::Protocol(_) => "its protocol was broken".to_owned(),
        _ => "something else of the driver failed".to_owned(),
    })
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let cause = cause(&error);
        match kind(&error) {
            // A file that could be written before can be again; a server that let us in, too.
            Kind::Unavailable | Kind::NotWritable | Kind::Refused => Self::Unavailable(cause),
            Kind::Conflict => Self::Conflict,
            Kind::NotADatabase | Kind::Defect => Self::Defect(cause),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(error) => Self::Unavailable(Cause(error.to_string())),
            DbErr::Conn(RuntimeErr::SqlxError(error)) => Self::Unavailable(cause(&error)),
            DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => {
                let cause = cause(&error);
                match kind(&error) {
                    Kind::Unavailable | Kind::NotWritable | Kind::Refused => {
                        Self::Unavailable(cause)
                    }
                    Kind::Conflict => Self::Conflict,
                    Kind::NotADatabase | Kind::Defect => Self::Defect(cause),
                }
            }
            // Its other messages can quote a value.
            _ => Self::Defect(Cause::new("a row or a statement is not as expected")),
        }
    }
}

impl StoreError {
    /// A defect, in words of ours.
    #[must_use]
    pub fn defect(text: &'static str) -> Self {
        Self::Defect(Cause::new(text))
    }

    /// What became of a value of `table` that could not be opened.
    pub(crate) fn sealed(table: &'static str, error: SealedError) -> Self {
        match error {
            SealedError::UnknownKey(id) => Self::KeyMissing(id),
            SealedError::Shape | SealedError::NotAuthentic => Self::Damaged { table },
            SealedError::Broken => Self::defect("a value could not be encrypted"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_tried_again_is_told_from_what_is_broken() {
        for (code, expected) in [
            ("08006", Kind::Unavailable),
            ("53300", Kind::Unavailable),
            ("57P01", Kind::Unavailable),
            ("57P03", Kind::Unavailable),
            ("57014", Kind::Unavailable),
            ("55P03", Kind::Unavailable),
            ("40001", Kind::Unavailable),
            ("40P01", Kind::Unavailable),
            ("25006", Kind::Unavailable),
            ("25P03", Kind::Unavailable),
            ("57P04", Kind::Unavailable),
            ("23505", Kind::Conflict),
            ("28P01", Kind::Refused),
            ("28000", Kind::Refused),
            ("3D000", Kind::Refused),
            ("23503", Kind::Defect),
            ("42601", Kind::Defect),
            ("", Kind::Defect),
        ] {
            assert_eq!(postgres_kind(code), expected, "{code}");
        }
        for (code, expected) in [
            ("5", Kind::Unavailable),
            ("517", Kind::Unavailable),
            ("6", Kind::Unavailable),
            ("10", Kind::Unavailable),
            ("13", Kind::Unavailable),
            ("8", Kind::NotWritable),
            ("14", Kind::NotWritable),
            ("11", Kind::NotADatabase),
            ("26", Kind::NotADatabase),
            ("2067", Kind::Conflict),
            ("1555", Kind::Conflict),
            ("787", Kind::Defect),
            ("1", Kind::Defect),
            ("", Kind::Defect),
        ] {
            assert_eq!(sqlite_kind(code), expected, "{code}");
        }
        for (error, again) in [
            (sqlx::Error::PoolTimedOut, true),
            (sqlx::Error::PoolClosed, true),
            (sqlx::Error::Io(std::io::ErrorKind::BrokenPipe.into()), true),
            (sqlx::Error::RowNotFound, false),
        ] {
            let is = matches!(StoreError::from(error), StoreError::Unavailable(_));
            assert_eq!(is, again);
        }
    }
}
