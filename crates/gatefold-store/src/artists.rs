//! `artists`: who has tracks here, as they show themselves.

use gatefold_domain::{Did, Timestamp};
use sea_orm::{DeriveIden, sea_query::OnConflict};

use crate::{error::StoreError, row::insert, run, store::Store};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "artists")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Did,
    DisplayName,
    SupportUrl,
    Created,
    Updated,
}

/// How an artist shows themselves.
#[derive(Clone, Copy, Debug)]
pub struct Profile<'a> {
    /// The name that stands beside their tracks.
    pub display_name: &'a str,
    /// Where one becomes their supporter.
    pub support_url: Option<&'a str>,
}

/// The artists.
#[derive(Clone, Copy)]
pub struct Artists<'a>(pub(crate) &'a Store);

impl Artists<'_> {
    /// Keeps how an artist, who has an account here, shows themselves from now on.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn put(
        &self,
        did: &Did,
        profile: Profile<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut statement = insert(
            Table,
            [
                (Column::Did, did.as_str().into()),
                (Column::DisplayName, profile.display_name.into()),
                (Column::SupportUrl, profile.support_url.into()),
                (Column::Created, now.as_millis().into()),
                (Column::Updated, now.as_millis().into()),
            ],
        )?;
        statement.on_conflict(
            OnConflict::column(Column::Did)
                .update_columns([Column::DisplayName, Column::SupportUrl, Column::Updated])
                .to_owned(),
        );
        run::exactly_one(self.0.writer(), &statement).await
    }
}
