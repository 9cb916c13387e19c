//! The use case.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use gatefold_domain::{Clock, Did, Support, Timestamp};
use quick_cache::{Equivalent, sync::Cache};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, watch},
};

use super::{
    breaker::Breaker,
    memory::{Known, QUIET, Verdict},
    registry::{Registry, RegistryError},
};

/// How many pairs of supporter and artist are remembered.
const MOST: usize = 100_000;
/// How many questions are asked at one time. More would only wait for each other.
const AT_ONCE: usize = 64;
/// The longest that a question may take, whatever the registry does.
const LONGEST: Duration = Duration::from_secs(5);
/// When to come again while too many questions are being asked.
const SOON: Duration = Duration::from_secs(1);
/// How far the clock may go back, all in all, before what is known is forgotten: it is good for no
/// more than that longer.
const UNSTEADY: Duration = Duration::from_secs(1);

/// What supporters are made of.
pub struct SupportersParts {
    /// Who knows.
    pub registry: Arc<dyn Registry>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Where questions are asked: what they are for may leave before they are answered.
    pub background: Handle,
}

/// Knows who supports whom. Clones are one.
#[derive(Clone)]
pub struct Supporters(Arc<Inner>);

struct Inner {
    registry: Arc<dyn Registry>,
    clock: Arc<dyn Clock>,
    background: Handle,
    known: Cache<Pair, Known>,
    /// The latest moment that the clock has shown, in milliseconds.
    latest: AtomicI64,
    asking: Mutex<HashMap<Pair, watch::Receiver<Option<Answer>>>>,
    breaker: Mutex<Breaker>,
    room: Semaphore,
}

/// What is known of a supporter and an artist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether the one supports the other.
    pub support: Support,
    /// When that is unknown: when it may be worth asking again.
    pub retry_after: Option<Duration>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Pair {
    supporter: Did,
    artist: Did,
}

/// The same, borrowed; it hashes alike.
#[derive(Clone, Copy, Hash)]
struct PairRef<'a> {
    supporter: &'a Did,
    artist: &'a Did,
}

impl Equivalent<Pair> for PairRef<'_> {
    fn equivalent(&self, pair: &Pair) -> bool {
        *self.supporter == pair.supporter && *self.artist == pair.artist
    }
}

impl Supporters {
    /// Asks this registry.
    #[must_use]
    pub fn new(parts: SupportersParts) -> Self {
        Self(Arc::new(Inner {
            registry: parts.registry,
            clock: parts.clock,
            background: parts.background,
            known: Cache::new(MOST),
            latest: AtomicI64::new(i64::MIN),
            asking: Mutex::default(),
            breaker: Mutex::default(),
            room: Semaphore::new(AT_ONCE),
        }))
    }

    /// Whether somebody supports an artist.
    pub async fn supports(&self, supporter: &Did, artist: &Did) -> Answer {
        let now = self.0.now();
        let known = self.0.known.get(&PairRef { supporter, artist });
        match known.unwrap_or_default().verdict(now) {
            Verdict::Fresh(support) => Answer::known(support),
            Verdict::Quiet(support, wait) => Answer::left(support, wait),
            Verdict::Ask(left) => {
                let mut answer = self.ask(Pair {
                    supporter: supporter.clone(),
                    artist: artist.clone(),
                });
                let answered = answer.wait_for(Option::is_some).await;
                // It ended without one: what it would have asked is not known.
                let answer = answered.ok().and_then(|answer| *answer);
                answer.unwrap_or(Answer::left(left, QUIET))
            }
        }
    }

