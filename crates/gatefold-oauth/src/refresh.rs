//! New tokens for a grant: once, over all tasks and processes, and never abandoned midway.
//!
//! A refresh token is good once, and a server that sees it twice ends the session. So whoever needs a
//! new token waits for their turn in this process, then for the grant's lease over all processes,
//! and reads the grant again in between: most find that somebody else has done it. What the server
//! gives is stored before anybody uses it. All of this happens in a task that belongs to nobody: who
//! asked may leave.

use std::{sync::Arc, time::Duration};

use gatefold_domain::Timestamp;
use tokio::time::{sleep, timeout};

use crate::{
    Fence, Grant, GrantId, KeptAlive, PersonError, Secret, TokenAnswer,
    oauth::Inner,
    revoke,
    token::{self, Failed},
};

/// How long the server may take, with its second answer when it wants another nonce.
const ASKING: Duration = Duration::from_secs(40);
/// How often somebody else's lease is looked at.
const POLL: Duration = Duration::from_millis(50);
/// For how long. Nobody waits until the lease of somebody who died has passed; who comes later finds
/// that it has.
const LONGEST_WAIT: Duration = Duration::from_mins(2);
/// How often storing is tried: what is not stored by then is lost, and the session with it.
const STORE_TRIES: u32 = 6;
/// The pause before the second try; it doubles.
const STORE_PAUSE: Duration = Duration::from_millis(100);
/// How long the store may take for each of its answers, as its contract says.
const STORE_TIME: Duration = Duration::from_secs(15);
/// How long a lease is good: longer than all that is done under it can take together, which is to be
/// given it, to read the grant again, to hear from the server, and every try to store what it said,
/// with the pauses. Whoever got the next lease before that would send the same refresh token again,
/// and the server would end the session.
const LEASE: Duration = ASKING
    .saturating_add(STORE_TIME.saturating_mul(STORE_TRIES.saturating_add(2)))
    .saturating_add(Duration::from_secs(5));

/// The most that a token is renewed ahead of its end.
const AHEAD: Duration = Duration::from_secs(30);
/// After how long without a refresh a grant is kept alive: public clients have two weeks.
const IDLE_PUBLIC: Duration = Duration::from_hours(4 * 24);
/// Confidential clients have three months.
const IDLE_CONFIDENTIAL: Duration = Duration::from_hours(30 * 24);

/// The grant as it is kept now.
pub(crate) async fn current(inner: &Inner, id: GrantId) -> Result<Grant, PersonError> {
    inner
        .store
        .grant(id)
        .await?
        .ok_or(PersonError::SessionEnded)
}

/// The grant with an access token that will last for a request.
pub(crate) async fn fresh(inner: &Arc<Inner>, id: GrantId) -> Result<Grant, PersonError> {
    let grant = current(inner, id).await?;
    let now = inner.now();
    if !is_due(&grant, now) {
        return Ok(grant);
    }
    match renewed(inner, id, &grant.access_token).await {
        // It was ahead of time: the old one will do.
        Err(PersonError::Unavailable) if now < grant.expires => Ok(grant),
        result => result,
    }
}

/// Refreshes a grant whose access token `seen` is no longer good, unless somebody else has.
pub(crate) async fn renewed(
    inner: &Arc<Inner>,
    id: GrantId,
    seen: &Secret,
) -> Result<Grant, PersonError> {
    let task = inner.tasks.spawn(run(Arc::clone(inner), id, seen.clone()));
    task.await.unwrap_or(Err(PersonError::Unavailable))
}

/// See [`OAuth::keep_alive`](crate::OAuth::keep_alive).
pub(crate) async fn keep_alive(inner: &Arc<Inner>, id: GrantId) -> Result<KeptAlive, PersonError> {
    let grant = current(inner, id).await?;
    let idle = if grant.client_key.is_some() {
        IDLE_CONFIDENTIAL
    } else {
        IDLE_PUBLIC
    };
    if inner.now() < grant.refreshed.after(idle) {
        return Ok(KeptAlive::NotYet);
    }
    renewed(inner, id, &grant.access_token).await?;
    Ok(KeptAlive::Refreshed)
}

/// A token is renewed ahead of its end, but by no more than a tenth of its life.
fn is_due(grant: &Grant, now: Timestamp) -> bool {
    let life = grant.expires.since(grant.refreshed);
    let ahead = AHEAD.min(life.checked_div(10).unwrap_or_default());
    grant.expires <= now.after(ahead)
}

fn is_newer(grant: &Grant, seen: &Secret) -> bool {
    grant.access_token.expose() != seen.expose()
}

async fn run(inner: Arc<Inner>, id: GrantId, seen: Secret) -> Result<Grant, PersonError> {
    let turn = inner.flights.enter(id).await;
    if turn.failed_meanwhile() {
        return Err(PersonError::Unavailable);
    }
    let holder = u128::from_be_bytes(*inner.wire.random.bytes());
    let mut waited = Duration::ZERO;
    let result = loop {
        let grant = current(&inner, id).await?;
        if is_newer(&grant, &seen) {
            return Ok(grant);
        }
        let now = inner.now();
        let lease = inner.store.lease(id, holder, now, now.after(LEASE));
        if let Some(fence) = lease.await? {
            let result = attempt(&inner, id, fence, &seen).await;
            if let Err(error) = inner.store.release(id, fence).await {
                tracing::debug!(%error, "a lease was not given back, and ends by itself");
            }
            break result;
        }
        if waited >= LONGEST_WAIT {
            break Err(PersonError::Unavailable);
        }
        sleep(POLL).await;
        waited = waited.saturating_add(POLL);
    };
    if matches!(result, Err(PersonError::Unavailable)) {
        turn.fail();
    }
    result
}

