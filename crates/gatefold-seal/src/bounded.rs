//! A cache with two bounds, for several threads.

use std::hash::Hash;

use quick_cache::{Equivalent, Weighter, sync::Cache};

/// How much a cache may hold. Both bounds hold at every moment; what is asked for least goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// The largest number of entries; 0 for no cache at all.
    pub entries: usize,
    /// The most memory that entries may take, in bytes, by an estimate that includes what is
    /// stored with each.
    pub bytes: usize,
}

/// What an entry takes besides the bytes that are counted: pointers, lengths, the index.
const OVERHEAD: usize = 320;

/// A cache in shards, each behind a lock of its own that readers share.
pub(crate) struct Bounded<K, V> {
    cache: Cache<K, Entry<V>, ByWeight>,
    /// What an entry weighs at least, so that the bound on bytes is one on entries too.
    least: usize,
    enabled: bool,
}

#[derive(Clone)]
struct Entry<V> {
    value: V,
    weight: usize,
}

#[derive(Clone)]
struct ByWeight;

impl<K, V> Weighter<K, Entry<V>> for ByWeight {
    fn weight(&self, _: &K, entry: &Entry<V>) -> u64 {
        u64::try_from(entry.weight).unwrap_or(u64::MAX)
    }
}

impl<K: Eq + Hash, V: Clone> Bounded<K, V> {
    pub(crate) fn new(limits: CacheLimits) -> Self {
        let capacity = u64::try_from(limits.bytes).unwrap_or(u64::MAX);
        Self {
            cache: Cache::with_weighter(limits.entries, capacity, ByWeight),
            // An entry that weighs nothing would not be bounded.
            least: limits.bytes.div_ceil(limits.entries.max(1)).max(1),
            enabled: limits.entries > 0,
        }
    }

    pub(crate) fn get<Q>(&self, key: &Q) -> Option<V>
    where
        Q: Hash + Equivalent<K> + ?Sized,
    {
        self.enabled
            .then(|| self.cache.get(key))?
            .map(|it| it.value)
    }

    /// Keeps a value, of which key and value together have `bytes` bytes of text and the like.
    pub(crate) fn insert(&self, key: K, value: V, bytes: usize) {
        if self.enabled {
            let weight = bytes.saturating_add(OVERHEAD).max(self.least);
            self.cache.insert(key, Entry { value, weight });
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.cache.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(limits: CacheLimits, entries: usize, bytes: usize) -> Bounded<usize, usize> {
        let cache = Bounded::new(limits);
        for key in 0..entries {
            cache.insert(key, key, bytes);
        }
        cache
    }

    #[test]
    fn neither_bound_is_ever_passed() {
        let bytes = 1 << 20;
        let by_count = filled(
            CacheLimits {
                entries: 100,
                bytes,
            },
            10_000,
            1,
        );
        assert!((50..=100).contains(&by_count.len()), "{}", by_count.len());
        let entries = 10_000;
        let by_memory = filled(CacheLimits { entries, bytes }, 10_000, 10_000);
        assert!((50..=104).contains(&by_memory.len()), "{}", by_memory.len());
    }

    #[test]
    fn what_alone_would_fill_the_cache_is_not_kept() {
        let limits = CacheLimits {
            entries: 10,
            bytes: 1000,
        };
        assert_eq!(filled(limits, 10, 2000).len(), 0);
    }

    #[test]
    fn a_cache_of_nothing_keeps_nothing() {
        let limits = CacheLimits {
            entries: 0,
            bytes: 1000,
        };
        let cache = filled(limits, 10, 1);
        assert_eq!((cache.len(), cache.get(&1)), (0, None));
    }
}
