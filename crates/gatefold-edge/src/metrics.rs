//! What an edge counts of itself. All lists are closed: no label ever carries a source, a token, a
//! person or a host.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use gatefold_ops::metrics::{Counters, Exposition, Gauge, Histogram, Kind};
use tokio::time::Instant;

use crate::{
    origin::OriginError,
    outcome::{OUTCOMES, Outcome},
};

/// Where a slice of an object was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// In memory.
    Memory,
    /// In the cache on disk.
    Disk,
    /// Nowhere: it came from the origin.
    Miss,
}

impl Hit {
    const NAMES: [&str; 3] = ["memory", "disk", "miss"];

    fn place(self) -> usize {
        match self {
            Self::Memory => 0,
            Self::Disk => 1,
            Self::Miss => 2,
        }
    }
}

/// What became of a request to an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It answered.
    Answered,
    /// It has no such object.
    NotFound,
    /// It refused.
    Refused,
    /// The object is another by now.
    Changed,
    /// It took too long.
    TimedOut,
    /// Anything else.
    Failed,
}

impl From<OriginError> for Asked {
    fn from(error: OriginError) -> Self {
        match error {
            OriginError::NotFound => Self::NotFound,
            OriginError::Refused => Self::Refused,
            OriginError::Changed => Self::Changed,
            OriginError::TimedOut => Self::TimedOut,
            OriginError::Failed => Self::Failed,
        }
    }
}

impl Asked {
    const NAMES: [&str; 6] = [
        "answered",
        "not_found",
        "refused",
        "changed",
        "timed_out",
        "failed",
    ];

    fn place(self) -> usize {
        match self {
            Self::Answered => 0,
            Self::NotFound => 1,
            Self::Refused => 2,
            Self::Changed => 3,
            Self::TimedOut => 4,
            Self::Failed => 5,
        }
    }
}

/// Why a connection was ended before its client ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// A request's head did not come in time.
    Head,
    /// No further request came.
    Idle,
    /// The client took nothing.
    Stalled,
    /// The client took too little.
    Slow,
}

impl Ended {
    const NAMES: [&str; 4] = ["head", "idle", "stalled", "slow"];

    fn place(self) -> usize {
        match self {
            Self::Head => 0,
            Self::Idle => 1,
            Self::Stalled => 2,
            Self::Slow => 3,
        }
    }
}

/// Upper ends of the origin's times: from a bucket in the same house to one that is about to be
/// given up.
const ORIGIN_MILLIS: [u64; 11] = [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000];

/// What an edge counts. Shared by all of its cores.
pub struct Metrics {
    outcomes: Counters<OUTCOMES>,
    public: Counters<OUTCOMES>,
    sent: Counters<1>,
    slices: Counters<3>,
    asked: Counters<6>,
    origin_time: Histogram<11>,
    ended: Counters<4>,
    connections: Gauge,
    streams: Gauge,
    memory: AtomicU64,
    disk: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            outcomes: Counters::default(),
            public: Counters::default(),
            sent: Counters::default(),
            slices: Counters::default(),
            asked: Counters::default(),
            origin_time: Histogram::new(ORIGIN_MILLIS.map(Duration::from_millis)),
            ended: Counters::default(),
            connections: Gauge::default(),
            streams: Gauge::default(),
            memory: AtomicU64::new(0),
            disk: AtomicU64::new(0),
        }
    }
}

impl Metrics {
    /// A request under `/securev1/` was answered.
    pub fn outcome(&self, outcome: Outcome) {
        self.outcomes.add(outcome.place(), 1);
    }

    /// A request under `/media/` was answered.
    pub fn public(&self, outcome: Outcome) {
        self.public.add(outcome.place(), 1);
    }

    /// Bytes of bodies were handed to connections.
    pub fn sent(&self, bytes: u64) {
        self.sent.add(0, bytes);
    }

    /// A slice was looked up.
    pub fn slice(&self, hit: Hit) {
        self.slices.add(hit.place(), 1);
    }

    /// An origin was asked, and this is what came of it after this long.
    pub fn origin(&self, asked: Asked, took: Duration) {
        self.asked.add(asked.place(), 1);
        self.origin_time.record(took);
    }

    /// Counts an origin's answer, and how long it took from `began` on.
    pub(crate) fn asked<T>(&self, began: Instant, answer: &Result<T, OriginError>) {
        let asked = match answer {
            Ok(_) => Asked::Answered,
            Err(error) => Asked::from(*error),
        };
        self.origin(asked, began.elapsed());
    }

    /// What the cache holds now, in bytes.
    pub fn cached(&self, memory: u64, disk: u64) {
        self.memory.store(memory, Relaxed);
        self.disk.store(disk, Relaxed);
    }

    /// A connection was ended.
    pub(crate) fn ended(&self, ended: Ended) {
        self.ended.add(ended.place(), 1);
    }