    /// The question that is being asked of this pair; it is begun when there is none. It goes on
    /// whoever leaves.
    fn ask(&self, pair: Pair) -> watch::Receiver<Option<Answer>> {
        let mut asking = lock(&self.0.asking);
        if let Some(answer) = asking.get(&pair) {
            return answer.clone();
        }
        let (tell, answer) = watch::channel(None);
        asking.insert(pair.clone(), answer.clone());
        drop(asking);
        let question = Question {
            inner: Arc::clone(&self.0),
            pair,
        };
        self.0.background.spawn(async move {
            let answer = question.put().await;
            let _ = tell.send(Some(answer));
            // Who asks until this is gone gets the same answer, which is a moment old.
            drop(question);
        });
        answer
    }
}

/// A question on its way. Whatever becomes of it, it is over when this is dropped.
struct Question {
    inner: Arc<Inner>,
    pair: Pair,
}

impl Question {
    async fn put(&self) -> Answer {
        let inner = &self.inner;
        let Pair { supporter, artist } = &self.pair;
        let known = inner.known.get(&self.pair).unwrap_or_default();
        // Somebody's answer may have come since this was found to be wanted.
        let left = match known.verdict(inner.now()) {
            Verdict::Fresh(support) => return Answer::known(support),
            Verdict::Quiet(left, _) | Verdict::Ask(left) => left,
        };
        let Ok(_place) = inner.room.try_acquire() else {
            return Answer::left(left, SOON);
        };
        if let Err(wait) = lock(&inner.breaker).admit(inner.now()) {
            return Answer::left(left, wait);
        }
        let mut watched = Watched { inner, told: false };
        let asking = tokio::time::timeout(LONGEST, inner.registry.ask(supporter, artist));
        let asked = asking.await;
        let asked = asked.unwrap_or(Err(RegistryError::Failed { retry_after: None }));
        let now = inner.now();
        watched.tell(asked, now);
        // Once more: all of it may have been forgotten meanwhile.
        let known = inner.known.get(&self.pair).unwrap_or_default();
        let after = match asked {
            Ok(answer) => Known::answered(answer, now),
            Err(RegistryError::Refused) => Known::refused(now),
            Err(RegistryError::Failed { .. }) => known.unanswered(now),
        };
        inner.known.insert(self.pair.clone(), after);
        match after.verdict(now) {
            Verdict::Fresh(support) => Answer::known(support),
            Verdict::Quiet(support, wait) => Answer::left(support, wait),
            Verdict::Ask(support) => Answer::left(support, QUIET),
        }
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        lock(&self.inner.asking).remove(&self.pair);
    }
}

/// A question that the breaker has to be told of, also when it ends in a panic.
struct Watched<'a> {
    inner: &'a Inner,
    told: bool,
}

impl Watched<'_> {
    fn tell(&mut self, asked: Result<bool, RegistryError>, now: Timestamp) {
        self.told = true;
        let mut breaker = lock(&self.inner.breaker);
        match asked {
            // A registry that refuses to tell of one person is there for others.
            Ok(_) | Err(RegistryError::Refused) => breaker.answered(),
            Err(RegistryError::Failed { retry_after }) => breaker.failed(now, retry_after),
        }
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if !self.told {
            lock(&self.inner.breaker).failed(self.inner.now(), None);
        }
    }
}

impl Inner {
    /// The present moment. Where the clock was set back, what is known would be good for as much
    /// longer, and is forgotten.
    fn now(&self) -> Timestamp {
        // What others have seen before the clock is looked at is no later than what it shows.
        let latest = Timestamp::from_millis(self.latest.load(Ordering::Acquire));
        let now = Timestamp::from(self.clock.now());
        if now > latest {
            self.latest.fetch_max(now.as_millis(), Ordering::AcqRel);
        } else if latest.since(now) > UNSTEADY {
            self.latest.store(now.as_millis(), Ordering::Release);
            self.known.clear();
        }
        now
    }
}

impl Answer {
    const fn known(support: Support) -> Self {
        Self {
            support,
            retry_after: None,
        }
    }

    /// What is left without an answer.
    fn left(support: Support, wait: Duration) -> Self {
        let retry_after = (support == Support::Unknown).then_some(wait.max(SOON));
        Self {
            support,
            retry_after,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
