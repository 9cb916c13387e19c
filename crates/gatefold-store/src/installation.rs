//! `installation`: what a database is for.

use sea_orm::{
    DeriveIden,
    sea_query::{OnConflict, Query},
};

use crate::{
    error::StoreError,
    row::{get, insert},
    run,
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "installation")]
struct Table;

#[derive(DeriveIden, Clone, Copy)]
enum Column {
    Id,
    Kind,
}

/// What a database is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installation {
    /// A site with real people.
    Site,
    /// A demonstration, whose people are nobody.
    Demonstration,
}

impl Installation {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Demonstration => "demonstration",
        }
    }
}

impl Store {
    /// Says what the database is for; whether it is for that. The first to say so decides, for ever.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn claim(&self, what: Installation) -> Result<bool, StoreError> {
        let mut claim = insert(
            Table,
            [
                (Column::Id, 1i64.into()),
                (Column::Kind, what.as_str().into()),
            ],
        )?;
        claim.on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned());
        run::count(self.writer(), &claim).await?;
        let claimed = Query::select().column(Column::Kind).from(Table).to_owned();
        let row = run::one(self.reader(), &claimed).await?;
        let row = row.ok_or(StoreError::defect("what was claimed is not there"))?;
        Ok(get::<String>(&row, "kind")? == what.as_str())
    }
}
