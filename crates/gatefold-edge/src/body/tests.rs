//! What is sent of an object, whatever its origin does.

mod fetches;
mod files;
mod kinds;

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Buf;
use futures_core::Stream;
use gatefold_edge_core::{ByteRange, MediaType};
use gatefold_seal::Source;
use gatefold_testkit::ManualClock;
use http_body_util::BodyExt;
use tokio::{runtime::Handle, sync::Semaphore};

use super::*;
use crate::{
    CacheOptions, Freshness, Origins, TagKey,
    cache::Cache,
    catalogue::Known,
    origin::{BoxFuture, Chunks, Facts, Looked, Origin, OriginError, Version},
    outlet::Outlet,
    place::PlaceRef,
    supply::{Supply, Surroundings, Way},
};

const NOW: u64 = 1_778_850_000;
const SLICE: u64 = 1024;
const CHUNK: usize = 300;

/// An origin that does as it is told.
struct Scripted {
    content: Mutex<Vec<u8>>,
    version: Mutex<u8>,
    ranges: bool,
    versioned: bool,
    reads: AtomicUsize,
    looks: AtomicUsize,
    is_down: AtomicBool,
    /// A read gives up after that many bytes of the object.
    breaks_at: Mutex<Option<usize>>,
    /// Every chunk needs leave.
    leave: Option<Arc<Semaphore>>,
}

impl Scripted {
    fn new(len: usize) -> Self {
        Self {
            content: Mutex::new(content(len, 1)),
            version: Mutex::new(1),
            ranges: true,
            versioned: true,
            reads: AtomicUsize::new(0),
            looks: AtomicUsize::new(0),
            is_down: AtomicBool::new(false),
            breaks_at: Mutex::new(None),
            leave: None,
        }
    }

    fn change(&self, len: usize) {
        let mut version = self.version.lock().unwrap();
        *version = version.wrapping_add(1);
        *self.content.lock().unwrap() = content(len, *version);
    }

    fn facts(&self) -> Facts {
        Facts {
            len: Some(self.content.lock().unwrap().len() as u64),
            version: self
                .versioned
                .then(|| Version::new(&[*self.version.lock().unwrap()])),
            modified: None,
            media_type: MediaType::of_name("a.wav"),
            ranges: self.ranges,
        }
    }
}

fn content(len: usize, version: u8) -> Vec<u8> {
    (0..len)
        .map(|at| u8::try_from(at % 251).unwrap() ^ version)
        .collect()
}

impl Origin for Scripted {
    fn look<'a>(
        &'a self,
        _: &'a str,
        known: Option<&'a Version>,
    ) -> BoxFuture<'a, Result<Looked, OriginError>> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        let facts = self.facts();
        let looked = if self.is_down.load(Ordering::Relaxed) {
            Err(OriginError::Failed)
        } else if known.is_some() && known == facts.version.as_ref() {
            Ok(Looked::Unchanged)
        } else {
            Ok(Looked::Is(facts))
        };
        Box::pin(async { looked })
    }

    fn read<'a>(
        &'a self,
        _: &'a str,
        facts: &'a Facts,
        first: u64,
        last: Option<u64>,
    ) -> BoxFuture<'a, Result<Chunks, OriginError>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            if facts.version.is_some() && self.facts().version != facts.version {
                return Err(OriginError::Changed);
            }
            let content = self.content.lock().unwrap().clone();
            let end = last.map_or(content.len(), |last| {
                usize::try_from(last.saturating_add(1)).unwrap()
            });
            let first = usize::try_from(first).unwrap();
            let breaks_at = *self.breaks_at.lock().unwrap();
            let mut chunks = Vec::new();
            for at in (first..end).step_by(CHUNK) {
                let to = at.saturating_add(CHUNK).min(end);
                if breaks_at.is_some_and(|broken| broken < to) {
                    chunks.push(Err(OriginError::Failed));
                    break;
                }
                chunks.push(Ok(Bytes::copy_from_slice(&content[at..to])));
            }
            Ok(Box::pin(Script {
                chunks: chunks.into_iter(),
                leave: self.leave.clone(),
            }) as Chunks)
        })
    }
}

