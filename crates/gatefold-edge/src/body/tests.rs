//! What is sent of an object, whatever its origin does.

mod fetches;
mod files;
mod kinds;
mod sent;

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
