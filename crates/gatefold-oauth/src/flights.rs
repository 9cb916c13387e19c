//! One refresh of a grant at a time within this process.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::{Mutex as Lock, OwnedMutexGuard};

use crate::GrantId;

/// From how many entries on the map is swept of those that nobody waits for.
const SWEEP_FROM: usize = 64;

/// Who is at it.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<GrantId, Weak<Flight>>>);

#[derive(Default)]
struct Flight {
    lock: Arc<Lock<()>>,
    /// How many attempts have failed while somebody was here.
    failures: AtomicU64,
}

/// Whose turn it is.
pub(crate) struct Turn {
    flight: Arc<Flight>,
    before: u64,
    _guard: OwnedMutexGuard<()>,
}

impl Flights {
    /// Waits until nobody else of this process works on a grant. The turn ends with what is given.
    pub(crate) async fn enter(&self, id: GrantId) -> Turn {
        let flight = self.flight(id);
        let before = flight.failures.load(Ordering::SeqCst);
        let guard = Arc::clone(&flight.lock).lock_owned().await;
        Turn {
            flight,
            before,
            _guard: guard,
        }
    }

    fn flight(&self, id: GrantId) -> Arc<Flight> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&id).and_then(Weak::upgrade) {
            return flight;
        }
        if flights.len() >= SWEEP_FROM {
            flights.retain(|_, flight| flight.strong_count() > 0);
        }
        let flight = Arc::new(Flight::default());
        flights.insert(id, Arc::downgrade(&flight));
        flight
    }
}

impl Turn {
    /// Whether the attempt of somebody else failed while this turn was waited for. Then it is theirs
    /// too: a server that is down is not asked once for each who waits.
    pub(crate) fn failed_meanwhile(&self) -> bool {
        self.flight.failures.load(Ordering::SeqCst) != self.before
    }

    /// Tells those who wait that this attempt has failed.
    pub(crate) fn fail(&self) {
        self.flight.failures.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> GrantId {
        GrantId::from_bytes([n; 16])
    }

    #[tokio::test]
    async fn turns_are_by_grant_and_forgotten() {
        let flights = Flights::default();
        let first = flights.enter(id(0)).await;
        drop(flights.enter(id(1)).await);
        assert!(flights.flight(id(0)).lock.try_lock().is_err());
        drop(first);
        assert!(flights.flight(id(0)).lock.try_lock().is_ok());
        for n in 0..u8::MAX {
            drop(flights.enter(id(n)).await);
        }
        assert!(flights.0.lock().unwrap().len() <= SWEEP_FROM);
    }

    #[tokio::test]
    async fn a_failure_is_that_of_all_who_waited() {
        let flights = Arc::new(Flights::default());
        let first = flights.enter(id(0)).await;
        let waiting = tokio::spawn({
            let flights = Arc::clone(&flights);
            async move { flights.enter(id(0)).await.failed_meanwhile() }
        });
        // Until it waits for the lock.
        tokio::task::yield_now().await;
        assert!(!first.failed_meanwhile());
        first.fail();
        drop(first);
        assert!(waiting.await.unwrap());
        assert!(!flights.enter(id(0)).await.failed_meanwhile());
    }
}
