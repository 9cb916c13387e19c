//! `pending_authorizations`: sign-ins that have begun, each as one encrypted value.

use gatefold_domain::Timestamp;
use sea_orm::{
    DeriveIden,
    sea_query::{Expr, ExprTrait, Query, Returning},
};
use zeroize::Zeroizing;

use crate::{
    Hash,
    error::StoreError,
    row::{get, insert, moment},
    run,
    sealed_rows::{RowKey, SealedTable},
    store::Store,
};

#[derive(DeriveIden, Clone, Copy)]
#[sea_orm(iden = "pending_authorizations")]
pub(crate) struct Table;

#[derive(DeriveIden, Clone, Copy)]
pub(crate) enum Column {
    StateHash,
    Sealed,
    KeyId,
    Expires,
}

/// The sign-ins that have begun.
#[derive(Clone, Copy)]
pub struct PendingAuthorizations<'a>(pub(crate) &'a Store);

impl PendingAuthorizations<'_> {
    /// Keeps a sign-in until it is taken or expires; its bytes are encrypted.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one of this state, and when the database cannot be
    /// asked.
    pub async fn put(
        &self,
        state: &Hash,
        bytes: &[u8],
        expires: Timestamp,
    ) -> Result<(), StoreError> {
        let key = RowKey::Bytes(state.to_vec());
        let (sealed, key_id) = SealedTable::Pending.seal(self.0, &key, bytes)?;
        let statement = insert(
            Table,
            [
                (Column::StateHash, state.to_vec().into()),
                (Column::Sealed, sealed.into()),
                (Column::KeyId, key_id.into()),
                (Column::Expires, expires.as_millis().into()),
            ],
        )?;
        run::exactly_one(self.0.writer(), &statement).await
    }

    /// Takes a sign-in out, whether or not it has expired, with the moment at which it does. Of all
    /// who ask for the same one, one gets it.
    ///
    /// # Errors
    /// When it cannot be decrypted, or the database cannot be asked.
    pub async fn take(
        &self,
        state: &Hash,
    ) -> Result<Option<(Zeroizing<Vec<u8>>, Timestamp)>, StoreError> {
        let statement = Query::delete()
            .from_table(Table)
            .and_where(Expr::col(Column::StateHash).eq(state.to_vec()))
            .returning(Returning::new().columns([Column::Sealed, Column::Expires]))
            .to_owned();
        // Whoever cannot decrypt it leaves it for a server that can.
        let transaction = run::begin(self.0.writer()).await?;
        let Some(row) = run::one(&transaction, &statement).await? else {
            return Ok(None);
        };
        let sealed: Vec<u8> = get(&row, "sealed")?;
        let key = RowKey::Bytes(state.to_vec());
        let bytes = SealedTable::Pending.open(self.0, &key, &sealed)?;
        let expires = moment(&row, "expires")?;
        run::commit(transaction).await?;
        Ok(Some((bytes, expires)))
    }
}
