//! What an artist changes of a track, and its end.

use gatefold_domain::{AlbumId, Did, Downloads, Gate, ImageId, Timestamp, TrackId, Visibility};
use sea_orm::{
    QueryResult,
    sea_query::{Expr, ExprTrait, LockType, Query, UpdateStatement},
};

use super::{Column, File, Files, Table, Tracks, new};
use crate::{
    Edit,
    albums::{self, AlbumName},
    artists, changes,
    connection::On,
    documents,
    error::StoreError,
    features::{self, Feature},
    images::{self, NewImage},
    jobs::{self, JobKind},
    objects,
    row::{get, parsed, parsed_option},
    run, tags, waveforms,
};

/// What an artist changes of a track. What is not named stays, whatever others do to it meanwhile.
#[derive(Clone, Copy, Default)]
pub struct TrackEdits<'a> {
    /// What it is called.
    pub title: Option<&'a str>,
    /// What its artist says of it.
    pub description: Edit<&'a str>,
    /// The album that it is of.
    pub album: Edit<AlbumName<'a>>,
    /// Its picture, whose objects are expected.
    pub image: Edit<NewImage<'a>>,
    /// The words on it.
    pub tags: Option<&'a [&'a str]>,
    /// Who else is heard on it.
    pub features: Option<&'a [Feature]>,
    /// What it demands of its listeners.
    pub gate: Option<Gate>,
    /// Where it is shown.
    pub visibility: Option<Visibility>,
    /// Who may keep a file of it; cleared: as its artist's setting says.
    pub downloads: Edit<Downloads>,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edited {
    /// It holds from now on.
    Done,
    /// There is no such track of this artist.
    NotFound,
    /// The objects of a new picture were given up meanwhile: nothing has changed.
    GivenUp,
}

/// A track as it is before a change, with its row locked.
pub(super) struct Before {
    pub(super) gate: Gate,
    pub(super) visibility: Visibility,
    pub(super) revision: i64,
    album: Option<AlbumId>,
    image: Option<ImageId>,
}

impl Tracks<'_> {
    /// Changes a track of an artist. What has to follow elsewhere is demanded with it, and public copies
    /// that may be no longer are condemned.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn edit(
        &self,
        owner: &Did,
        id: TrackId,
        edits: TrackEdits<'_>,
        now: Timestamp,
    ) -> Result<Edited, StoreError> {
        let transaction = changes::begin(self.0).await?;
        let Some(before) = lock(&transaction, owner, id).await? else {
            return Ok(Edited::NotFound);
        };
        if before.visibility == Visibility::Public {
            counted(&transaction, id, before.album, -1).await?;
        }
        if !self
            .apply(&transaction, owner, id, &before, edits, now)
            .await?
        {
            return Ok(Edited::GivenUp);
        }
        self.told(&transaction, id, now).await?;
        run::commit(transaction).await?;
        Ok(Edited::Done)
    }

    async fn apply(
        &self,
        on: &impl On,
        owner: &Did,
        id: TrackId,
        before: &Before,
        edits: TrackEdits<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let album = match edits.album {
            Edit::Keep => before.album,
            Edit::Clear => None,
            Edit::Set(name) => Some(albums::find_or_add(on, owner, name, now).await?),
        };
        if let Edit::Set(image) = edits.image
            && !images::add(on, owner, image, now).await?
        {
            return Ok(false);
        }
        let image = edits.image.map(|image| image.id).of(before.image);
        let gate = edits.gate.unwrap_or(before.gate);
        let visibility = edits.visibility.unwrap_or(before.visibility);
        let mut statement = follow(id, now);
        if (gate, visibility) != (before.gate, before.visibility) {
            gated_anew(&mut statement);
        }
        statement
            .value(Column::Gate, gate.as_str())
            .value(Column::Visibility, visibility.as_str())
            .value(Column::Album, album.map(|album| album.to_string()))
            .value(Column::Image, image.map(|image| image.to_string()));
        if let Some(title) = edits.title {
            statement.value(Column::Title, title);
        }
        let downloads = edits.downloads.map(Downloads::as_str);
        for (column, edit) in [
            (Column::Description, edits.description),
            (Column::Downloads, downloads),
        ] {
            match edit {
                Edit::Keep => {}
                Edit::Clear => {
                    statement.value(column, Option::<&str>::None);
                }
                Edit::Set(text) => {
                    statement.value(column, text);
                }
            }
        }
        run::exactly_one(on, &statement).await?;
        if let Some(names) = edits.tags {
            tags::clear(on, id).await?;
            tags::put(on, id, names).await?;
        }
        if let Some(named) = edits.features {
            features::clear(on, id).await?;
            features::put(on, id, named).await?;
        }
        if visibility == Visibility::Public {
            counted(on, id, album, 1).await?;
        }
        if let Some(old) = before.image.filter(|old| Some(*old) != image) {
            images::remove(on, old, now).await?;
        }
        if let Some(old) = before.album.filter(|old| Some(*old) != album) {
            leave_album(on, old, now).await?;
        }
        if !is_for_all(gate, visibility) {
            withdraw(on, id, now).await?;
        }
        jobs::demand(on, JobKind::Settle, &id.to_string(), now).await?;
        Ok(true)
    }

    /// Deletes a track of an artist: it is gone for everybody at once. Its objects are condemned; its row
    /// stays until its record and its public copies are gone, too. `false` when there is none.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn remove(
        &self,
        owner: &Did,
        id: TrackId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let transaction = changes::begin(self.0).await?;
        let on = &transaction;
        let Some(before) = lock(on, owner, id).await? else {
            return Ok(false);
        };
        if before.visibility == Visibility::Public {
            counted(on, id, before.album, -1).await?;
        }
        let mut statement = follow(id, now);
        gated_anew(&mut statement);
        statement
            .value(Column::Visibility, Visibility::Draft.as_str())
            .value(Column::Removed, now.as_millis())
            .value(Column::Album, Option::<String>::None)
            .value(Column::Image, Option::<String>::None);
        run::exactly_one(on, &statement).await?;
        artists::count_track(on, owner, -1).await?;
        if let Some(image) = before.image {
            images::remove(on, image, now).await?;
        }
        if let Some(album) = before.album {
            leave_album(on, album, now).await?;
        }
        objects::condemn_copies(on, id, now).await?;
        remove_files(on, id, now).await?;
        tags::clear(on, id).await?;
        features::clear(on, id).await?;
        crate::likes::clear(on, id).await?;
        jobs::demand(on, JobKind::Settle, &id.to_string(), now).await?;
        self.told(on, id, now).await?;
        run::commit(transaction).await?;
        Ok(true)
    }
}

