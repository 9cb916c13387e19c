//! What is known of objects: looked up at their origin, believed for a while, then asked for again.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
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

/// What comes of a question, once it does.
type Awaited = watch::Receiver<Option<Answer>>;

/// Objects that are known, and questions that are under way.
pub(crate) struct Catalogue {
    known: sync::Cache<Place, Arc<Known>>,
    /// Held whenever an answer becomes known: a purge sees a question or what has come of it.
    asked: Mutex<HashMap<Place, Awaited>>,
}

impl Catalogue {
    pub(crate) fn new() -> Self {
        Self {
            known: sync::Cache::new(OBJECTS),
            asked: Mutex::default(),
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
    pub(crate) fn ask(self: &Arc<Self>, place: PlaceRef<'_>) -> (Awaited, Option<Asker>) {
        let place = place.to_owned();
        let mut asked = self.asked();
        if let Some(answer) = asked.get(&place) {
            return (answer.clone(), None);
        }
        let (sender, receiver) = watch::channel(None);
        asked.insert(place.clone(), receiver.clone());
        let asker = Asker {
            catalogue: Arc::clone(self),
            place,
            answer: sender,
        };
        (receiver, Some(asker))
    }

    /// Asks its origin again the next time.
    pub(crate) fn forget(&self, place: &Place) {
        self.known.remove(place);
    }

    /// Forgets what is meant; gives how many objects those were. Nobody joins a question for them
    /// that was put before, and what comes of it is not remembered.
    pub(crate) fn purge(&self, is_meant: impl Fn(&str) -> bool) -> u64 {
        let mut asked = self.asked();
        asked.retain(|place, _| !is_meant(&place.label()));
        let purged = std::cell::Cell::new(0_u64);
        self.known.retain(|_, known| {
            let meant = is_meant(&known.label);
            purged.set(purged.get().saturating_add(u64::from(meant)));
            !meant
        });
        purged.get()
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<Place, Awaited>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task of answering a question. Dropped without an answer, it fails all who wait.
pub(crate) struct Asker {
    catalogue: Arc<Catalogue>,
    place: Place,
    answer: watch::Sender<Option<Answer>>,
}

impl Asker {
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Answers those who wait, and remembers the answer when its version can be told from others,
    /// unless the object was purged since the question was put.
    pub(crate) fn answer(self, answer: Answer) {
        let known = &self.catalogue.known;
        let mut asked = self.catalogue.asked();
        if self.take_off(&mut asked) {
            match &answer {
                Ok(object) if object.tag.is_some() => {
                    known.insert(self.place.clone(), Arc::clone(object));
                }
                Ok(_) | Err(_) => {
                    known.remove(&self.place);
                }
            }
        }
        drop(asked);
        self.answer.send_replace(Some(answer));
    }

    /// Lets nobody join any more. `false` when nobody could: after a purge, another question may
    /// stand in its place.
    fn take_off(&self, asked: &mut HashMap<Place, Awaited>) -> bool {
        let ours = self.answer.subscribe();
        let is_ours = |other: &Awaited| other.same_channel(&ours);
        let is_there = asked.get(&self.place).is_some_and(is_ours);
        if is_there {
            asked.remove(&self.place);
        }
        is_there
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        self.take_off(&mut self.catalogue.asked());
    }
}

#[cfg(test)]
mod tests {
    use gatefold_domain::ObjectKey;
    use gatefold_edge_core::MediaType;

    use super::*;
    use crate::origin::Version;

    const NOW: UnixSeconds = UnixSeconds(1_778_850_000);

    fn public(key: &str) -> ObjectKey {
        key.parse().unwrap()
    }

    fn object(key: &ObjectKey, version: &[u8]) -> Arc<Known> {
        let facts = Facts {
            len: Some(10),
            version: Some(Version::new(version)),
            modified: None,
            media_type: MediaType::of_name(key.as_str()),
            ranges: true,
        };
        let tags = TagKey::from_bytes([1; 32].into());
        let known = Known::new(Place::Public(key.clone()), facts, &tags, NOW);
        known.confirm(NOW, Duration::from_mins(1));
        Arc::new(known)
    }

    #[test]
    fn a_question_from_before_a_purge_answers_nobody_who_comes_after_it() {
        let catalogue = Arc::new(Catalogue::new());
        let (a, b) = (public("a.mp3"), public("b.mp3"));
        let (place, other) = (
            PlaceRef::Public(a.borrowed()),
            PlaceRef::Public(b.borrowed()),
        );
        let (waits, before) = catalogue.ask(place);
        let (_, unmeant) = catalogue.ask(other);
        assert_eq!(catalogue.purge(|label| label == "public:a.mp3"), 0);

        let (waits_anew, after) = catalogue.ask(place);
        let after = after.expect("a question of its own");
        assert!(catalogue.ask(other).1.is_none(), "that one goes on");

        before.unwrap().answer(Ok(object(&a, b"old")));
        assert!(waits.borrow().is_some(), "who came before is answered");
        assert!(waits_anew.borrow().is_none());
        assert!(catalogue.fresh(place, NOW).is_none());
        assert!(catalogue.ask(place).1.is_none(), "the new one goes on");

        unmeant.unwrap().answer(Ok(object(&b, b"one")));
        assert!(catalogue.fresh(other, NOW).is_some());

        after.answer(Err(OriginError::NotFound));
        assert!(matches!(
            *waits_anew.borrow(),
            Some(Err(OriginError::NotFound))
        ));
        assert!(catalogue.fresh(place, NOW).is_none());
        assert!(catalogue.ask(place).1.is_some(), "and is over");
    }

    #[test]
    fn a_question_that_was_purged_takes_nothing_away() {
        let catalogue = Arc::new(Catalogue::new());
        let key = public("a.mp3");
        let place = PlaceRef::Public(key.borrowed());
        for outcome in [Some(Err(OriginError::Failed)), None] {
            let (_, before) = catalogue.ask(place);
            catalogue.purge(|_| true);
            let (_, after) = catalogue.ask(place);
            after.unwrap().answer(Ok(object(&key, b"new")));
            match outcome {
                Some(error) => before.unwrap().answer(error),
                None => drop(before),
            }
            assert!(catalogue.fresh(place, NOW).is_some());
            assert_eq!(catalogue.purge(|_| true), 1);
        }
    }
}
