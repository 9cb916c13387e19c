//! Over a registry that answers when and what a test says.

use std::sync::atomic::{AtomicUsize, Ordering};

use gatefold_testkit::ManualClock;
use tokio::sync::Notify;

use super::{super::registry::Asking, *};

/// What the registry does with a question.
#[derive(Clone, Copy)]
enum Does {
    Tells(bool),
    Refuses,
    Fails(Option<Duration>),
    /// Waits until it is let go on, and then says yes.
    Waits,
    Panics,
    NeverEnds,
}

struct Scripted {
    does: Mutex<Does>,
    asked: AtomicUsize,
    go_on: Notify,
}

impl Registry for Scripted {
    fn ask<'a>(&'a self, _: &'a Did, _: &'a Did) -> Asking<'a> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let does = *lock(&self.does);
        Box::pin(async move {
            match does {
                Does::Tells(answer) => Ok(answer),
                Does::Refuses => Err(RegistryError::Refused),
                Does::Fails(retry_after) => Err(RegistryError::Failed { retry_after }),
                Does::Waits => {
                    self.go_on.notified().await;
                    Ok(true)
                }
                Does::Panics => panic!("a defect of the registry's client"),
                Does::NeverEnds => std::future::pending().await,
            }
        })
    }
}

struct World {
    supporters: Supporters,
    registry: Arc<Scripted>,
    clock: ManualClock,
}

impl World {
    fn new(does: Does) -> Self {
        let registry = Arc::new(Scripted {
            does: Mutex::new(does),
            asked: AtomicUsize::new(0),
            go_on: Notify::new(),
        });
        let clock = ManualClock::at_unix(1_000_000);
        let supporters = Supporters::new(SupportersParts {
            registry: Arc::clone(&registry) as _,
            clock: Arc::new(clock.clone()),
            background: Handle::current(),
        });
        Self {
            supporters,
            registry,
            clock,
        }
    }

    fn now(&self, does: Does) {
        *lock(&self.registry.does) = does;
    }

    fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    async fn ask(&self, supporter: char) -> Answer {
        let supporters = &self.supporters;
        supporters.supports(&did(supporter), &did('a')).await
    }

    fn asked(&self) -> usize {
        self.registry.asked.swap(0, Ordering::SeqCst)
    }
}

fn did(letter: char) -> Did {
    let did = format!("did:plc:{}", letter.to_string().repeat(24));
    did.parse().unwrap()
}

fn unknown(seconds: u64) -> Answer {
    Answer::left(Support::Unknown, Duration::from_secs(seconds))
}

const YES: Answer = Answer::known(Support::Yes);
const NO: Answer = Answer::known(Support::No);

#[tokio::test]
async fn a_revoked_supporter_is_stopped_within_a_minute() {
    let world = World::new(Does::Tells(true));
    assert_eq!(world.ask('s').await, YES);
    world.now(Does::Tells(false));
    world.later(59);
    assert_eq!(world.ask('s').await, YES);
    assert_eq!(world.asked(), 1);
    world.later(1);
    assert_eq!(world.ask('s').await, NO);
    assert_eq!(world.asked(), 1);
    // And a new one is let in as soon.
    world.now(Does::Tells(true));
    world.later(60);
    assert_eq!(world.ask('s').await, YES);
}

#[tokio::test]
async fn a_yes_outlives_a_failing_registry_by_ten_minutes_and_a_no_never_comes_of_it() {
    let world = World::new(Does::Tells(true));
    assert_eq!(world.ask('s').await, YES);
    world.now(Does::Fails(None));
    world.later(599);
    assert_eq!(world.ask('s').await, YES);
    assert_eq!(world.asked(), 2, "it was asked and gave nothing");
    world.later(1);
    assert_eq!(world.ask('s').await, unknown(4));
    assert_eq!(world.asked(), 0, "and is not asked again so soon");
    world.later(4);
    assert_eq!(world.ask('s').await, unknown(5));
    assert_eq!(world.asked(), 1);

    let world = World::new(Does::Tells(false));
    assert_eq!(world.ask('s').await, NO);
    world.now(Does::Fails(None));
    world.later(60);
    assert_eq!(world.ask('s').await, unknown(5));
}

#[tokio::test]
async fn a_clock_that_is_set_back_keeps_nothing_longer() {
    for (by, asked) in [(1, 0), (2, 1), (3600, 1)] {
        let world = World::new(Does::Tells(true));
        assert_eq!(world.ask('s').await, YES);
        world.later(30);
        assert_eq!(world.ask('s').await, YES);
        assert_eq!(world.asked(), 1);
        world.clock.set_back(Duration::from_secs(by));
        world.now(Does::Tells(false));
        let answer = if asked == 0 { YES } else { NO };
        assert_eq!(world.ask('s').await, answer, "{by}");
        assert_eq!(world.asked(), asked, "{by}");
        // From then on, it is remembered as ever.
        assert_eq!(world.ask('s').await, answer, "{by}");
        assert_eq!(world.asked(), 0, "{by}");
    }
    // A "yes" of before is not good for want of another.
    let world = World::new(Does::Tells(true));
    assert_eq!(world.ask('s').await, YES);
    world.later(300);
    world.now(Does::Fails(None));
    assert_eq!(world.ask('s').await, YES);
    world.clock.set_back(Duration::from_mins(2));
    assert_eq!(world.ask('s').await, unknown(5));
}

