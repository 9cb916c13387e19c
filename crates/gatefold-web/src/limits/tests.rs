//! What counting comes to, whoever does it.

mod shared;

use std::sync::{Arc, Mutex};

use super::*;

/// Time that a test moves.
#[derive(Clone, Default)]
pub(super) struct MovedTicks(Arc<Mutex<Duration>>);

impl MovedTicks {
    pub(super) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.saturating_add(by);
    }
}

impl Ticks for MovedTicks {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_quota_is_spent_and_comes_back() {
    for (class, limit, interval) in [
        (Class::Default, 100, 600),
        (Class::Auth, 10, 6_000),
        (Class::Upload, 20, 3_000),
        (Class::Files, 1200, 50),
    ] {
        let ticks = MovedTicks::default();
        let limiter = Memory::with_ticks(Quotas::default(), Arc::new(ticks.clone()));
        let key = Key::of_address(class, address("192.0.2.1"));
        for left in (0..limit).rev() {
            let decision = limiter.check(&key, NonZeroU32::MIN).await;
            assert!(decision.is_allowed());
            assert_eq!(decision.remaining(), left);
            assert_eq!(decision.limit(), limit);
        }
        let refused = limiter.check(&key, NonZeroU32::MIN).await;
        let wait = Duration::from_millis(interval);
        assert_eq!(refused.retry_after(), Some(wait));
        ticks.advance(wait.saturating_sub(Duration::from_millis(1)));
        assert!(!limiter.check(&key, NonZeroU32::MIN).await.is_allowed());
        ticks.advance(Duration::from_millis(1));
        assert!(limiter.check(&key, NonZeroU32::MIN).await.is_allowed());
        assert!(!limiter.check(&key, NonZeroU32::MIN).await.is_allowed());
    }
}

#[tokio::test]
async fn each_is_counted_by_themselves() {
    let ticks = Arc::new(MovedTicks::default());
    let limiter = Memory::with_ticks(Quotas::default(), ticks);
    let spent = Key::of_address(Class::Auth, address("2001:db8::1"));
    for _ in 0..10 {
        limiter.check(&spent, NonZeroU32::MIN).await;
    }
    let did: Did = "did:web:artist.example.com".parse().unwrap();
    for (key, allowed) in [
        (Key::of_address(Class::Auth, address("2001:db8::2")), false),
        (
            Key::of_address(Class::Auth, address("2001:db8:0:1::1")),
            true,
        ),
        (
            Key::of_address(Class::Default, address("2001:db8::1")),
            true,
        ),
        (Key::of_address(Class::Auth, address("192.0.2.1")), true),
        (Key::of_account(Class::Auth, &did), true),
    ] {
        let decision = limiter.check(&key, NonZeroU32::MIN).await;
        assert_eq!(decision.is_allowed(), allowed, "{key}");
    }
}

#[test]
fn an_address_written_as_ipv6_is_the_same() {
    assert_eq!(
        Key::of_address(Class::Auth, address("::ffff:192.0.2.1")),
        Key::of_address(Class::Auth, address("192.0.2.1"))
    );
    let key = Key::of_address(Class::Auth, address("2001:db8::ffff:1"));
    assert_eq!(key.to_string(), "auth:2001:db8::/64");
}

#[tokio::test]
async fn a_request_that_costs_more_than_all_costs_all() {
    let limiter = Memory::with_ticks(Quotas::default(), Arc::new(MovedTicks::default()));
    let key = Key::of_address(Class::Auth, address("192.0.2.1"));
    let much = NonZeroU32::new(1000).unwrap();
    let decision = limiter.check(&key, much).await;
    assert!(decision.is_allowed());
    assert_eq!(decision.remaining(), 0);
    assert!(!limiter.check(&key, NonZeroU32::MIN).await.is_allowed());
}

#[test]
fn the_tighter_of_two_decisions_counts() {
    let quota = |limit| Quota::per_minute(NonZeroU32::new(limit).unwrap());
    let wait = Duration::from_secs(1);
    let (some, more) = (
        Decision::allowed(quota(10), 3),
        Decision::allowed(quota(100), 30),
    );
    let none = Decision::refused(quota(100), wait);
    for (one, other, tighter) in [(some, more, some), (some, none, none), (more, none, none)] {
        assert_eq!(one.tighter(other), tighter);
        assert_eq!(other.tighter(one), tighter);
    }
}
