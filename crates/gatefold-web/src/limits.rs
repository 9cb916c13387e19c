//! How often one client may ask, and how it is told.
//!
//! Everybody who asks is counted twice: by the network that they come from, and, once known, by
//! their account. Counting is by GCRA: a quota of 10 in a minute allows 10 at once and then one
//! every six seconds. It is done in this process ([`Memory`]), or, for several instances, by a
//! server that speaks the Redis protocol ([`Redis`]); both count alike. docs/adr names the reasons.

mod headers;
mod memory;
mod redis;
#[cfg(test)]
mod tests;

use std::{fmt, future::Future, net::IpAddr, num::NonZeroU32, pin::Pin, time::Duration};

use gatefold_domain::Did;
use tokio::time::Instant;

pub(crate) use self::headers::{RateHeaders, too_many};
pub use self::{
    memory::Memory,
    redis::{Redis, RedisOptions, RedisUnavailable},
};

/// What is asked for, as far as its cost goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Anything.
    Default,
    /// A step of a sign-in, which makes other people's servers work, or a guess at a secret.
    Auth,
    /// An upload.
    Upload,
    /// A file of the pages, or of what is heard through the site.
    Files,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 4] = [Self::Default, Self::Auth, Self::Upload, Self::Files];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Auth => "auth",
            Self::Upload => "upload",
            Self::Files => "files",
        }
    }
}

/// So many requests in one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    limit: NonZeroU32,
    period: Duration,
}

impl Quota {
    /// So many requests a minute.
    #[must_use]
    pub const fn per_minute(limit: NonZeroU32) -> Self {
        Self {
            limit,
            period: Duration::from_mins(1),
        }
    }

    /// The time in which one request's worth comes back: whole microseconds, at least one, so that
    /// everybody who counts gets the same.
    fn interval(self) -> Duration {
        let part = self.period.checked_div(self.limit.get());
        let micros = part.unwrap_or(self.period).as_micros();
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX).max(1))
    }
}

/// What each class may be asked for.
#[derive(Clone, Copy, Debug)]
pub struct Quotas {
    /// Of [`Class::Default`]; 100 a minute unless set.
    pub default: Quota,
    /// Of [`Class::Auth`]; 10 a minute unless set.
    pub auth: Quota,
    /// Of [`Class::Upload`]; 20 a minute unless set.
    pub upload: Quota,
    /// Of [`Class::Files`]; 1200 a minute unless set.
    pub files: Quota,
}

impl Default for Quotas {
    fn default() -> Self {
        let per_minute =
            |limit| Quota::per_minute(NonZeroU32::new(limit).unwrap_or(NonZeroU32::MIN));
        Self {
            default: per_minute(100),
            auth: per_minute(10),
            upload: per_minute(20),
            files: per_minute(1200),
        }
    }
}

impl Quotas {
    fn of(&self, class: Class) -> Quota {
        match class {
            Class::Default => self.default,
            Class::Auth => self.auth,
            Class::Upload => self.upload,
            Class::Files => self.files,
        }
    }
}

/// Whose requests of which class are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    class: Class,
    who: Box<str>,
}

impl Key {
    /// Requests from an address; of IPv6, from its /64, which is the least that a subscriber has.
    #[must_use]
    pub fn of_address(class: Class, address: IpAddr) -> Self {
        let who = match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let network = address.to_bits() & !u128::from(u64::MAX);
                format!("{}/64", std::net::Ipv6Addr::from_bits(network))
            }
        };
        Self {
            class,
            who: who.into(),
        }
    }

    /// Requests of an account, wherever they come from.
    #[must_use]
    pub fn of_account(class: Class, did: &Did) -> Self {
        Self {
            class,
            who: did.as_str().into(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.class.as_str(), self.who)
    }
}

/// Whether a request may go on, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    quota: Quota,
    /// How many more there may be at once; of a refusal, none.
    remaining: u32,
    /// Of a refusal: after how long it makes sense to come again.
    retry_after: Option<Duration>,
}

impl Decision {
    fn allowed(quota: Quota, remaining: u32) -> Self {
        Self {
            quota,
            remaining,
            retry_after: None,
        }
    }

    fn refused(quota: Quota, retry_after: Duration) -> Self {
        Self {
            quota,
            remaining: 0,
            retry_after: Some(retry_after),
        }
    }

    /// Whether the request may go on.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.retry_after.is_none()
    }

    /// How many requests the quota allows in its period.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        self.quota.limit.get()
    }

    /// How many more there may be at once.
    #[must_use]
    pub const fn remaining(&self) -> u32 {
        self.remaining
    }

    /// After how long the whole quota is back, when nobody asks until then. At most one request's
    /// worth too long.
    #[must_use]
    pub fn reset(&self) -> Duration {
        let used = self.limit().saturating_sub(self.remaining);
        self.quota.interval().saturating_mul(used)
    }

    /// After how long to come again, when this is a refusal.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The one of two that leaves less.
    #[must_use]
    pub(crate) fn tighter(self, other: Self) -> Self {
        let key = |of: &Self| (of.is_allowed(), of.remaining, of.limit());
        if key(&other) < key(&self) {
            other
        } else {
            self
        }
    }
}

/// A decision that is still to be made.
pub type Deciding<'a> = Pin<Box<dyn Future<Output = Decision> + Send + 'a>>;

/// Counts requests and says when there are too many.
pub trait RateLimiter: Send + Sync {
    /// Counts `cost` requests, all or none, and says whether they may go on. It always decides:
    /// what it cannot ask must make it neither let everybody through nor nobody.
    fn check<'a>(&'a self, key: &'a Key, cost: NonZeroU32) -> Deciding<'a>;
}

/// Time that only goes forward.
pub trait Ticks: Send + Sync {
    /// The time since a moment that stays the same.
    fn now(&self) -> Duration;
}

/// The time since it was made. A clock on the wall, which somebody may set back, would keep
/// everybody out until it has caught up.
pub struct SinceStart(Instant);

impl Default for SinceStart {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Ticks for SinceStart {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}