struct Script {
    chunks: std::vec::IntoIter<Result<Bytes, OriginError>>,
    leave: Option<Arc<Semaphore>>,
}

impl Stream for Script {
    type Item = Result<Bytes, OriginError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(leave) = &self.leave {
            let Ok(permit) = leave.try_acquire() else {
                context.waker().wake_by_ref();
                return Poll::Pending;
            };
            permit.forget();
        }
        Poll::Ready(self.chunks.next())
    }
}

struct Bench {
    origin: Arc<Scripted>,
    supply: Arc<Supply>,
    clock: ManualClock,
    source: Source,
}

impl Bench {
    fn new(origin: Scripted, memory: u64) -> Self {
        let options = CacheOptions {
            memory,
            slice: SLICE,
            ..CacheOptions::default()
        };
        Self::with(origin, &options)
    }

    fn with(origin: Scripted, options: &CacheOptions) -> Self {
        Self::over(origin, None, options)
    }

    /// The same, with a bucket of public objects beside it.
    fn over(origin: Scripted, public: Option<Scripted>, options: &CacheOptions) -> Self {
        let (origin, clock) = (Arc::new(origin), ManualClock::at_unix(NOW));
        let origins = Origins {
            private: Some(Arc::clone(&origin) as Arc<dyn Origin>),
            public: public.map(|public| Arc::new(public) as Arc<dyn Origin>),
            ..Origins::default()
        };
        let supply = Supply::new(
            origins,
            Arc::new(Cache::open(options).unwrap()),
            Freshness::default(),
            TagKey::from_bytes([1; 32].into()),
            Surroundings {
                clock: Arc::new(clock.clone()),
                metrics: Arc::default(),
                background: Handle::current(),
            },
        );
        Self {
            origin,
            supply: Arc::new(supply),
            clock,
            source: Source::parse("private:a.wav", None).unwrap(),
        }
    }

    async fn find(&self) -> Result<Arc<Known>, OriginError> {
        let now = UnixSeconds::from(self.clock.now());
        self.supply.find(PlaceRef::Sealed(&self.source), now).await
    }

    fn deadline(&self) -> Deadline {
        Deadline {
            clock: Arc::new(self.clock.clone()),
            last: UnixSeconds(NOW + 1000),
        }
    }

    async fn body(&self, first: u64, last: u64) -> Result<Body, OriginError> {
        self.body_for(first, last, None).await
    }

    async fn body_for(
        &self,
        first: u64,
        last: u64,
        outlet: Option<Outlet>,
    ) -> Result<Body, OriginError> {
        let known = self.find().await?;
        self.body_of(&known, first, last, outlet).await
    }

    async fn body_of(
        &self,
        known: &Arc<Known>,
        first: u64,
        last: u64,
        outlet: Option<Outlet>,
    ) -> Result<Body, OriginError> {
        let range = ByteRange { first, last };
        match self.supply.way(known) {
            Way::Slices(tag) => {
                let deadline = self.deadline();
                let mut sending = Sending::new(&self.supply, known, tag, range, deadline, outlet);
                sending.prime().await?;
                Ok(Body::sending(sending))
            }
            Way::Through => {
                let through = self.supply.through(known, first, Some(last));
                let len = Some(range.len());
                Ok(Body::through(Through::new(
                    through.await?,
                    len,
                    self.deadline(),
                )))
            }
        }
    }

    async fn read(&self, first: u64, last: u64) -> Option<Vec<u8>> {
        let body = self.body(first, last).await.ok()?;
        Some(body.collect().await.ok()?.to_bytes().to_vec())
    }

    /// Until everything that is being fetched is kept.
    async fn settle(&self) {
        while !self.supply.flights.is_empty() {
            tokio::task::yield_now().await;
        }
    }

    fn reads(&self) -> usize {
        self.origin.reads.swap(0, Ordering::Relaxed)
    }
}

fn bytes(frame: Frame<Piece>) -> Vec<u8> {
    let mut piece = frame.into_data().ok().unwrap();
    piece.copy_to_bytes(piece.remaining()).to_vec()
}