#[tokio::test]
async fn a_clock_that_goes_back_by_little_and_little_was_set_back() {
    let world = World::new(Does::Tells(true));
    assert_eq!(world.ask('s').await, YES);
    world.later(30);
    assert_eq!(world.ask('s').await, YES);
    world.now(Does::Tells(false));
    for answer in [YES, YES, NO] {
        world.clock.set_back(Duration::from_millis(400));
        assert_eq!(world.ask('s').await, answer);
    }
}

#[tokio::test]
async fn who_asks_at_the_same_time_shares_one_question_and_may_leave() {
    let world = Arc::new(World::new(Does::Waits));
    let mut crowd: Vec<_> = (0..50)
        .map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { world.ask('s').await })
        })
        .collect();
    // All of them have begun to wait, in the order in which they came.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let first = crowd.remove(0);
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    world.registry.go_on.notify_one();
    for one in crowd {
        assert_eq!(one.await.unwrap(), YES);
    }
    assert_eq!(world.asked(), 1);
}

#[tokio::test]
async fn a_registry_that_refuses_one_person_is_asked_of_others() {
    let world = World::new(Does::Refuses);
    for letter in 'b'..='z' {
        assert_eq!(world.ask(letter).await, unknown(30));
    }
    world.now(Does::Tells(true));
    assert_eq!(world.ask('2').await, YES);
    // Who was refused is asked for again later.
    world.later(29);
    assert_eq!(world.ask('b').await, unknown(1));
    world.later(1);
    assert_eq!(world.ask('b').await, YES);
}

#[tokio::test]
async fn a_yes_does_not_outlive_a_refusal() {
    let world = World::new(Does::Tells(true));
    assert_eq!(world.ask('s').await, YES);
    world.now(Does::Refuses);
    world.later(60);
    assert_eq!(world.ask('s').await, unknown(30));
    // Nor does it come back when the registry fails later.
    world.now(Does::Fails(None));
    world.later(30);
    assert_eq!(world.ask('s').await, unknown(5));
}

#[tokio::test]
async fn a_registry_that_fails_is_left_alone() {
    let world = World::new(Does::Fails(None));
    for letter in 'b'..='f' {
        assert_eq!(world.ask(letter).await, unknown(5));
    }
    assert_eq!(world.asked(), 5);
    world.now(Does::Tells(true));
    assert_eq!(world.ask('g').await, unknown(10));
    assert_eq!(world.asked(), 0);
    world.later(10);
    assert_eq!(world.ask('g').await, YES);
    assert_eq!(world.ask('h').await, YES);
}

#[tokio::test]
async fn a_registry_that_asks_for_rest_gets_it() {
    let world = World::new(Does::Fails(Some(Duration::from_secs(20))));
    assert_eq!(world.ask('b').await, unknown(5));
    assert_eq!(world.ask('c').await, unknown(20));
    assert_eq!(world.asked(), 1);
    world.now(Does::Tells(false));
    world.later(20);
    assert_eq!(world.ask('c').await, NO);
}

#[tokio::test]
async fn a_yes_is_good_while_the_registry_rests() {
    let world = World::new(Does::Tells(true));
    assert_eq!(world.ask('s').await, YES);
    world.now(Does::Fails(None));
    world.later(61);
    for letter in 'b'..='f' {
        world.ask(letter).await;
    }
    assert_eq!(world.ask('s').await, YES);
}

#[tokio::test]
async fn a_defect_of_one_question_is_the_end_of_no_other() {
    let world = World::new(Does::Panics);
    assert_eq!(world.ask('s').await, unknown(5));
    world.now(Does::Tells(true));
    assert_eq!(world.ask('s').await, YES);
}

#[tokio::test(start_paused = true)]
async fn a_question_without_end_ends() {
    let world = World::new(Does::NeverEnds);
    assert_eq!(world.ask('s').await, unknown(5));
}

#[tokio::test]
async fn too_many_questions_are_not_queued() {
    let world = Arc::new(World::new(Does::Waits));
    let artist = did('a');
    let waiting: Vec<_> = (0..AT_ONCE)
        .map(|number| {
            let world = Arc::clone(&world);
            let supporter: Did = format!("did:web:fan{number}.example.com").parse().unwrap();
            let artist = artist.clone();
            tokio::spawn(async move { world.supporters.supports(&supporter, &artist).await })
        })
        .collect();
    while world.registry.asked.load(Ordering::SeqCst) < AT_ONCE {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.ask('s').await, unknown(1));
    for _ in 0..AT_ONCE {
        world.registry.go_on.notify_one();
        tokio::task::yield_now().await;
    }
    for one in waiting {
        assert_eq!(one.await.unwrap(), YES);
    }
    world.now(Does::Tells(true));
    assert_eq!(world.ask('s').await, YES);
}