/// Refreshes under a lease.
async fn attempt(
    inner: &Inner,
    id: GrantId,
    fence: Fence,
    seen: &Secret,
) -> Result<Grant, PersonError> {
    // Between the reading and the lease somebody may have done it.
    let grant = current(inner, id).await?;
    if is_newer(&grant, seen) {
        return Ok(grant);
    }
    let now = inner.now();
    let keys = inner.keys();
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", grant.refresh_token.expose()),
    ];
    let client = grant.client(&keys);
    let endpoint = &grant.token_endpoint;
    let asked = token::tokens(&inner.wire, &client, endpoint, &pairs, &grant.dpop_key);
    match timeout(ASKING, asked).await {
        Ok(Ok(answer)) => keep(inner, id, fence, &grant, answer, now).await,
        Ok(Err(Failed::KeyRetired)) => Err(PersonError::KeyRetired),
        Ok(Err(Failed::Refused(code))) if code.as_str() == "invalid_grant" => {
            end(inner, id, &grant).await
        }
        Ok(Err(Failed::Refused(code))) => {
            tracing::warn!(%code, "an authorization server refuses this client");
            Err(PersonError::Unavailable)
        }
        Ok(Err(Failed::Unavailable)) | Err(_) => Err(PersonError::Unavailable),
    }
}

/// Stores what the server gave, and only then gives it to anybody.
async fn keep(
    inner: &Inner,
    id: GrantId,
    fence: Fence,
    old: &Grant,
    answer: TokenAnswer,
    now: Timestamp,
) -> Result<Grant, PersonError> {
    let lifetime = answer.lifetime();
    let is_theirs = answer.sub == old.did;
    let mut grant = old.clone();
    grant.access_token = answer.access_token;
    if let Some(token) = answer.refresh_token {
        grant.refresh_token = token;
    }
    if let Some(scopes) = answer.scopes {
        grant.scopes = scopes;
    }
    grant.expires = now.after(lifetime);
    grant.refreshed = now;
    if !is_theirs {
        // Somebody else's token: nothing of this server's word for this grant can be used.
        inner.store.delete_grant(id).await?;
        give_back(inner, &grant).await;
        return Err(PersonError::SessionEnded);
    }
    if store(inner, id, fence, &grant).await? {
        return Ok(grant);
    }
    match inner.store.grant(id).await? {
        Some(newer) if is_newer(&newer, &old.access_token) => Ok(newer),
        // Our lease had passed, and whoever holds the next one will hear what has become of it.
        Some(_) => Err(PersonError::Unavailable),
        // It was revoked meanwhile.
        None => {
            give_back(inner, &grant).await;
            Err(PersonError::SessionEnded)
        }
    }
}

/// Replaces the grant, trying again while the store cannot be asked.
async fn store(
    inner: &Inner,
    id: GrantId,
    fence: Fence,
    grant: &Grant,
) -> Result<bool, PersonError> {
    let mut pause = STORE_PAUSE;
    for _ in 1..STORE_TRIES {
        match inner.store.replace_grant(id, fence, grant).await {
            Ok(replaced) => return Ok(replaced),
            Err(error) => tracing::warn!(%error, "refreshed tokens could not be stored yet"),
        }
        sleep(pause).await;
        pause = pause.saturating_mul(2);
    }
    Ok(inner.store.replace_grant(id, fence, grant).await?)
}

/// The server does not know the refresh token any more: the session has ended, unless the token was
/// not the newest.
async fn end(inner: &Inner, id: GrantId, sent: &Grant) -> Result<Grant, PersonError> {
    let kept = current(inner, id).await?;
    if kept.refresh_token.expose() != sent.refresh_token.expose() {
        return Ok(kept);
    }
    inner.store.delete_grant(id).await?;
    Err(PersonError::SessionEnded)
}

async fn give_back(inner: &Inner, grant: &Grant) {
    let keys = inner.keys();
    revoke::give_back(
        &inner.wire,
        &grant.client(&keys),
        grant.revocation_endpoint.as_deref(),
        &grant.refresh_token,
        &grant.dpop_key,
    )
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_token_is_renewed_a_little_ahead_of_its_end() {
        for (life_s, before_end_ms, due) in [
            (3600, 31_000, false),
            (3600, 30_000, true),
            (3600, -1, true),
            (100, 11_000, false),
            (100, 10_000, true),
            (0, 0, true),
        ] {
            let mut grant = testing::grant();
            grant.expires = grant.refreshed.after(Duration::from_secs(life_s));
            let now = Timestamp::from_millis(grant.expires.as_millis() - before_end_ms);
            assert_eq!(is_due(&grant, now), due, "{life_s} {before_end_ms}");
        }
    }
}
