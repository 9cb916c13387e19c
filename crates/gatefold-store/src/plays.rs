//! `plays`: who has been counted lately, so that nobody is counted twice in a while.

use gatefold_domain::{Timestamp, TrackId, Visibility};
use sea_orm::{
    DeriveIden,
    sea_query::{Expr, ExprTrait, OnConflict, Order, Query, Returning},
};

use crate::{
    Hash, albums,
    error::StoreError,
    row::{count, insert, parsed, parsed_option},
    run,
    store::Store,
    tracks,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "plays")]
struct Table;

#[derive(DeriveIden, Clone, Copy)]
enum Column {
    Track,
    Listener,
    At,
}

/// The plays.
#[derive(Clone, Copy)]
pub struct Plays<'a>(pub(crate) &'a Store);

impl Plays<'_> {
    /// Counts a play of somebody, named by a keyed hash, unless they were counted since a moment. How
    /// often the track was played; `None` when there is none.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn count(
        &self,
        track: TrackId,
        listener: &Hash,
        (since, now): (Timestamp, Timestamp),
    ) -> Result<Option<u64>, StoreError> {
        let mut statement = insert(
            Table,
            [
                (Column::Track, track.get().into()),
                (Column::Listener, listener.to_vec().into()),
                (Column::At, now.as_millis().into()),
            ],
        )?;
        statement.on_conflict(
            OnConflict::columns([Column::Track, Column::Listener])
                .update_column(Column::At)
                .action_and_where(Expr::col((Table, Column::At)).lt(since.as_millis()))
                .to_owned(),
        );
        let transaction = run::begin(self.0.writer()).await?;
        let by = i64::from(run::at_most_one(&transaction, &statement).await?);
        let statement = Query::update()
            .table(tracks::Table)
            .value(
                tracks::Column::PlayCount,
                Expr::col(tracks::Column::PlayCount).add(by),
            )
            .and_where(Expr::col(tracks::Column::Id).eq(track.get()))
            .and_where(Expr::col(tracks::Column::Removed).is_null())
            .returning(Returning::new().columns([
                tracks::Column::PlayCount,
                tracks::Column::Album,
                tracks::Column::Visibility,
            ]))
            .to_owned();
        let Some(row) = run::one(&transaction, &statement).await? else {
            return Ok(None);
        };
        let plays = count(&row, "play_count")?;
        let visibility: Visibility = parsed(&row, "visibility")?;
        if let Some(album) = parsed_option(&row, "album")?
            && by == 1
            && visibility == Visibility::Public
        {
            albums::count_play(&transaction, album).await?;
        }
        run::commit(transaction).await?;
        Ok(Some(plays))
    }

    /// Forgets who was counted before a moment: at most `batch`. How many there were.
    ///
    /// # Errors
    /// When the database cannot be asked.
    pub async fn sweep(&self, before: Timestamp, batch: u32) -> Result<u64, StoreError> {
        // Both databases name a row by its place.
        let row = if self.0.is_postgres() {
            "ctid"
        } else {
            "rowid"
        };
        let old = Query::select()
            .expr(Expr::cust(row))
            .from(Table)
            .and_where(Expr::col(Column::At).lt(before.as_millis()))
            .order_by(Column::At, Order::Asc)
            .limit(batch.into())
            .to_owned();
        let statement = Query::delete()
            .from_table(Table)
            .and_where(Expr::cust(row).in_subquery(old))
            .to_owned();
        run::count(self.0.writer(), &statement).await
    }
}
