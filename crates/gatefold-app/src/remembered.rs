//! What the database said, remembered, so that a request asks it for nothing.
//!
//! What is remembered is believed only as long as this process hears of changes
//! ([`News`](crate::news::News) reads them twice a second): when it could not for a second, the database
//! is asked again. What changes in this process is forgotten at once.

use std::{
    hash::Hash,
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::Duration,
};

use gatefold_domain::Timestamp;
use quick_cache::{Equivalent, sync::Cache};

/// How long what is remembered is believed after changes were last read.
pub(crate) const BELIEVED: Duration = Duration::from_secs(1);

/// Values by their keys, as many as there is room for.
pub(crate) struct Remembered<K, V> {
    known: Cache<K, V>,
    /// Until when they are believed, in milliseconds.
    believed_until: AtomicI64,
    /// Grows with everything that is forgotten.
    epoch: AtomicU64,
}

/// The state of things before the database was asked.
#[derive(Clone, Copy)]
pub(crate) struct Epoch(u64);

impl<K: Hash + Eq + Clone, V: Clone> Remembered<K, V> {
    /// Room for so many.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            known: Cache::new(most),
            believed_until: AtomicI64::new(i64::MIN),
            epoch: AtomicU64::new(0),
        }
    }

    /// What is remembered under a key, if it is to be believed.
    pub(crate) fn get<Q>(&self, key: &Q, now: Timestamp) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        let until = self.believed_until.load(Ordering::Acquire);
        let left = Timestamp::from_millis(until).since(now);
        // A clock that was set back would have it believed for as long as it takes to come here again.
        let believed = !left.is_zero() && left <= BELIEVED;
        believed.then(|| self.known.get(key)).flatten()
    }

    /// To be taken before the database is asked for what is then put.
    pub(crate) fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::Acquire))
    }

    /// Remembers, unless something was forgotten since: it could have been this.
    pub(crate) fn put(&self, since: Epoch, key: &K, value: V) {
        let is_now = || self.epoch.load(Ordering::Acquire) == since.0;
        if !is_now() {
            return;
        }
        self.known.insert(key.clone(), value);
        // Asked afterwards as well: what was forgotten in between has not seen it.
        if !is_now() {
            self.known.remove(key);
        }
    }

    /// Changes have been read up to this moment.
    pub(crate) fn heard(&self, asked: Timestamp) {
        let until = asked.after(BELIEVED).as_millis();
        self.believed_until.store(until, Ordering::Release);
    }

    /// Forgets what is meant.
    pub(crate) fn forget_where(&self, is_meant: impl Fn(&K, &V) -> bool) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.known.retain(|key, value| !is_meant(key, value));
    }

    /// Forgets everything.
    pub(crate) fn forget_all(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.known.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn what_is_remembered_is_believed_while_changes_are_heard() {
        let remembered = Remembered::new(10);
        remembered.put(remembered.epoch(), &1, "one");
        assert_eq!(remembered.get(&1, at(0)), None, "nothing was heard yet");
        remembered.heard(at(0));
        assert_eq!(remembered.get(&1, at(999)), Some("one"));
        assert_eq!(remembered.get(&1, at(1_000)), None);
        let set_back = remembered.get(&1, at(-60_000));
        assert_eq!(set_back, None, "the clock was set back");
    }

    #[test]
    fn what_is_forgotten_stays_forgotten() {
        let remembered = Remembered::new(10);
        remembered.heard(at(0));
        remembered.put(remembered.epoch(), &1, "one");
        remembered.put(remembered.epoch(), &2, "two");
        // The database was asked before the change, and answers after it.
        let before = remembered.epoch();
        remembered.forget_where(|key, _| *key == 1);
        remembered.put(before, &1, "one, as it was");
        assert_eq!(remembered.get(&1, at(1)), None);
        assert_eq!(remembered.get(&2, at(1)), Some("two"));
        let before = remembered.epoch();
        remembered.forget_all();
        remembered.put(before, &2, "two, as it was");
        assert_eq!(remembered.get(&2, at(1)), None);
    }
}