/// Whether everybody may have the bytes of such a track.
pub(super) fn is_for_all(gate: Gate, visibility: Visibility) -> bool {
    gate.is_open() && visibility != Visibility::Draft
}

/// A change of a track that has to be followed elsewhere.
pub(super) fn follow(id: TrackId, now: Timestamp) -> UpdateStatement {
    Query::update()
        .table(Table)
        .value(Column::Generation, Expr::col(Column::Generation).add(1i64))
        .value(Column::Updated, now.as_millis())
        .and_where(Expr::col(Column::Id).eq(id.get()))
        .to_owned()
}

/// What [`follow`] changes is who may hear it, or what they hear, too.
pub(super) fn gated_anew(statement: &mut UpdateStatement) {
    statement.value(
        Column::GateGeneration,
        Expr::col(Column::Generation).add(1i64),
    );
}

/// Takes the public copies of a track from its files, and condemns them.
pub(super) async fn withdraw(on: &impl On, id: TrackId, now: Timestamp) -> Result<(), StoreError> {
    let statement = Query::update()
        .table(Files)
        .value(File::PublicKey, Option::<String>::None)
        .and_where(Expr::col(File::Track).eq(id.get()))
        .and_where(Expr::col(File::PublicKey).is_not_null())
        .to_owned();
    run::count(on, &statement).await?;
    objects::condemn_copies(on, id, now).await
}

/// Counts a track where it is shown to everybody, and makes it be found, or no longer.
pub(super) async fn counted(
    on: &impl On,
    id: TrackId,
    album: Option<AlbumId>,
    by: i64,
) -> Result<(), StoreError> {
    if let Some(album) = album {
        albums::count(on, album, id, by).await?;
    }
    tags::count(on, id, by).await?;
    documents::track(on, id, by > 0).await
}

/// The track of an artist as it is now; nobody else changes it until the transaction ends.
pub(super) async fn lock(
    on: &impl On,
    owner: &Did,
    id: TrackId,
) -> Result<Option<Before>, StoreError> {
    let statement = Query::select()
        .columns([
            Column::Gate,
            Column::Visibility,
            Column::Revision,
            Column::Album,
            Column::Image,
        ])
        .from(Table)
        .and_where(Expr::col(Column::Id).eq(id.get()))
        .and_where(Expr::col(Column::Artist).eq(owner.as_str()))
        .and_where(Expr::col(Column::Removed).is_null())
        .lock(LockType::Update)
        .to_owned();
    let row = run::one(on, &statement).await?;
    row.as_ref().map(before).transpose()
}

fn before(row: &QueryResult) -> Result<Before, StoreError> {
    Ok(Before {
        gate: parsed(row, "gate")?,
        visibility: parsed(row, "visibility")?,
        revision: get(row, "revision")?,
        album: parsed_option(row, "album")?,
        image: parsed_option(row, "image")?,
    })
}

async fn leave_album(on: &impl On, album: AlbumId, now: Timestamp) -> Result<(), StoreError> {
    if let Some(image) = albums::remove_if_empty(on, album).await? {
        images::remove(on, image, now).await?;
    }
    Ok(())
}

/// Removes all revisions of a track, and condemns what they are made of.
async fn remove_files(on: &impl On, id: TrackId, now: Timestamp) -> Result<(), StoreError> {
    let its = || Expr::col(File::Track).eq(id.get());
    let files = Query::select()
        .columns([File::Id, File::ObjectKey])
        .from(Files)
        .and_where(its())
        .to_owned();
    let rows = run::all(on, &files).await?;
    for row in &rows {
        waveforms::remove(on, &get::<String>(row, "id")?).await?;
    }
    let statement = Query::delete()
        .from_table(Files)
        .and_where(its())
        .to_owned();
    run::count(on, &statement).await?;
    new::remove_revisions(on, id).await?;
    for row in &rows {
        objects::condemn(on, &get::<String>(row, "object_key")?, now).await?;
    }
    Ok(())
}
