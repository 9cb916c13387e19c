//! The registry of supporters over HTTP, as it answers and as it does not.

use std::{sync::Arc, time::Duration};

use gatefold_app::supporters::{Answer, Atprotofans, Supporters, SupportersParts};
use gatefold_domain::{Did, Support};
use gatefold_net::{Client, ClientOptions, SystemResolver};
use gatefold_testkit::{
    ManualClock,
    registry::{Mood, Registry},
};
use tokio::{runtime::Handle, time::Instant};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const ARTIST: &str = "did:web:artist.example.com";
const FAN: &str = "did:web:localhost%3A2583";

struct World {
    registry: Registry,
    supporters: Supporters,
    clock: ManualClock,
}

impl World {
    async fn new() -> Result<Self> {
        let registry = Registry::start().await?;
        let options = ClientOptions {
            insecure_loopback: true,
            ..ClientOptions::default()
        };
        let net = Client::new(options, Arc::new(SystemResolver))?;
        let clock = ManualClock::at_unix(1_000_000);
        let supporters = Supporters::new(SupportersParts {
            registry: Arc::new(Atprotofans::new(net, &registry.url)?),
            clock: Arc::new(clock.clone()),
            background: Handle::current(),
        });
        Ok(Self {
            registry,
            supporters,
            clock,
        })
    }

    async fn ask(&self, fan: &str) -> Result<Answer> {
        let (fan, artist): (Did, Did) = (fan.parse()?, ARTIST.parse()?);
        Ok(self.supporters.supports(&fan, &artist).await)
    }

    async fn is(&self, fan: &str) -> Result<Support> {
        Ok(self.ask(fan).await?.support)
    }
}

#[tokio::test]
async fn it_is_asked_as_it_wants_to_be_and_believed() -> Result {
    let world = World::new().await?;
    world.registry.add(FAN, ARTIST);
    assert_eq!(world.is(FAN).await?, Support::Yes);
    assert_eq!(world.is(FAN).await?, Support::Yes);
    assert_eq!(world.registry.asked(FAN, ARTIST), 1);
    assert_eq!(world.is("did:web:other.example.com").await?, Support::No);
    world.registry.remove(FAN, ARTIST);
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(world.is(FAN).await?, Support::No);
    Ok(())
}

#[tokio::test]
async fn whatever_is_no_answer_is_unknown() -> Result {
    for mood in [
        Mood::Gone,
        Mood::Says(500, "", "{\"valid\":false}"),
        Mood::Says(200, "", "<!doctype html><title>Maintenance</title>"),
        Mood::Says(200, "", "{\"valid\":\"false\"}"),
        Mood::Says(200, "", "{}"),
        Mood::Says(204, "", ""),
        Mood::Says(302, "Location: https://example.com/\r\n", ""),
        Mood::Says(200, "", "[true]"),
        Mood::Says(408, "", "{\"valid\":false}"),
        Mood::Long(64 * 1024 + 1),
    ] {
        let world = World::new().await?;
        world.registry.set(mood.clone());
        let answer = world.ask(FAN).await?;
        assert_eq!(answer.support, Support::Unknown, "{mood:?}");
        assert!(answer.retry_after.is_some(), "{mood:?}");
        // And somebody who was known to be a supporter stays one for a while.
        let world = World::new().await?;
        world.registry.add(FAN, ARTIST);
        assert_eq!(world.is(FAN).await?, Support::Yes);
        world.registry.set(mood.clone());
        world.clock.advance(Duration::from_mins(9));
        assert_eq!(world.is(FAN).await?, Support::Yes, "{mood:?}");
        assert_eq!(world.registry.asked(FAN, ARTIST), 2, "{mood:?}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_says_nothing_is_not_waited_for() -> Result {
    for mood in [Mood::Silent, Mood::Unfinished] {
        let world = World::new().await?;
        world.registry.add(FAN, ARTIST);
        world.registry.set(mood.clone());
        let begun = Instant::now();
        assert_eq!(world.is(FAN).await?, Support::Unknown, "{mood:?}");
        assert_eq!(begun.elapsed().as_secs(), 3, "{mood:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_may_be_long_within_reason() -> Result {
    let world = World::new().await?;
    world.registry.add(FAN, ARTIST);
    world.registry.set(Mood::Long(64 * 1024));
    assert_eq!(world.is(FAN).await?, Support::Yes);
    Ok(())
}

#[tokio::test]
async fn a_person_who_is_refused_keeps_nobody_else_out() -> Result {
    let world = World::new().await?;
    world.registry.set(Mood::SaysOf(FAN.to_owned(), 400));
    for _ in 0..10 {
        let answer = world.ask(FAN).await?;
        assert_eq!(answer.support, Support::Unknown);
        assert_eq!(answer.retry_after, Some(Duration::from_secs(30)));
        world.clock.advance(Duration::from_secs(30));
    }
    assert_eq!(world.registry.asked(FAN, ARTIST), 10);
    let other = "did:web:other.example.com";
    world.registry.add(other, ARTIST);
    assert_eq!(world.is(other).await?, Support::Yes);
    Ok(())
}

#[tokio::test]
async fn who_asks_for_rest_gets_it() -> Result {
    let world = World::new().await?;
    world
        .registry
        .set(Mood::Says(429, "Retry-After: 40\r\n", "{}"));
    assert_eq!(world.is(FAN).await?, Support::Unknown);
    let other = "did:web:other.example.com";
    let answer = world.ask(other).await?;
    assert_eq!(answer.retry_after, Some(Duration::from_secs(40)));
    assert_eq!(world.registry.asked(other, ARTIST), 0);
    Ok(())
}
