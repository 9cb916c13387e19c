//! Gets what an object is and its bytes: from what is kept, otherwise from its origin, and then
//! once for all who ask at the same time.
//!
//! Everything that an origin is asked runs in tasks of its own on the background runtime, so that
//! who leaves breaks nobody, and no listener's thread waits.

mod fetch;

use std::{sync::Arc, time::Duration};

use gatefold_domain::Clock;
use gatefold_seal::{Source, UnixSeconds};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, SemaphorePermit},
    time::Instant,
};

use crate::{
    cache::{
        Cache, SliceKey,
        flight::{Flight, Flights},
    },
    catalogue::{Answer, Asker, Catalogue, Known},
    etag::{Tag, TagKey},
    metrics::Metrics,
    origin::{Chunks, Looked, Origin, OriginError},
    place::{Place, PlaceRef},
};

/// The index under which the fetch of a whole object is known.
const WHOLE: u64 = u64::MAX;
/// How many slices are being fetched at one time, which bounds their memory; further ones wait. An
/// object that is fetched whole counts as all of its slices.
const FETCHES: u32 = 256;
/// How long an object goes on being believed when its origin fails, before it is asked again.
const RETRY: Duration = Duration::from_secs(5);

/// Where each kind of source is found; a kind without an origin has nothing.
#[derive(Clone, Default)]
pub struct Origins {
    /// `https:` sources.
    pub https: Option<Arc<dyn Origin>>,
    /// `private:` sources.
    pub private: Option<Arc<dyn Origin>>,
    /// `files:` sources.
    pub files: Option<Arc<dyn Origin>>,
    /// Objects that need no seal, at [`PUBLIC_PREFIX`](crate::PUBLIC_PREFIX).
    pub public: Option<Arc<dyn Origin>>,
}

impl Origins {
    fn of(&self, place: &Place) -> Option<&Arc<dyn Origin>> {
        match place {
            Place::Sealed(Source::Https(_)) => self.https.as_ref(),
            Place::Sealed(Source::Private(_)) => self.private.as_ref(),
            Place::Sealed(Source::File { .. }) => self.files.as_ref(),
            Place::Public(_) => self.public.as_ref(),
        }
    }
}

/// How long what origins say is believed.
#[derive(Clone, Copy, Debug)]
pub struct Freshness {
    /// Before an origin is asked whether an object is still what it was.
    pub fresh: Duration,
    /// When an origin fails, after it last answered.
    pub stale: Duration,
    /// The largest object, in bytes, that is kept although its origin gives no parts: it is
    /// fetched whole, once for all who wait.
    pub whole: u64,
}

impl Default for Freshness {
    fn default() -> Self {
        Self {
            fresh: Duration::from_mins(1),
            stale: Duration::from_mins(10),
            whole: 64 << 20,
        }
    }
}

/// Gets objects.
pub(crate) struct Supply {
    pub(crate) origins: Origins,
    pub(crate) cache: Arc<Cache>,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) flights: Flights,
    pub(crate) freshness: Freshness,
    pub(crate) tag_key: TagKey,
    pub(crate) around: Surroundings,
    fetches: Arc<Semaphore>,
}

/// What a supply is given to work with.
pub(crate) struct Surroundings {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) background: Handle,
}

/// How an object's bytes are had.
pub(crate) enum Way {
    /// In slices that are kept under this tag.
    Slices(Tag),
    /// From the origin, each time anew.
    Through,
}

impl Supply {
    pub(crate) fn new(
        origins: Origins,
        cache: Arc<Cache>,
        freshness: Freshness,
        tag_key: TagKey,
        around: Surroundings,
    ) -> Self {
        Self {
            origins,
            cache,
            catalogue: Arc::new(Catalogue::new()),
            flights: Flights::default(),
            freshness,
            tag_key,
            around,
            fetches: Arc::new(Semaphore::new(FETCHES as usize)),
        }
    }

    /// What an object is.
    pub(crate) async fn find(self: &Arc<Self>, place: PlaceRef<'_>, now: UnixSeconds) -> Answer {
        if let Some(known) = self.catalogue.fresh(place, now) {
            return Ok(known);
        }
        let (mut answer, asker) = self.catalogue.ask(place);
        if let Some(asker) = asker {
            let supply = Arc::clone(self);
            self.around.background.spawn(async move {
                let answer = supply.look(&asker).await;
                asker.answer(answer);
            });
        }
        let answer = answer.wait_for(Option::is_some).await;
        let answer = answer.ok().and_then(|answer| answer.clone());
        answer.unwrap_or(Err(OriginError::Failed))
    }

