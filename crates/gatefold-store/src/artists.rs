//! `artists`: who has tracks here, as they show themselves.

use gatefold_domain::{Did, Downloads, Handle, Timestamp};
use sea_orm::{
    DeriveIden, QueryResult,
    sea_query::{Alias, Expr, ExprTrait, OnConflict, Order, Query, SelectStatement},
};

use crate::{
    Edit, accounts,
    changes::{self, Change, Telling},
    connection::On,
    documents,
    error::StoreError,
    row::{count, get, insert, moment, parsed, parsed_option},
    run,
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "artists")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    Did,
    DisplayName,
    Bio,
    AvatarUrl,
    SupportUrl,
    ShowsLiked,
    Downloads,
    Bytes,
    TrackCount,
    Created,
    Updated,
}

/// How an artist shows themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Profile<'a> {
    /// The name that stands beside their tracks.
    pub display_name: &'a str,
    /// What they say of themselves.
    pub bio: Option<&'a str>,
    /// Where their picture is.
    pub avatar_url: Option<&'a str>,
    /// Where one becomes their supporter.
    pub support_url: Option<&'a str>,
    /// Whether what they like is shown on their page.
    pub shows_liked: bool,
}

/// What an artist shows otherwise from now on: a field that is not named stays as it is, whatever
/// others do to it meanwhile.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProfileEdits<'a> {
    /// The name that stands beside their tracks.
    pub display_name: Option<&'a str>,
    /// What they say of themselves.
    pub bio: Edit<&'a str>,
    /// Where their picture is.
    pub avatar_url: Edit<&'a str>,
    /// Where one becomes their supporter.
    pub support_url: Edit<&'a str>,
    /// Whether what they like is shown on their page.
    pub shows_liked: Option<bool>,
    /// Who may keep a file of theirs, where a track says nothing else.
    pub downloads: Option<Downloads>,
}

/// An artist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artist {
    /// Their identity.
    pub did: Did,
    /// Their handle, when one is known to be their own.
    pub handle: Option<Handle>,
    /// The name that stands beside their tracks.
    pub display_name: String,
    /// What they say of themselves.
    pub bio: Option<String>,
    /// Where their picture is.
    pub avatar_url: Option<String>,
    /// Where one becomes their supporter.
    pub support_url: Option<String>,
    /// Whether what they like is shown on their page.
    pub shows_liked: bool,
    /// Who may keep a file of theirs, where a track says nothing else.
    pub downloads: Downloads,
    /// When they became an artist here.
    pub created: Timestamp,
    /// When they last changed any of this.
    pub updated: Timestamp,
}

/// The artists.
#[derive(Clone, Copy)]
pub struct Artists<'a>(pub(crate) &'a Store);

impl Artists<'_> {
    /// Makes somebody who has an account an artist; `false` when they are one already.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn add(
        &self,
        did: &Did,
        profile: Profile<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut statement = row(did, profile, now)?;
        statement.on_conflict(OnConflict::column(Column::Did).do_nothing().to_owned());
        let transaction = changes::begin(self.0).await?;
        if !run::at_most_one(&transaction, &statement).await? {
            return Ok(false);
        }
        self.told(&transaction, did, now).await?;
        run::commit(transaction).await?;
        Ok(true)
    }

    /// Keeps how somebody who has an account shows themselves as an artist from now on.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn put(
        &self,
        did: &Did,
        profile: Profile<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut statement = row(did, profile, now)?;
        let changed = [
            Column::DisplayName,
            Column::Bio,
            Column::AvatarUrl,
            Column::SupportUrl,
            Column::ShowsLiked,
            Column::Updated,
        ];
        let update = OnConflict::column(Column::Did)
            .update_columns(changed)
            .to_owned();
        statement.on_conflict(update);
        let transaction = changes::begin(self.0).await?;
        run::exactly_one(&transaction, &statement).await?;
        self.told(&transaction, did, now).await?;
        run::commit(transaction).await
    }

    /// Changes the fields that are named; `false` when there is no such artist.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn edit(
        &self,
        did: &Did,
        edits: ProfileEdits<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut statement = Query::update();
        statement
            .table(Table)
            .values(edits.columns())
            .value(Column::Updated, now.as_millis())
            .and_where(Expr::col(Column::Did).eq(did.as_str()));
        let transaction = changes::begin(self.0).await?;
        if !run::at_most_one(&transaction, &statement).await? {
            return Ok(false);
        }
        self.told(&transaction, did, now).await?;
        run::commit(transaction).await?;
        Ok(true)
    }

    /// An artist.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn get(&self, did: &Did) -> Result<Option<Artist>, StoreError> {
        let mut statement = select();
        statement.and_where(Expr::col((Table, Column::Did)).eq(did.as_str()));
        let row = run::one(self.0.reader(), &statement).await?;
        row.as_ref().map(artist).transpose()
    }

    /// The artist with this handle: of several who once had it, who was seen with it last.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn by_handle(&self, handle: &Handle) -> Result<Option<Artist>, StoreError> {
        let mut statement = select();
        statement
            .and_where(Expr::col((accounts::Table, accounts::Column::Handle)).eq(handle.as_str()))
            .order_by((accounts::Table, accounts::Column::LastSeen), Order::Desc)
            .limit(1);
        let row = run::one(self.0.reader(), &statement).await?;
        row.as_ref().map(artist).transpose()
    }

    /// Their name and their page of support stand beside their tracks, which others remember.
    /// What the objects of an artist take in the private bucket, in bytes; `None` for whoever is none.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn bytes(&self, did: &Did) -> Result<Option<u64>, StoreError> {
        kept(self.0.reader(), did).await
    }

    /// How many tracks an artist has, drafts too.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn tracks(&self, did: &Did) -> Result<u64, StoreError> {
        let statement = Query::select()
            .column(Column::TrackCount)
            .from(Table)
            .and_where(Expr::col(Column::Did).eq(did.as_str()))
            .to_owned();
        let row = run::one(self.0.reader(), &statement).await?;
        row.map_or(Ok(0), |row| count(&row, "track_count"))
    }

    async fn told(&self, on: &Telling, did: &Did, now: Timestamp) -> Result<(), StoreError> {
        let change = Change::Account(did.clone());
        documents::artist(on, did).await?;
        changes::write(on, &change, now).await
    }
}

