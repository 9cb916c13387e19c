//! What is known of objects: looked up at their origin, believed for a while, then asked for again.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use gatefold_edge_core::Object;
use gatefold_seal::UnixSeconds;
use quick_cache::sync;
use tokio::sync::watch;

use crate::{
    etag::{Tag, TagKey},
    origin::{Facts, OriginError},
    place::{Place, PlaceRef},
};

/// How many objects are known at one time.
const OBJECTS: usize = 65_536;

/// An object as it was when its origin was last asked.
pub(crate) struct Known {
    /// What answers are made of.
    pub(crate) object: Object,
    /// What it is to this edge.
    pub(crate) place: Place,
    /// What the origin said.
    pub(crate) facts: Facts,
    /// What the origin calls it.
    pub(crate) name: Arc<str>,
    /// What a purge calls it.
    pub(crate) label: Arc<str>,
    /// Its version, when it has one.
    pub(crate) tag: Option<Tag>,
    /// Until when it is believed, in seconds since 1970.
    fresh_until: AtomicU64,
    /// When its origin said so, in seconds since 1970.
    looked: AtomicU64,
}

impl Known {
    pub(crate) fn new(place: Place, facts: Facts, tags: &TagKey, now: UnixSeconds) -> Self {
        let label: Arc<str> = place.label().into();
        let version = facts.version.as_ref();
        let tag = version.map(|version| tags.tag(&[label.as_bytes(), version.as_bytes()]));
        let etag = tag.map(Tag::etag);
        Self {
            object: Object::new(
                facts.len,
                facts.media_type,
                etag.as_deref(),
                facts.modified.filter(|_| tag.is_some()),
            ),
            name: place.name().into(),
            place,
            label,
            tag,
            facts,
            fresh_until: AtomicU64::new(now.0),
            looked: AtomicU64::new(now.0),
        }
    }

    fn is_fresh(&self, now: UnixSeconds) -> bool {
        now.0 < self.fresh_until.load(Ordering::Relaxed)
    }

    /// Believes it for a while from now on, because its origin said so.
    pub(crate) fn confirm(&self, now: UnixSeconds, fresh: Duration) {
        self.looked.store(now.0, Ordering::Relaxed);
        self.believe(now, fresh);
    }

    /// Believes it for a while from now on.
    pub(crate) fn believe(&self, now: UnixSeconds, fresh: Duration) {
        let until = now.0.saturating_add(fresh.as_secs());
        self.fresh_until.store(until, Ordering::Relaxed);
    }

    /// How long ago its origin said so.
    pub(crate) fn age(&self, now: UnixSeconds) -> Duration {
        UnixSeconds(self.looked.load(Ordering::Relaxed)).until(now)
    }
}

pub(crate) type Answer = Result<Arc<Known>, OriginError>;

/// Objects that are known, and questions that are under way.
pub(crate) struct Catalogue {
    known: sync::Cache<Place, Arc<Known>>,
    asked: Mutex<HashMap<Place, watch::Receiver<Option<Answer>>>>,
    purges: AtomicU64,
}

impl Catalogue {
    pub(crate) fn new() -> Self {
        Self {
            known: sync::Cache::new(OBJECTS),
            asked: Mutex::default(),
            purges: AtomicU64::new(0),
        }
    }

    /// An object that is believed.
    pub(crate) fn fresh(&self, place: PlaceRef<'_>, now: UnixSeconds) -> Option<Arc<Known>> {
        self.known.get(&place).filter(|known| known.is_fresh(now))
    }

    /// An object that is known, believed or not.
    pub(crate) fn known(&self, place: &Place) -> Option<Arc<Known>> {
        self.known.get(place)
    }

    /// Joins the question for an object; the first one to ask is given the task of answering it.
    pub(crate) fn ask(
        self: &Arc<Self>,
        place: PlaceRef<'_>,
    ) -> (watch::Receiver<Option<Answer>>, Option<Asker>) {
        let place = place.to_owned();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = asked.get(&place) {
            return (answer.clone(), None);
        }
        let (sender, receiver) = watch::channel(None);
        asked.insert(place.clone(), receiver.clone());
        let asker = Asker {
            catalogue: Arc::clone(self),
            place,
            answer: sender,
            purges: self.purges.load(Ordering::Acquire),
        };
        (receiver, Some(asker))
    }

    /// Asks its origin again the next time.
    pub(crate) fn forget(&self, place: &Place) {
        self.known.remove(place);
    }

    /// Forgets what is meant; gives how many objects those were.
    pub(crate) fn purge(&self, is_meant: impl Fn(&str) -> bool) -> u64 {
        self.purges.fetch_add(1, Ordering::AcqRel);
        let purged = std::cell::Cell::new(0_u64);
        self.known.retain(|_, known| {
            let meant = is_meant(&known.label);
            purged.set(purged.get().saturating_add(u64::from(meant)));
            !meant
        });
        purged.get()
    }
}

/// The task of answering a question. Dropped without an answer, it fails all who wait.
pub(crate) struct Asker {
    catalogue: Arc<Catalogue>,
    place: Place,
    answer: watch::Sender<Option<Answer>>,
    purges: u64,
}

impl Asker {
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Answers, and remembers the answer when its version can be told from others.
    pub(crate) fn answer(self, answer: Answer) {
        let known = &self.catalogue.known;
        match &answer {
            Ok(object) if object.tag.is_some() => {
                known.insert(self.place.clone(), Arc::clone(object));
                // Asked afterwards: a purge in between has not seen it.
                if self.catalogue.purges.load(Ordering::Acquire) != self.purges {
                    known.remove(&self.place);
                }
            }
            Ok(_) | Err(_) => {
                known.remove(&self.place);
            }
        }
        self.answer.send_replace(Some(answer));
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        let mut asked = self
            .catalogue
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        asked.remove(&self.place);
    }
}
