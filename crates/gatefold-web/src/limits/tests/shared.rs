//! Counting in a server that several instances share.

use gatefold_testkit::databases::Redis as Server;
use proptest::{
    collection::vec,
    prelude::{Strategy, any},
    test_runner::{Config, TestRunner},
};
use tokio::runtime::Runtime;

use super::*;

fn options(url: &str) -> RedisOptions {
    RedisOptions {
        url: url.to_owned(),
        prefix: "gatefold:".to_owned(),
    }
}

fn limiter(url: &str, ticks: &MovedTicks) -> Redis {
    let limiter = Redis::new(&options(url), Quotas::default()).unwrap();
    limiter.with_ticks(Arc::new(ticks.clone()))
}

fn key() -> Key {
    Key::of_address(Class::Auth, address("192.0.2.1"))
}

/// Some time passes, and somebody asks for something.
#[derive(Clone, Debug)]
struct Step {
    passes: Duration,
    class: Class,
    host: u8,
    cost: NonZeroU32,
}

fn step() -> impl Strategy<Value = Step> {
    // Mostly at once; sometimes until much has come back.
    let millis = proptest::prop_oneof![4 => 0..10_u64, 3 => 0..7_000_u64, 1 => 0..90_000_u64];
    (millis, 0..4_usize, 0..2_u8, 1..30_u32).prop_map(|(millis, class, host, cost)| Step {
        passes: Duration::from_millis(millis),
        class: Class::ALL[class],
        host,
        cost: NonZeroU32::new(cost).unwrap(),
    })
}

#[test]
fn both_ways_to_count_agree() {
    let server = Server::start().unwrap();
    let runtime = Runtime::new().unwrap();
    let config = Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    };
    let steps = (any::<u32>(), vec(step(), 1..60));
    let outcome = TestRunner::new(config).run(&steps, |(start, steps)| {
        server.command(&[b"FLUSHALL"]).unwrap();
        let ticks = MovedTicks::default();
        ticks.advance(Duration::from_millis(start.into()));
        let alone = Memory::with_ticks(Quotas::default(), Arc::new(ticks.clone()));
        let shared = limiter(&server.url, &ticks);
        runtime.block_on(async {
            for step in &steps {
                ticks.advance(step.passes);
                let from = IpAddr::from([192, 0, 2, step.host]);
                let key = Key::of_address(step.class, from);
                let here = alone.check(&key, step.cost).await;
                let there = shared.ask(&key, step.cost).await.unwrap();
                proptest::prop_assert_eq!(here, there, "{:?}", step);
            }
            Ok(())
        })
    });
    outcome.unwrap();
}

#[tokio::test]
async fn instances_share_one_quota() {
    let server = Server::start().unwrap();
    let ticks = MovedTicks::default();
    let (one, other) = (limiter(&server.url, &ticks), limiter(&server.url, &ticks));
    for left in (0..10).rev() {
        let limiter = if left % 2 == 0 { &one } else { &other };
        let decision = limiter.ask(&key(), NonZeroU32::MIN).await.unwrap();
        assert_eq!(decision.remaining(), left);
    }
    for limiter in [&one, &other] {
        let decision = limiter.ask(&key(), NonZeroU32::MIN).await.unwrap();
        assert!(!decision.is_allowed());
    }
}

#[tokio::test]
async fn the_servers_own_time_is_what_counts_by_default() {
    let server = Server::start().unwrap();
    let limiter = Redis::new(&options(&server.url), Quotas::default()).unwrap();
    let much = NonZeroU32::new(10).unwrap();
    let decision = limiter.ask(&key(), much).await.unwrap();
    assert!(decision.is_allowed());
    let refused = limiter.ask(&key(), much).await.unwrap();
    assert!(refused.retry_after().unwrap() <= Duration::from_mins(1));
    let kept = server.dump().unwrap();
    assert!(
        kept.starts_with("gatefold:limit:auth:192.0.2.1: "),
        "{kept}"
    );
}

#[tokio::test]
async fn a_server_that_is_gone_keeps_nobody_out_and_lets_nobody_through_uncounted() {
    let server = Server::start().unwrap();
    let ticks = MovedTicks::default();
    let limiter = limiter(&server.url, &ticks);
    assert!(limiter.check(&key(), NonZeroU32::MIN).await.is_allowed());
    server.kill().unwrap();
    let mut allowed = 0;
    for _ in 0..30 {
        let decision = limiter.check(&key(), NonZeroU32::MIN).await;
        allowed += u32::from(decision.is_allowed());
    }
    assert_eq!(allowed, 10);
}

#[tokio::test]
async fn a_server_that_comes_back_is_asked_again() {
    let server = Server::start().unwrap();
    let ticks = MovedTicks::default();
    let limiter = limiter(&server.url, &ticks);
    limiter.ask(&key(), NonZeroU32::MIN).await.unwrap();
    server
        .command(&[b"CLIENT", b"KILL", b"TYPE", b"normal"])
        .unwrap();
    assert!(limiter.ask(&key(), NonZeroU32::MIN).await.is_err());
    // It is left alone for a while, in which this process counts.
    assert!(limiter.ask(&key(), NonZeroU32::MIN).await.is_err());
    assert!(limiter.check(&key(), NonZeroU32::MIN).await.is_allowed());
    ticks.advance(Duration::from_secs(1));
    let decision = limiter.ask(&key(), NonZeroU32::MIN).await.unwrap();
    assert!(decision.is_allowed());
}

#[tokio::test]
async fn nobody_learns_the_servers_password() {
    // Nobody listens on this port, which is reserved.
    let url = "redis://gatefold:correct-horse@127.0.0.1:1";
    let limiter = Redis::new(&options(url), Quotas::default()).unwrap();
    let error = limiter.ask(&key(), NonZeroU32::MIN).await.unwrap_err();
    assert!(!error.to_string().contains("horse"), "{error}");
    assert!(limiter.check(&key(), NonZeroU32::MIN).await.is_allowed());
    for url in ["", "https://127.0.0.1", "redis://[correct-horse"] {
        let error = Redis::new(&options(url), Quotas::default()).err().unwrap();
        assert!(!error.to_string().contains("horse"), "{error}");
    }
}
