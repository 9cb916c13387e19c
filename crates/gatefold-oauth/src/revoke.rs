//! Ending a grant (RFC 7009).

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use crate::{
    DpopKey, GrantId, Secret, StoreError,
    oauth::Inner,
    token::{self, AsClient},
    wire::Wire,
};

/// How long a server may take to take something back.
const GIVE_BACK: Duration = Duration::from_secs(20);
/// For how long whoever asks is held up by that. A server that is away must not keep a person who
/// signs out waiting, nor a sweep of many grants.
const HELD_UP: Duration = Duration::from_secs(3);

/// Deletes a grant and gives it back, in a task of its own, which is not waited for to its end.
pub(crate) async fn revoke(inner: &Arc<Inner>, id: GrantId) -> Result<(), StoreError> {
    let of_task = Arc::clone(inner);
    let task = inner.tasks.spawn(async move {
        let inner = of_task;
        // A refresh that is under way here ends first, so that what it got is given back.
        let _turn = inner.flights.enter(id).await;
        let grant = inner.store.grant(id).await?;
        inner.store.delete_grant(id).await?;
        if let Some(grant) = grant {
            let keys = inner.keys();
            give_back(
                &inner.wire,
                &grant.client(&keys),
                grant.revocation_endpoint.as_deref(),
                &grant.refresh_token,
                &grant.dpop_key,
            )
            .await;
        }
        Ok(())
    });
    match timeout(HELD_UP, task).await {
        Ok(done) => done.unwrap_or_else(|error| Err(StoreError::new(error))),
        Err(_) => Ok(()),
    }
}

/// Gives a token back, as far as the server can be asked. Nothing depends on it: what was not given
/// back ends by itself.
pub(crate) async fn give_back(
    wire: &Wire,
    client: &AsClient<'_>,
    endpoint: Option<&str>,
    token: &Secret,
    dpop_key: &DpopKey,
) {
    let Some(endpoint) = endpoint else {
        return;
    };
    let pairs = [("token", token.expose())];
    let asked = token::ask(wire, client, endpoint, &pairs, dpop_key);
    if !matches!(timeout(GIVE_BACK, asked).await, Ok(Ok(_))) {
        tracing::debug!("a token could not be given back");
    }
}
