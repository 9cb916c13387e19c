//! A fetch that is under way: one for all who wait, and nobody's in particular. Who leaves breaks
//! nobody, and what has come already is there for everybody.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use tokio::sync::watch;

use super::SliceKey;
use crate::origin::OriginError;

/// What has come of a run of bytes that begins at a slice's first byte.
#[derive(Debug, Default)]
struct Progress {
    /// Each piece with the offset in the object where it ends.
    pieces: Vec<(u64, Bytes)>,
    end: Option<Result<(), OriginError>>,
}

/// Whether an object was purged while it was fetched: what has come of it is not kept then.
#[derive(Clone, Default)]
pub(crate) struct Purged(Arc<AtomicBool>);

impl Purged {
    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A fetch, for those who wait.
pub(crate) struct Flight {
    label: Arc<str>,
    purged: Purged,
    first: u64,
    progress: watch::Receiver<Progress>,
}

/// A fetch, for the one who does it. When it is dropped without an end, those who wait see a
/// failure.
pub(crate) struct Pilot {
    purged: Purged,
    first: u64,
    progress: watch::Sender<Progress>,
}

fn flight(label: &Arc<str>, first: u64) -> (Pilot, Flight) {
    let (sender, receiver) = watch::channel(Progress::default());
    let purged = Purged::default();
    let pilot = Pilot {
        purged: purged.clone(),
        first,
        progress: sender,
    };
    let flight = Flight {
        label: Arc::clone(label),
        purged,
        first,
        progress: receiver,
    };
    (pilot, flight)
}

impl Pilot {
    /// Whether the object has been purged meanwhile.
    pub(crate) fn purged(&self) -> &Purged {
        &self.purged
    }

    /// Adds a piece that has come.
    pub(crate) fn push(&self, piece: Bytes) {
        self.progress.send_modify(|progress| {
            let so_far = progress.pieces.last().map_or(self.first, |(end, _)| *end);
            let end = so_far.saturating_add(piece.len() as u64);
            progress.pieces.push((end, piece));
        });
    }

    /// Nothing more comes.
    pub(crate) fn end(&self, outcome: Result<(), OriginError>) {
        self.progress
            .send_modify(|progress| progress.end = Some(outcome));
    }
}

impl Flight {
    /// The next bytes from an offset on, as soon as there are any.
    ///
    /// # Errors
    /// When the fetch fails before it has come there.
    pub(crate) async fn bytes_at(&self, offset: u64) -> Result<Bytes, OriginError> {
        let mut progress = self.progress.clone();
        let arrived = progress
            .wait_for(|progress| {
                progress.end.is_some()
                    || progress.pieces.last().is_some_and(|(end, _)| *end > offset)
            })
            .await
            .map_err(|_| OriginError::Failed)?;
        match arrived.at(offset) {
            Some(bytes) => Ok(bytes),
            None => Err(match arrived.end {
                Some(Err(error)) => error,
                // It ended well, and short of what was promised.
                Some(Ok(())) | None => OriginError::Failed,
            }),
        }
    }

    /// The bytes from an offset on when they have come already.
    pub(crate) fn at_hand(&self, offset: u64) -> Option<Bytes> {
        if offset < self.first {
            return None;
        }
        self.progress.borrow().at(offset)
    }
}

impl Progress {
    fn at(&self, offset: u64) -> Option<Bytes> {
        let index = self.pieces.partition_point(|(end, _)| *end <= offset);
        let (end, piece) = self.pieces.get(index)?;
        let left = usize::try_from(end.saturating_sub(offset)).ok()?;
        let skip = piece.len().checked_sub(left)?;
        Some(piece.slice(skip..))
    }
}

/// All fetches that are under way.
#[derive(Default)]
pub(crate) struct Flights(Mutex<HashMap<SliceKey, Arc<Flight>>>);

impl Flights {
    /// Joins the fetch of a slice of the object that operators call `label`; the first one to ask
    /// is given the task.
    pub(crate) fn join(
        &self,
        key: SliceKey,
        label: &Arc<str>,
        first: u64,
    ) -> (Arc<Flight>, Option<Pilot>) {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&key) {
            return (Arc::clone(flight), None);
        }
        let (pilot, flight) = flight(label, first);
        let flight = Arc::new(flight);
        flights.insert(key, Arc::clone(&flight));
        (flight, Some(pilot))
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }

    /// Lets nothing be kept of what is fetched of the objects that are meant, and nobody join.
    pub(crate) fn purge(&self, is_meant: impl Fn(&str) -> bool) {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        flights.retain(|_, flight| {
            let meant = is_meant(&flight.label);
            flight.purged.0.fetch_or(meant, Ordering::AcqRel);
            !meant
        });
    }

    /// Nobody joins this one any more.
    pub(crate) fn land(&self, key: &SliceKey, purged: &Purged) {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // After a purge another one may be under way in its place.
        if let Entry::Occupied(flight) = flights.entry(*key)
            && Arc::ptr_eq(&flight.get().purged.0, &purged.0)
        {
            flight.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::etag::Tag;

    const KEY: SliceKey = SliceKey {
        tag: Tag(1),
        index: 2,
    };

    #[tokio::test]
    async fn all_who_wait_get_what_one_fetches() {
        let flights = Flights::default();
        let label: Arc<str> = "private:a".into();
        let (first, pilot) = flights.join(KEY, &label, 100);
        let pilot = pilot.unwrap();
        let (second, nobody) = flights.join(KEY, &label, 100);
        assert!(nobody.is_none());
        let fetching = async {
            pilot.push(Bytes::from_static(b"abc"));
            pilot.push(Bytes::from_static(b"def"));
            pilot.end(Ok(()));
        };
        let (a, b, ()) = tokio::join!(first.bytes_at(100), second.bytes_at(104), fetching);
        assert_eq!(
            (&a.unwrap()[..], &b.unwrap()[..]),
            (&b"abc"[..], &b"ef"[..])
        );
        assert_eq!(second.at_hand(102).unwrap(), "c");
        assert_eq!(second.at_hand(99), None);
        assert_eq!(first.bytes_at(106).await, Err(OriginError::Failed));
        flights.land(&KEY, pilot.purged());
        assert!(flights.join(KEY, &label, 100).1.is_some());
    }

    #[tokio::test]
    async fn a_fetch_that_fails_or_is_given_up_fails_for_all() {
        let (pilot, flight) = flight(&"private:a".into(), 0);
        pilot.push(Bytes::from_static(b"abc"));
        pilot.end(Err(OriginError::Changed));
        assert_eq!(flight.bytes_at(0).await.unwrap(), "abc");
        assert_eq!(flight.bytes_at(3).await, Err(OriginError::Changed));

        let (pilot, flight) = super::flight(&"private:a".into(), 0);
        drop(pilot);
        assert_eq!(flight.bytes_at(0).await, Err(OriginError::Failed));
    }

    #[test]
    fn a_purge_is_seen_by_the_fetches_that_it_means() {
        let flights = Flights::default();
        let (_, a) = flights.join(KEY, &"private:a".into(), 0);
        let other = SliceKey { index: 3, ..KEY };
        let (_, b) = flights.join(other, &"private:b".into(), 0);
        flights.purge(|name| name == "private:a");
        assert!(a.unwrap().purged().get());
        assert!(!b.unwrap().purged().get());
        assert!(flights.join(KEY, &"private:a".into(), 0).1.is_some());
        assert!(flights.join(other, &"private:b".into(), 0).1.is_none());
    }
}