const LEN: usize = 10_000;
const RANGES: [(u64, u64); 8] = [
    (0, 0),
    (0, 9_999),
    (9_999, 9_999),
    (1023, 1024),
    (1024, 2047),
    (1, 5_000),
    (4_096, 9_998),
    (9_216, 9_999),
];

fn part(version: u8, first: u64, last: u64) -> Vec<u8> {
    let (first, last) = (
        usize::try_from(first).unwrap(),
        usize::try_from(last).unwrap(),
    );
    content(LEN, version)[first..=last].to_vec()
}

#[tokio::test]
async fn every_part_is_right_from_memory_from_disk_and_from_the_origin() {
    for (memory, is_disk, ranges, versioned) in [
        (1 << 20, false, true, true),
        (1 << 20, false, false, true),
        (0, false, true, true),
        (0, false, false, true),
        (0, true, true, true),
        (0, true, false, true),
        (4096, true, true, true),
        (1 << 20, true, true, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let origin = Scripted {
            ranges,
            versioned,
            ..Scripted::new(LEN)
        };
        let options = CacheOptions {
            memory,
            folder: is_disk.then(|| folder.path().to_owned()),
            slice: SLICE,
            ..CacheOptions::default()
        };
        let bench = Bench::with(origin, &options);
        for _ in 0..3 {
            for (first, last) in RANGES {
                let read = bench.read(first, last).await.unwrap();
                assert!(
                    read == part(1, first, last),
                    "{first}-{last}, {memory} bytes of memory, disk {is_disk}, ranges {ranges}"
                );
            }
        }
    }
}

#[tokio::test]
async fn what_is_kept_is_not_fetched_again() {
    let bench = Bench::new(Scripted::new(LEN), 1 << 20);
    bench.read(0, 9_999).await.unwrap();
    assert_eq!(bench.reads(), 10, "once for each slice");
    bench.settle().await;
    for (first, last) in RANGES {
        bench.read(first, last).await.unwrap();
    }
    assert_eq!(bench.reads(), 0);
    assert_eq!(bench.origin.looks.load(Ordering::Relaxed), 1);
    let counted = bench.supply.around.metrics.render();
    assert!(
        counted.contains("gatefold_edge_origin_requests_total{result=\"answered\"} 11\n"),
        "one look and ten reads: {counted}"
    );
    assert!(
        !counted.contains("gatefold_edge_slices_total{from=\"memory\"} 0\n"),
        "{counted}"
    );
}

#[tokio::test]
async fn one_fetch_serves_all_who_wait_and_who_leaves_breaks_nobody() {
    let leave = Arc::new(Semaphore::new(0));
    let origin = Scripted {
        leave: Some(Arc::clone(&leave)),
        ..Scripted::new(900)
    };
    let bench = Bench::new(origin, 1 << 20);
    let all = async {
        let reads = (0..20).map(|_| bench.read(0, 899));
        futures_join(reads).await
    };
    // The first to ask leaves before anything has come.
    let first = bench.body(0, 899);
    tokio::select! {
        biased;
        _ = first => panic!("nothing may come yet"),
        () = tokio::task::yield_now() => {}
    }
    let (all, ()) = tokio::join!(all, async { leave.add_permits(100) });
    let rest = content(900, 1);
    assert!(all.iter().all(|read| read.as_ref() == Some(&rest)));
    assert_eq!(bench.reads(), 1);
    assert_eq!(bench.origin.looks.load(Ordering::Relaxed), 1);
}

/// All of them, side by side.
async fn futures_join<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn an_object_that_changes_never_yields_a_mixture() {
    let bench = Bench::new(Scripted::new(LEN), 1 << 20);
    let mut body = bench.body(0, 9_999).await.unwrap();
    let first = body.frame().await.unwrap().unwrap();
    let mut sent = bytes(first);
    bench.origin.change(LEN);
    let broken = loop {
        match body.frame().await {
            Some(Ok(frame)) => sent.extend_from_slice(&bytes(frame)),
            Some(Err(_)) => break true,
            None => break false,
        }
    };
    assert!(broken, "the rest of the old version cannot be had");
    assert!(sent == content(LEN, 1)[..sent.len()]);
    // Now it is known, and the new version is what there is.
    assert!(bench.read(0, 9_999).await.unwrap() == content(LEN, 2));

    // Noticed when it is asked for again, although nothing has failed.
    bench.origin.change(500);
    bench.clock.advance(Duration::from_secs(61));
    assert!(bench.read(0, 499).await.unwrap() == content(500, 3));
}

#[tokio::test]
async fn an_origin_that_breaks_off_breaks_the_answer_and_not_the_next() {
    for ranges in [true, false] {
        let origin = Scripted {
            ranges,
            ..Scripted::new(LEN)
        };
        let bench = Bench::new(origin, 1 << 20);
        *bench.origin.breaks_at.lock().unwrap() = Some(3_000);
        assert_eq!(bench.read(0, 9_999).await, None);
        *bench.origin.breaks_at.lock().unwrap() = None;
        assert!(bench.read(0, 9_999).await.unwrap() == content(LEN, 1));
    }
}

#[tokio::test]
async fn what_is_known_outlives_an_origin_that_is_down_for_a_while() {
    let bench = Bench::new(Scripted::new(LEN), 1 << 20);
    bench.read(0, 9_999).await.unwrap();
    bench.origin.is_down.store(true, Ordering::Relaxed);
    bench.clock.advance(Duration::from_mins(9));
    assert!(bench.read(0, 9_999).await.unwrap() == content(LEN, 1));
    bench.clock.advance(Duration::from_mins(2));
    assert_eq!(bench.find().await.err(), Some(OriginError::Failed));
    bench.origin.is_down.store(false, Ordering::Relaxed);
    assert!(bench.read(0, 9_999).await.is_some());
}

#[tokio::test]
async fn a_purge_makes_it_ask_anew() {
    let bench = Bench::new(Scripted::new(LEN), 1 << 20);
    bench.read(0, 9_999).await.unwrap();
    bench.settle().await;
    bench.reads();
    assert_eq!(bench.supply.purge(|name| name == "private:b.wav"), 0);
    bench.read(0, 9_999).await.unwrap();
    assert_eq!(bench.reads(), 0);
    assert_eq!(bench.supply.purge(|name| name == "private:a.wav"), 10);
    bench.read(0, 9_999).await.unwrap();
    assert_eq!(bench.reads(), 10);
    assert_eq!(bench.origin.looks.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn an_answer_is_cut_off_when_it_outlives_its_url_by_too_much() {
    for versioned in [true, false] {
        let origin = Scripted {
            versioned,
            ..Scripted::new(LEN)
        };
        let bench = Bench::new(origin, 1 << 20);
        let mut body = bench.body(0, 9_999).await.unwrap();
        bench.clock.advance(Duration::from_secs(1000));
        assert!(body.frame().await.unwrap().is_ok());
        assert!(body.frame().await.unwrap().is_ok());
        bench.clock.advance(Duration::from_secs(1));
        assert!(body.frame().await.unwrap().is_err());
        assert!(body.frame().await.is_none());
    }
}

#[tokio::test]
async fn an_origin_without_validators_is_asked_each_time_and_held_to_its_word() {
    let origin = Scripted {
        versioned: false,
        ..Scripted::new(LEN)
    };
    let bench = Bench::new(origin, 1 << 20);
    for _ in 0..2 {
        assert!(bench.read(0, 9_999).await.unwrap() == content(LEN, 1));
        assert_eq!(bench.reads(), 1, "passed through once");
    }
    *bench.origin.breaks_at.lock().unwrap() = Some(3_000);
    assert_eq!(bench.read(0, 9_999).await, None);
}

#[tokio::test]
async fn what_is_on_its_way_is_bounded_by_its_bytes() {
    let bench = Bench::new(Scripted::new(LEN), 1 << 20);
    let whole = bench.supply.room(200 * SLICE).await;
    tokio::select! {
        biased;
        _ = bench.supply.room(100 * SLICE) => panic!("there is no room for another"),
        () = tokio::task::yield_now() => {}
    }
    let slice = bench.supply.room(SLICE).await;
    drop((whole, slice));
    assert!(
        bench.supply.room(u64::MAX).await.is_some(),
        "one of any size"
    );
}