    /// Asks the origin.
    async fn look(&self, asker: &Asker) -> Answer {
        let place = asker.place();
        let origin = self.origins.of(place).ok_or(OriginError::NotFound)?;
        let fresh = origin.fresh_for().unwrap_or(self.freshness.fresh);
        let before = self.catalogue.known(place);
        let name = place.name();
        let version = before
            .as_ref()
            .and_then(|known| known.facts.version.as_ref());
        let began = Instant::now();
        let looked = origin.look(&name, version).await;
        self.around.metrics.asked(began, &looked);
        let now = UnixSeconds::from(self.around.clock.now());
        match (looked, before) {
            (Ok(Looked::Unchanged), Some(known)) => {
                known.confirm(now, fresh);
                Ok(known)
            }
            (Ok(Looked::Unchanged), None) => Err(OriginError::Failed),
            (Ok(Looked::Is(facts)), Some(known)) if known.tag.is_some() && known.facts == facts => {
                known.confirm(now, fresh);
                Ok(known)
            }
            (Ok(Looked::Is(facts)), _) => {
                let known = Known::new(place.clone(), facts, &self.tag_key, now);
                known.confirm(now, fresh);
                Ok(Arc::new(known))
            }
            (Err(OriginError::TimedOut | OriginError::Failed), Some(known))
                if known.age(now) < self.freshness.stale =>
            {
                known.believe(now, RETRY);
                Ok(known)
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Whether there are public objects.
    pub(crate) fn has_public(&self) -> bool {
        self.origins.public.is_some()
    }

    /// How an object's bytes are had.
    pub(crate) fn way(&self, known: &Known) -> Way {
        match (known.tag, known.facts.len) {
            (Some(tag), Some(len)) if known.facts.ranges || len <= self.freshness.whole => {
                Way::Slices(tag)
            }
            _ => Way::Through,
        }
    }

    /// The slice that an offset lies in.
    pub(crate) fn slice_of(&self, tag: Tag, offset: u64) -> SliceKey {
        let index = offset.checked_div(self.cache.slice_len());
        SliceKey {
            tag,
            index: index.unwrap_or_default(),
        }
    }

    /// The offset of a slice's first byte.
    pub(crate) fn start_of(&self, key: SliceKey) -> u64 {
        key.index.saturating_mul(self.cache.slice_len())
    }

    /// The fetch that brings a slice; it is begun when there is none.
    pub(crate) fn fetch(self: &Arc<Self>, known: &Arc<Known>, key: SliceKey) -> Arc<Flight> {
        let run = if known.facts.ranges {
            key
        } else {
            // There are no parts to be had: whoever needs one waits for the whole.
            SliceKey {
                index: WHOLE,
                ..key
            }
        };
        let first = if run.index == WHOLE {
            0
        } else {
            self.start_of(run)
        };
        let (flight, pilot) = self.flights.join(run, &known.label, first);
        if let Some(pilot) = pilot {
            let fetch = fetch::Fetch {
                supply: Arc::clone(self),
                known: Arc::clone(known),
                run,
                first,
                is_whole: run.index == WHOLE,
            };
            self.around.background.spawn(fetch.run(pilot));
        }
        flight
    }

    /// Waits until so many bytes more may be on their way.
    pub(crate) async fn room(&self, bytes: u64) -> Option<SemaphorePermit<'_>> {
        let slices = bytes.div_ceil(self.cache.slice_len());
        let slices = u32::try_from(slices).unwrap_or(FETCHES).clamp(1, FETCHES);
        // It is never closed.
        self.fetches.acquire_many(slices).await.ok()
    }

    /// Begins to fetch a slice that will be needed, unless it is there.
    pub(crate) fn fetch_ahead(self: &Arc<Self>, known: &Arc<Known>, key: SliceKey) {
        if known.facts.ranges && !self.cache.contains(&key) {
            self.fetch(known, key);
        }
    }

    /// Bytes straight from the origin.
    pub(crate) async fn through(
        &self,
        known: &Known,
        first: u64,
        last: Option<u64>,
    ) -> Result<Chunks, OriginError> {
        let origin = self.origins.of(&known.place).ok_or(OriginError::NotFound)?;
        let began = Instant::now();
        let chunks = origin.read(&known.name, &known.facts, first, last).await;
        self.around.metrics.asked(began, &chunks);
        chunks
    }

    /// Whether there is room in the cache for all that is fetched of an object at one time, so that
    /// it can be had from there afterwards.
    pub(crate) fn keeps(&self, known: &Known) -> bool {
        let whole = known.facts.len.filter(|_| !known.facts.ranges);
        let bytes = whole.unwrap_or(self.cache.slice_len());
        self.cache.has_room(bytes, self.is_near(known))
    }

    /// Whether an object is on a disk of this machine.
    fn is_near(&self, known: &Known) -> bool {
        let origin = self.origins.of(&known.place);
        origin.is_some_and(|origin| origin.is_near())
    }

    /// Forgets everything of the objects that are meant; gives how many slices those had. Blocks.
    pub(crate) fn purge(&self, is_meant: impl Fn(&str) -> bool) -> u64 {
        self.catalogue.purge(&is_meant);
        self.flights.purge(&is_meant);
        self.cache.purge(&is_meant)
    }
}
