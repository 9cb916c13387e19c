//! Identities that were looked up not long ago.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use gatefold_domain::Did;
use tokio::time::Instant;

use super::Identity;

/// How many identities are kept.
const MOST: usize = 1024;
/// How long an identity counts as known.
const KEPT: Duration = Duration::from_mins(10);

/// A bounded map of identities by their DIDs.
#[derive(Default)]
pub(crate) struct Cache(Mutex<HashMap<Did, (Instant, Identity)>>);

impl Cache {
    pub(crate) fn get(&self, did: &Did) -> Option<Identity> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, identity) = held.get(did)?;
        (since.elapsed() < KEPT).then(|| identity.clone())
    }

    pub(crate) fn forget(&self, did: &Did) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(did);
    }

    pub(crate) fn put(&self, identity: Identity) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MOST && !held.contains_key(&identity.did) {
            let oldest = held.iter().min_by_key(|(_, (since, _))| *since);
            let oldest = oldest.map(|(did, _)| did.clone());
            if let Some(oldest) = oldest {
                held.remove(&oldest);
            }
        }
        held.insert(identity.did.clone(), (Instant::now(), identity));
    }
}

#[cfg(test)]
mod tests {
    use gatefold_net::Url;

    use super::*;

    fn identity(number: usize) -> Identity {
        Identity {
            did: format!("did:web:a{number}.example.com").parse().unwrap(),
            handle: None,
            pds: Url::parse("https://pds.example.com").unwrap(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_known_is_known_for_a_while() {
        let cache = Cache::default();
        let one = identity(1);
        assert_eq!(cache.get(&one.did), None);
        cache.put(one.clone());
        tokio::time::advance(KEPT.checked_sub(Duration::from_millis(1)).unwrap()).await;
        assert_eq!(cache.get(&one.did), Some(one.clone()));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(cache.get(&one.did), None);
        cache.put(one.clone());
        cache.forget(&one.did);
        assert_eq!(cache.get(&one.did), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_oldest_makes_room() {
        let cache = Cache::default();
        for number in 0..=MOST {
            cache.put(identity(number));
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!(cache.get(&identity(0).did), None);
        for number in 1..=MOST {
            assert!(cache.get(&identity(number).did).is_some(), "{number}");
        }
        assert_eq!(cache.0.lock().unwrap().len(), MOST);
    }
}
