//! The tables with an encrypted column, which is called `sealed` in each of them and has the id of
//! its key beside it.

use sea_orm::{
    QueryResult, Value,
    sea_query::{DynIden, IntoIden},
};
use zeroize::Zeroizing;

use crate::{
    crypter::Cell,
    error::StoreError,
    grants, pending,
    row::{get, hex},
    store::Store,
};

/// The encrypted column's name.
pub(crate) const COLUMN: &str = "sealed";

/// A table with an encrypted column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SealedTable {
    Grants,
    Pending,
}

/// The primary key of one of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RowKey {
    Text(String),
    Bytes(Vec<u8>),
}

impl SealedTable {
    pub(crate) const ALL: [Self; 2] = [Self::Grants, Self::Pending];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Grants => "grants",
            Self::Pending => "pending_authorizations",
        }
    }

    pub(crate) fn iden(self) -> DynIden {
        match self {
            Self::Grants => grants::Table.into_iden(),
            Self::Pending => pending::Table.into_iden(),
        }
    }

    /// The primary key's column.
    pub(crate) fn key_column(self) -> &'static str {
        match self {
            Self::Grants => "id",
            Self::Pending => "state_hash",
        }
    }

    /// The primary key of a row of an answer.
    pub(crate) fn key(self, row: &QueryResult) -> Result<RowKey, StoreError> {
        match self {
            Self::Grants => get(row, self.key_column()).map(RowKey::Text),
            Self::Pending => get(row, self.key_column()).map(RowKey::Bytes),
        }
    }

    /// Encrypts a value for one of its rows: the column's new content and that of the column beside
    /// it.
    pub(crate) fn seal(
        self,
        store: &Store,
        key: &RowKey,
        plain: &[u8],
    ) -> Result<(Vec<u8>, i64), StoreError> {
        let row = key.text();
        let sealed = store
            .crypter()
            .seal(self.cell(&row), plain)
            .map_err(|error| StoreError::sealed(self.name(), error))?;
        Ok((sealed.to_bytes(), sealed.key_id().to_number()))
    }

    /// Decrypts the value of one of its rows.
    pub(crate) fn open(
        self,
        store: &Store,
        key: &RowKey,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        let row = key.text();
        store
            .crypter()
            .open(self.cell(&row), sealed)
            .map_err(|error| StoreError::sealed(self.name(), error))
    }

    fn cell(self, row: &str) -> Cell<'_> {
        Cell {
            table: self.name(),
            column: COLUMN,
            row,
        }
    }
}

impl RowKey {
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Bytes(bytes) => bytes.as_slice().into(),
        }
    }

    /// As text, which is what a value is bound to.
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Bytes(bytes) => hex(bytes),
        }
    }
}