    /// Connections now.
    pub(crate) fn connections(&self) -> &Gauge {
        &self.connections
    }

    /// Answers that are being sent now.
    pub(crate) fn streams(&self) -> &Gauge {
        &self.streams
    }

    /// Everything, as Prometheus reads it.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = Exposition::default();
        let requests = "gatefold_edge_requests_total";
        let help = "Requests for sealed URLs, by what became of them.";
        text.family(requests, help, Kind::Counter);
        for outcome in Outcome::ALL {
            let (name, stage) = outcome.labels();
            let labels = [("outcome", name), ("stage", stage)];
            text.sample(requests, &labels, self.outcomes.get(outcome.place()));
        }
        let requests = "gatefold_edge_public_requests_total";
        let help = "Requests for public objects, by what became of them.";
        text.family(requests, help, Kind::Counter);
        for outcome in Outcome::ALL.into_iter().filter(|it| it.is_without_seal()) {
            let (name, stage) = outcome.labels();
            let labels = [("outcome", name), ("stage", stage)];
            text.sample(requests, &labels, self.public.get(outcome.place()));
        }
        text.single(
            "gatefold_edge_sent_bytes_total",
            "Bytes of bodies, of the edge and of what shares its address.",
            Kind::Counter,
            self.sent.get(0),
        );
        closed(
            &mut text,
            (
                "gatefold_edge_slices_total",
                "Slices looked up, by where they were.",
            ),
            "from",
            &Hit::NAMES,
            &self.slices,
        );
        closed(
            &mut text,
            (
                "gatefold_edge_origin_requests_total",
                "Requests to origins, by result.",
            ),
            "result",
            &Asked::NAMES,
            &self.asked,
        );
        text.histogram(
            "gatefold_edge_origin_seconds",
            "How long origins took to answer.",
            &self.origin_time,
        );
        closed(
            &mut text,
            (
                "gatefold_edge_connections_ended_total",
                "Connections ended by the edge, by what the client failed to do.",
            ),
            "reason",
            &Ended::NAMES,
            &self.ended,
        );
        for (name, help, value) in [
            (
                "gatefold_edge_connections",
                "Connections now.",
                self.connections.get(),
            ),
            (
                "gatefold_edge_streams",
                "Answers that are being sent now.",
                self.streams.get(),
            ),
        ] {
            text.single(name, help, Kind::Gauge, value);
        }
        let cached = "gatefold_edge_cache_bytes";
        text.family(cached, "What the cache holds now.", Kind::Gauge);
        text.sample(cached, &[("in", "memory")], self.memory.load(Relaxed));
        text.sample(cached, &[("in", "disk")], self.disk.load(Relaxed));
        text.finish()
    }
}

/// A family with one label, whose values are `names`.
fn closed<const N: usize>(
    text: &mut Exposition,
    (name, help): (&str, &str),
    label: &str,
    names: &[&str; N],
    counters: &Counters<N>,
) {
    text.family(name, help, Kind::Counter);
    for (place, value) in names.iter().enumerate() {
        text.sample(name, &[(label, value)], counters.get(place));
    }
}

#[cfg(test)]
mod tests {
    use gatefold_seal::Stage;

    use super::*;

    #[test]
    fn what_happened_is_shown_where_it_belongs() {
        let metrics = Metrics::default();
        metrics.outcome(Outcome::Refused(Stage::Window));
        metrics.outcome(Outcome::Part);
        metrics.outcome(Outcome::Part);
        metrics.sent(1000);
        for (hit, times) in [(Hit::Memory, 3), (Hit::Disk, 2), (Hit::Miss, 1)] {
            (0..times).for_each(|_| metrics.slice(hit));
        }
        metrics.origin(Asked::TimedOut, Duration::from_millis(30));
        metrics.cached(5, 6);
        metrics.ended(Ended::Slow);
        metrics.connections().up();
        let text = metrics.render();
        for line in [
            r#"gatefold_edge_requests_total{outcome="refused",stage="window"} 1"#,
            r#"gatefold_edge_requests_total{outcome="part",stage=""} 2"#,
            r#"gatefold_edge_requests_total{outcome="whole",stage=""} 0"#,
            "gatefold_edge_sent_bytes_total 1000",
            r#"gatefold_edge_slices_total{from="memory"} 3"#,
            r#"gatefold_edge_slices_total{from="disk"} 2"#,
            r#"gatefold_edge_slices_total{from="miss"} 1"#,
            r#"gatefold_edge_origin_requests_total{result="timed_out"} 1"#,
            r#"gatefold_edge_origin_seconds_bucket{le="0.025"} 0"#,
            r#"gatefold_edge_origin_seconds_bucket{le="0.05"} 1"#,
            r#"gatefold_edge_connections_ended_total{reason="slow"} 1"#,
            "gatefold_edge_connections 1",
            "gatefold_edge_streams 0",
            r#"gatefold_edge_cache_bytes{in="disk"} 6"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