impl ProfileEdits<'_> {
    fn columns(self) -> impl Iterator<Item = (Column, Expr)> {
        let text = |column, edit: Edit<&str>| match edit {
            Edit::Keep => None,
            Edit::Clear => Some((column, Expr::value(Option::<&str>::None))),
            Edit::Set(text) => Some((column, Expr::value(text))),
        };
        let name = self.display_name.map(Expr::value);
        let likes = self.shows_liked.map(i64::from).map(Expr::value);
        let downloads = self.downloads.map(Downloads::as_str).map(Expr::value);
        [
            name.map(|name| (Column::DisplayName, name)),
            text(Column::Bio, self.bio),
            text(Column::AvatarUrl, self.avatar_url),
            text(Column::SupportUrl, self.support_url),
            likes.map(|likes| (Column::ShowsLiked, likes)),
            downloads.map(|downloads| (Column::Downloads, downloads)),
        ]
        .into_iter()
        .flatten()
    }
}

/// Counts a track of an artist, or one less.
pub(crate) async fn count_track(on: &impl On, did: &Did, by: i64) -> Result<(), StoreError> {
    let statement = Query::update()
        .table(Table)
        .value(Column::TrackCount, Expr::col(Column::TrackCount).add(by))
        .and_where(Expr::col(Column::Did).eq(did.as_str()))
        .to_owned();
    run::exactly_one(on, &statement).await
}

/// Changes what the objects of an artist take in the private bucket, by so many bytes.
pub(crate) async fn occupy(on: &impl On, did: &Did, bytes: i64) -> Result<(), StoreError> {
    let statement = Query::update()
        .table(Table)
        .value(Column::Bytes, Expr::col(Column::Bytes).add(bytes))
        .and_where(Expr::col(Column::Did).eq(did.as_str()))
        .to_owned();
    run::exactly_one(on, &statement).await
}

/// What the objects of an artist take in the private bucket, in bytes, as a transaction sees it.
pub(crate) async fn bytes(on: &impl On, did: &Did) -> Result<u64, StoreError> {
    Ok(kept(on, did).await?.unwrap_or_default())
}

async fn kept(on: &impl On, did: &Did) -> Result<Option<u64>, StoreError> {
    let statement = Query::select()
        .column(Column::Bytes)
        .from(Table)
        .and_where(Expr::col(Column::Did).eq(did.as_str()))
        .to_owned();
    let row = run::one(on, &statement).await?;
    row.map(|row| count(&row, "bytes")).transpose()
}

fn row(
    did: &Did,
    profile: Profile<'_>,
    now: Timestamp,
) -> Result<sea_orm::sea_query::InsertStatement, StoreError> {
    insert(
        Table,
        [
            (Column::Did, did.as_str().into()),
            (Column::DisplayName, profile.display_name.into()),
            (Column::Bio, profile.bio.into()),
            (Column::AvatarUrl, profile.avatar_url.into()),
            (Column::SupportUrl, profile.support_url.into()),
            (Column::ShowsLiked, i64::from(profile.shows_liked).into()),
            (Column::Created, now.as_millis().into()),
            (Column::Updated, now.as_millis().into()),
        ],
    )
}

fn select() -> SelectStatement {
    let columns = [
        Column::Did,
        Column::DisplayName,
        Column::Bio,
        Column::AvatarUrl,
        Column::SupportUrl,
        Column::ShowsLiked,
        Column::Downloads,
        Column::Created,
        Column::Updated,
    ];
    Query::select()
        .columns(columns.map(|column| (Table, column)))
        .expr_as(
            Expr::col((accounts::Table, accounts::Column::Handle)),
            Alias::new("handle"),
        )
        .from(Table)
        .inner_join(
            accounts::Table,
            Expr::col((accounts::Table, accounts::Column::Did)).equals((Table, Column::Did)),
        )
        .to_owned()
}

fn artist(row: &QueryResult) -> Result<Artist, StoreError> {
    Ok(Artist {
        did: parsed(row, "did")?,
        handle: parsed_option(row, "handle")?,
        display_name: get(row, "display_name")?,
        bio: get(row, "bio")?,
        avatar_url: get(row, "avatar_url")?,
        support_url: get(row, "support_url")?,
        shows_liked: get::<i64>(row, "shows_liked")? == 1,
        downloads: parsed(row, "downloads")?,
        created: moment(row, "created")?,
        updated: moment(row, "updated")?,
    })
}
