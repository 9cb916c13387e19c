//! Slices in memory, bounded by their bytes.

use std::sync::Arc;

use bytes::Bytes;
use quick_cache::{OptionsBuilder, Weighter, sync};

use super::SliceKey;

/// What a slice takes besides its bytes.
const OVERHEAD: u64 = 256;

#[derive(Clone)]
struct Kept {
    bytes: Bytes,
    name: Arc<str>,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<SliceKey, Kept> for ByBytes {
    fn weight(&self, _: &SliceKey, kept: &Kept) -> u64 {
        OVERHEAD.saturating_add(kept.bytes.len() as u64)
    }
}

/// Slices that are at hand.
pub(super) struct Memory(Option<sync::Cache<SliceKey, Kept, ByBytes>>);

impl Memory {
    /// Room for `bytes` in slices of at most `slice`; none at all when not one of them fits.
    pub(super) fn new(bytes: u64, slice: u64) -> Self {
        let slices = bytes.checked_div(slice.saturating_add(OVERHEAD));
        let slices = slices.and_then(|slices| usize::try_from(slices).ok());
        let options = slices.filter(|slices| *slices > 0).and_then(|slices| {
            OptionsBuilder::new()
                .estimated_items_capacity(slices)
                .weight_capacity(bytes)
                .build()
                .ok()
        });
        Self(options.map(|options| {
            sync::Cache::with_options(
                options,
                ByBytes,
                quick_cache::DefaultHashBuilder::default(),
                sync::DefaultLifecycle::default(),
            )
        }))
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.as_ref().map_or(0, sync::Cache::weight)
    }

    /// The most that it can hold, in bytes.
    pub(super) fn capacity(&self) -> u64 {
        self.0.as_ref().map_or(0, sync::Cache::capacity)
    }

    pub(super) fn get(&self, key: &SliceKey) -> Option<Bytes> {
        Some(self.0.as_ref()?.get(key)?.bytes)
    }

    pub(super) fn contains(&self, key: &SliceKey) -> bool {
        self.0.as_ref().is_some_and(|kept| kept.contains_key(key))
    }

    pub(super) fn insert(&self, key: SliceKey, name: &Arc<str>, bytes: &Bytes) {
        if let Some(kept) = &self.0 {
            let (bytes, name) = (bytes.clone(), Arc::clone(name));
            kept.insert(key, Kept { bytes, name });
        }
    }

    pub(super) fn remove(&self, key: &SliceKey) {
        if let Some(kept) = &self.0 {
            kept.remove(key);
        }
    }

    pub(super) fn purge(&self, is_meant: impl Fn(&str) -> bool) -> u64 {
        let Some(all) = &self.0 else { return 0 };
        let purged = std::cell::Cell::new(0_u64);
        all.retain(|_, kept| {
            let meant = is_meant(&kept.name);
            purged.set(purged.get().saturating_add(u64::from(meant)));
            !meant
        });
        purged.get()
    }
}
