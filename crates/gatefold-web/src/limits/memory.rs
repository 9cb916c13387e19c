//! Counts requests in this process.

use std::{
    hash::{BuildHasher, RandomState},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use governor::{
    RateLimiter as Governor, clock, middleware::StateInformationMiddleware,
    state::keyed::HashMapStateStore,
};

use super::{Class, Deciding, Decision, Key, Quota, Quotas, RateLimiter, SinceStart, Ticks};

/// Clients of one class that are counted one by one. Beyond it they share: whoever has countless
/// addresses must not fill the memory, nor get a fresh quota with each of them.
const MAX_CLIENTS: usize = 50_000;
/// Quotas that they share then.
const SHARED: u64 = 4096;
/// How often clients that have all of their quota again are forgotten.
const TIDY: Duration = Duration::from_secs(10);

/// Counts in this process, within bounded memory.
pub struct Memory {
    default: Counted,
    auth: Counted,
    upload: Counted,
    files: Counted,
    ticks: Arc<dyn Ticks>,
    hasher: RandomState,
    max_clients: usize,
}

struct Counted {
    quota: Quota,
    governor: Governor<Box<str>, HashMapStateStore<Box<str>>, Now, StateInformationMiddleware>,
    /// When it was last tidied, in milliseconds.
    tidied: AtomicU64,
}

/// The clock as the library wants it.
#[derive(Clone)]
struct Now(Arc<dyn Ticks>);

impl clock::Clock for Now {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.now()
    }
}

impl Memory {
    /// Counts by the process's own time.
    #[must_use]
    pub fn new(quotas: Quotas) -> Self {
        Self::with_ticks(quotas, Arc::new(SinceStart::default()))
    }

    /// Counts by another time.
    #[must_use]
    pub fn with_ticks(quotas: Quotas, ticks: Arc<dyn Ticks>) -> Self {
        let counted = |class| Counted::new(quotas.of(class), &ticks);
        Self {
            default: counted(Class::Default),
            auth: counted(Class::Auth),
            upload: counted(Class::Upload),
            files: counted(Class::Files),
            ticks,
            hasher: RandomState::new(),
            max_clients: MAX_CLIENTS,
        }
    }

    fn counted(&self, class: Class) -> &Counted {
        match class {
            Class::Default => &self.default,
            Class::Auth => &self.auth,
            Class::Upload => &self.upload,
            Class::Files => &self.files,
        }
    }

    /// Decides at once.
    pub(super) fn decide(&self, key: &Key, cost: NonZeroU32) -> Decision {
        let counted = self.counted(key.class);
        counted.tidy(self.ticks.now());
        if counted.governor.len() < self.max_clients {
            counted.decide(&key.who, cost, self.ticks.now())
        } else {
            let place = self.hasher.hash_one(&key.who) % SHARED;
            let shared = format!("shared {place}").into();
            counted.decide(&shared, cost, self.ticks.now())
        }
    }
}

impl Counted {
    fn new(quota: Quota, ticks: &Arc<dyn Ticks>) -> Self {
        let allowed = governor::Quota::with_period(quota.interval())
            // Only a period of nothing is none.
            .unwrap_or(governor::Quota::per_second(NonZeroU32::MIN))
            .allow_burst(quota.limit);
        let now = Now(Arc::clone(ticks));
        Self {
            quota,
            governor: Governor::new(allowed, HashMapStateStore::default(), now),
            tidied: AtomicU64::new(0),
        }
    }

    #[expect(
        clippy::borrowed_box,
        reason = "the library looks keys up as they are kept"
    )]
    fn decide(&self, who: &Box<str>, cost: NonZeroU32, now: Duration) -> Decision {
        match self.governor.check_key_n(who, cost.min(self.quota.limit)) {
            Ok(Ok(state)) => Decision::allowed(self.quota, state.remaining_burst_capacity()),
            Ok(Err(until)) => Decision::refused(self.quota, until.wait_time_from(now)),
            // More than ever fits, which the line above rules out.
            Err(_) => Decision::refused(self.quota, self.quota.period),
        }
    }

    fn tidy(&self, now: Duration) {
        let now = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let last = self.tidied.load(Relaxed);
        let is_time = u128::from(now.saturating_sub(last)) >= TIDY.as_millis();
        let swap = || self.tidied.compare_exchange(last, now, Relaxed, Relaxed);
        if is_time && swap().is_ok() {
            self.governor.retain_recent();
            self.governor.shrink_to_fit();
        }
    }
}

impl RateLimiter for Memory {
    fn check<'a>(&'a self, key: &'a Key, cost: NonZeroU32) -> Deciding<'a> {
        Box::pin(std::future::ready(self.decide(key, cost)))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::{super::tests::MovedTicks, *};

    fn limiter(max_clients: usize) -> (Memory, MovedTicks) {
        let ticks = MovedTicks::default();
        let memory = Memory::with_ticks(Quotas::default(), Arc::new(ticks.clone()));
        let memory = Memory {
            max_clients,
            ..memory
        };
        (memory, ticks)
    }

    fn key(number: u32) -> Key {
        Key::of_address(Class::Auth, Ipv4Addr::from_bits(number).into())
    }

    #[test]
    fn who_has_all_of_a_quota_again_is_forgotten() {
        let (memory, ticks) = limiter(MAX_CLIENTS);
        for number in 0..100 {
            memory.decide(&key(number), NonZeroU32::MIN);
        }
        assert_eq!(memory.auth.governor.len(), 100);
        ticks.advance(Duration::from_secs(61));
        memory.decide(&key(0), NonZeroU32::MIN);
        assert_eq!(memory.auth.governor.len(), 1);
    }

    #[test]
    fn beyond_the_bound_clients_share() {
        let (memory, _ticks) = limiter(10);
        let allowed = (0..100_000)
            .filter(|number| memory.decide(&key(*number), NonZeroU32::MIN).is_allowed())
            .count();
        let bound = 10 + usize::try_from(SHARED).unwrap();
        assert!(memory.auth.governor.len() <= bound);
        assert!(allowed <= bound * 10, "{allowed}");
    }
}
