//! What each client is taking: requests at once, and URLs that could not be opened.
//!
//! A connection looks its client up once and keeps the account, so that a request costs a few
//! atomic operations. The number of accounts is bounded: one that nobody holds makes room for
//! another, first those with nothing in them.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use gatefold_ops::client_address::Neighbourhood;
use tokio::time::Instant;

use super::limits::Limits;

/// Parts of the table, each with its own lock.
const SHARDS: usize = 64;

type Shard = Mutex<HashMap<Neighbourhood, Arc<Account>>>;

/// Everybody's accounts.
pub(crate) struct Clients {
    shards: Box<[Shard]>,
    /// Picks the shard. Its keys are random, so that nobody can aim at one.
    hasher: RandomState,
    /// Accounts in one shard.
    most: usize,
    rules: Rules,
    /// Times are kept as nanoseconds after this moment.
    beginning: Instant,
}

#[derive(Clone, Copy)]
struct Rules {
    at_once: u32,
    /// Nanoseconds after which one failure is forgiven.
    forgiven: u64,
    /// Nanoseconds after which as many are forgiven as may come in one go.
    burst: u64,
}

/// What one client is taking.
#[derive(Default)]
pub(crate) struct Account {
    /// Requests that are being answered.
    at_once: AtomicU32,
    /// When all failures are forgiven.
    forgiven_at: AtomicU64,
}

/// A request that is being answered.
pub(crate) struct Place(Arc<Account>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.at_once.fetch_sub(1, Relaxed);
    }
}

impl Clients {
    pub(crate) fn new(limits: &Limits) -> Self {
        let burst = u64::try_from(limits.forgiven_after.as_nanos()).unwrap_or(u64::MAX);
        // Without a limit nothing is ever owed.
        let forgiven = burst.checked_div(limits.failed_opens.into()).unwrap_or(0);
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            hasher: RandomState::new(),
            most: limits.clients.div_ceil(SHARDS),
            rules: Rules {
                at_once: match limits.at_once {
                    0 => u32::MAX,
                    most => most,
                },
                forgiven,
                burst,
            },
            beginning: Instant::now(),
        }
    }

    /// The account of a client. None when all accounts are held by others.
    pub(crate) fn account(&self, address: IpAddr) -> Option<Arc<Account>> {
        let client = Neighbourhood::from(address);
        let hash = self.hasher.hash_one(client);
        let place = hash.checked_rem(SHARDS as u64)?;
        let shard = self.shards.get(usize::try_from(place).ok()?)?;
        let mut accounts = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.get(&client) {
            return Some(Arc::clone(account));
        }
        if accounts.len() >= self.most {
            let leaving = self.leaving(&accounts)?;
            accounts.remove(&leaving);
        }
        let account = Arc::new(Account::default());
        accounts.insert(client, Arc::clone(&account));
        Some(account)
    }

    /// Who makes room: somebody with an empty account, or else somebody who is not here. Looks no
    /// further than a few, since a flood of addresses asks for this all the time.
    fn leaving(&self, accounts: &HashMap<Neighbourhood, Arc<Account>>) -> Option<Neighbourhood> {
        const FEW: usize = 16;
        let now = self.at(Instant::now());
        // Only the table hands accounts out, and it is locked: one that it holds alone stays so.
        let mut free = accounts
            .iter()
            .filter(|(_, account)| Arc::strong_count(account) == 1)
            .take(FEW)
            .peekable();
        let any = free.peek().map(|(client, _)| **client);
        free.find(|(_, account)| account.forgiven_at.load(Relaxed) <= now)
            .map(|(client, _)| *client)
            .or(any)
    }

    /// Counts a request that is to be answered. None when there are too many.
    pub(crate) fn enter(&self, account: &Arc<Account>) -> Option<Place> {
        let most = self.rules.at_once;
        account
            .at_once
            .fetch_update(Relaxed, Relaxed, |now| {
                (now < most).then(|| now.saturating_add(1))
            })
            .ok()?;
        Some(Place(Arc::clone(account)))
    }

    /// Whether a client may have another URL looked at.
    ///
    /// # Errors
    /// How long it has to wait.
    pub(crate) fn may_open(&self, account: &Account, now: Instant) -> Result<(), Duration> {
        let owed = account
            .forgiven_at
            .load(Relaxed)
            .saturating_sub(self.at(now));
        let room = self.rules.burst.saturating_sub(self.rules.forgiven);
        match owed.checked_sub(room) {
            None | Some(0) => Ok(()),
            Some(wait) => Err(Duration::from_nanos(wait)),
        }
    }

    /// A client has sent a URL that could not be opened.
    pub(crate) fn failed(&self, account: &Account, now: Instant) {
        let now = self.at(now);
        let owed = |until: u64| Some(until.max(now).saturating_add(self.rules.forgiven));
        let _ = account.forgiven_at.fetch_update(Relaxed, Relaxed, owed);
    }

    fn at(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.beginning);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    fn table(limits: &Limits) -> (Clients, Instant) {
        let clients = Clients::new(limits);
        let now = clients.beginning;
        (clients, now)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// An address in a /64 of its own.
    fn stranger(number: u64) -> IpAddr {
        Ipv6Addr::from_bits((u128::from(number) << 64) | (0x2001 << 112)).into()
    }

    fn held(clients: &Clients) -> usize {
        let len = |shard: &Shard| shard.lock().unwrap().len();
        clients.shards.iter().map(len).sum()
    }

    #[tokio::test]
    async fn failures_are_forgiven_with_time() {
        let limits = Limits {
            failed_opens: 3,
            forgiven_after: Duration::from_millis(1500),
            ..Limits::default()
        };
        let (clients, now) = table(&limits);
        let account = clients.account(ip("192.0.2.1")).unwrap();
        for _ in 0..3 {
            assert_eq!(clients.may_open(&account, now), Ok(()));
            clients.failed(&account, now);
        }
        let half = Duration::from_millis(500);
        assert_eq!(clients.may_open(&account, now), Err(half));
        let soon = now + Duration::from_millis(400);
        let rest = Duration::from_millis(100);
        assert_eq!(clients.may_open(&account, soon), Err(rest));
        // One is forgiven: one more may be tried.
        assert_eq!(clients.may_open(&account, now + half), Ok(()));
        clients.failed(&account, now + half);
        assert_eq!(clients.may_open(&account, now + half), Err(half));
        // All are forgiven, and no more than all.
        let later = now + Duration::from_hours(1);
        for _ in 0..3 {
            assert_eq!(clients.may_open(&account, later), Ok(()));
            clients.failed(&account, later);
        }
        assert_eq!(clients.may_open(&account, later), Err(half));
        let other = clients.account(ip("192.0.2.2")).unwrap();
        assert_eq!(clients.may_open(&other, later), Ok(()));
    }

    #[tokio::test]
    async fn requests_at_once_are_counted_for_all_connections_of_a_client() {
        let limits = Limits {
            at_once: 2,
            ..Limits::default()
        };
        let (clients, _) = table(&limits);
        let one = clients.account(ip("2001:db8::1")).unwrap();
        let two = clients.account(ip("2001:db8::2")).unwrap();
        let first = clients.enter(&one);
        let second = clients.enter(&two);
        assert!(first.is_some() && second.is_some());
        assert!(clients.enter(&one).is_none());
        let other = clients.account(ip("2001:db8:0:1::1")).unwrap();
        assert!(clients.enter(&other).is_some());
        drop(second);
        assert!(clients.enter(&one).is_some());
    }

    #[tokio::test]
    async fn what_is_not_limited_is_not_refused() {
        let limits = Limits {
            at_once: 0,
            failed_opens: 0,
            ..Limits::default()
        };
        let (clients, now) = table(&limits);
        let account = clients.account(ip("192.0.2.1")).unwrap();
        let places: Vec<_> = (0..1000).map(|_| clients.enter(&account)).collect();
        assert!(places.iter().all(Option::is_some));
        for _ in 0..1000 {
            clients.failed(&account, now);
        }
        assert_eq!(clients.may_open(&account, now), Ok(()));
    }

    #[tokio::test]
    async fn a_crowd_of_addresses_does_not_grow_the_table() {
        let limits = Limits {
            clients: 4 * SHARDS,
            ..Limits::default()
        };
        let (clients, now) = table(&limits);
        for number in 0..10_000 {
            let account = clients.account(stranger(number)).unwrap();
            clients.failed(&account, now);
        }
        assert!(held(&clients) <= 4 * SHARDS, "{}", held(&clients));
    }

    #[tokio::test]
    async fn who_is_connected_is_not_forgotten() {
        let limits = Limits {
            clients: SHARDS,
            failed_opens: 1,
            ..Limits::default()
        };
        let (clients, now) = table(&limits);
        let account = clients.account(ip("192.0.2.1")).unwrap();
        clients.failed(&account, now);
        // Everybody else in this shard is turned away: what cannot be counted is not served.
        let turned_away = (0..1000).filter(|number| clients.account(stranger(*number)).is_none());
        assert!(turned_away.count() > 0);
        let again = clients.account(ip("192.0.2.1")).unwrap();
        assert!(clients.may_open(&again, now).is_err());
    }

    #[tokio::test]
    async fn who_owes_nothing_makes_room_first() {
        let limits = Limits {
            clients: 2 * SHARDS,
            failed_opens: 1,
            ..Limits::default()
        };
        let (clients, now) = table(&limits);
        let debtor = ip("192.0.2.1");
        clients.failed(&clients.account(debtor).unwrap(), now);
        for number in 0..1000 {
            clients.account(stranger(number)).unwrap();
        }
        let account = clients.account(debtor).unwrap();
        assert!(clients.may_open(&account, now).is_err());
    }
}
