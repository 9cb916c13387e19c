//! Numbers that a server keeps of itself, and the text in which Prometheus reads them.
//!
//! What is counted is known when the program is built, so there is neither a registry nor a map of
//! labels: a set of counters is an array, and counting is one addition to memory that no other
//! thread writes to at that moment.

use std::{
    cell::Cell,
    fmt::{self, Write},
    sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    time::Duration,
};

/// Copies of each set. Threads beyond it share one with another, which is slower and no less right.
const SHARDS: usize = 16;

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static SHARD: Cell<usize> = Cell::new(THREADS.fetch_add(1, Relaxed) % SHARDS);
}

/// `N` numbers that only rise.
pub struct Counters<const N: usize>([Shard<N>; SHARDS]);

/// On cache lines of its own (they are fetched in pairs).
#[repr(align(128))]
struct Shard<const N: usize>([AtomicU64; N]);

impl<const N: usize> Default for Counters<N> {
    fn default() -> Self {
        Self([const { Shard([const { AtomicU64::new(0) }; N]) }; SHARDS])
    }
}

impl<const N: usize> Counters<N> {
    /// Adds to number `which`; one that does not exist is nobody's.
    pub fn add(&self, which: usize, amount: u64) {
        let shard = self.0.get(SHARD.get());
        if let Some(number) = shard.and_then(|shard| shard.0.get(which)) {
            number.fetch_add(amount, Relaxed);
        }
    }

    /// What number `which` has come to. What is being added at this moment may be missing.
    #[must_use]
    pub fn get(&self, which: usize) -> u64 {
        self.0
            .iter()
            .filter_map(|shard| shard.0.get(which))
            .fold(0, |sum, number| sum.wrapping_add(number.load(Relaxed)))
    }
}

/// How many there are of something that comes and goes.
#[derive(Default)]
pub struct Gauge(Counters<1>);

impl Gauge {
    /// One more.
    pub fn up(&self) {
        self.0.add(0, 1);
    }

    /// One fewer. Any thread may take away what another added.
    pub fn down(&self) {
        self.0.add(0, u64::MAX);
    }

    /// How many there are.
    #[must_use]
    pub fn get(&self) -> u64 {
        // While one is taken away and another is added, the sum may pass below nothing.
        let sum = self.0.get(0);
        if sum > u64::MAX / 2 { 0 } else { sum }
    }
}

/// How often something took how long. For what is rare beside a request: threads share it.
pub struct Histogram<const N: usize> {
    /// Upper ends of the buckets, rising; what takes longer is in none of them.
    bounds: [Duration; N],
    within: [AtomicU64; N],
    count: AtomicU64,
    micros: AtomicU64,
}

impl<const N: usize> Histogram<N> {
    /// A histogram with these upper ends.
    #[must_use]
    pub fn new(bounds: [Duration; N]) -> Self {
        Self {
            bounds,
            within: [const { AtomicU64::new(0) }; N],
            count: AtomicU64::new(0),
            micros: AtomicU64::new(0),
        }
    }

    /// It took this long.
    pub fn record(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Relaxed);
        self.count.fetch_add(1, Relaxed);
        let bucket = self.bounds.iter().position(|bound| took <= *bound);
        if let Some(within) = bucket.and_then(|bucket| self.within.get(bucket)) {
            within.fetch_add(1, Relaxed);
        }
    }
}

/// What a family of samples is, for Prometheus.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Only rises.
    Counter,
    /// Rises and falls.
    Gauge,
}

/// Writes Prometheus's text format, version 0.0.4.
#[derive(Default)]
pub struct Exposition(String);

impl Exposition {
    /// The media type of the text.
    pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

    /// Begins a family; its samples follow.
    pub fn family(&mut self, name: &str, help: &str, kind: Kind) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        self.head(name, help, kind);
    }

    /// A sample, with labels as pairs of name and value.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: u64) {
        self.line(name, labels, value);
    }

    /// A family of one sample.
    pub fn single(&mut self, name: &str, help: &str, kind: Kind, value: u64) {
        self.family(name, help, kind);
        self.line(name, &[], value);
    }

    /// A histogram, in seconds.
    pub fn histogram<const N: usize>(&mut self, name: &str, help: &str, from: &Histogram<N>) {
        self.head(name, help, "histogram");
        let bucket = format!("{name}_bucket");
        let mut so_far: u64 = 0;
        for (bound, within) in from.bounds.iter().zip(&from.within) {
            so_far = so_far.saturating_add(within.load(Relaxed));
            let bound = bound.as_secs_f64().to_string();
            self.line(&bucket, &[("le", &bound)], so_far);
        }
        // Somebody may be counting at this moment: the buckets must not exceed their end.
        let count = from.count.load(Relaxed).max(so_far);
        self.line(&bucket, &[("le", "+Inf")], count);
        let sum = Duration::from_micros(from.micros.load(Relaxed)).as_secs_f64();
        self.line(&format!("{name}_sum"), &[], sum);
        self.line(&format!("{name}_count"), &[], count);
    }

    /// The text.
    #[must_use]
    pub fn finish(self) -> String {
        self.0
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        self.write(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl fmt::Display) {
        self.write(format_args!("{name}"));
        for (place, (label, text)) in labels.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            let text = text
                .replace('\\', r"\\")
                .replace('"', r#"\""#)
                .replace('\n', r"\n");
            self.write(format_args!("{before}{label}=\"{text}\""));
        }
        let after = if labels.is_empty() { "" } else { "}" };
        self.write(format_args!("{after} {value}\n"));
    }

    fn write(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.0.write_fmt(text);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn threads_count_together() {
        let counters = Counters::<2>::default();
        let gauge = Gauge::default();
        thread::scope(|scope| {
            for _ in 0..2 * SHARDS {
                scope.spawn(|| {
                    for _ in 0..100 {
                        counters.add(0, 1);
                        counters.add(1, 3);
                    }
                    gauge.up();
                });
            }
        });
        assert_eq!(counters.get(0), 200 * SHARDS as u64);
        assert_eq!(counters.get(1), 600 * SHARDS as u64);
        counters.add(2, 1);
        assert_eq!(counters.get(2), 0);
        assert_eq!(gauge.get(), 2 * SHARDS as u64);
    }

    #[test]
    fn what_one_thread_adds_another_takes_away() {
        let gauge = Gauge::default();
        gauge.up();
        gauge.up();
        thread::scope(|scope| {
            scope.spawn(|| gauge.down());
        });
        assert_eq!(gauge.get(), 1);
        gauge.down();
        gauge.down();
        assert_eq!(gauge.get(), 0, "fewer than none");
    }

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let mut text = Exposition::default();
        text.family("a_total", "What\nis \\ counted.", Kind::Counter);
        text.sample("a_total", &[("kind", "x\"y\\z\n"), ("by", "me")], 3);
        text.single("b", "Now.", Kind::Gauge, 7);
        let times = Histogram::new([Duration::from_millis(5), Duration::from_secs(1)]);
        for millis in [1, 5, 6, 2000] {
            times.record(Duration::from_millis(millis));
        }
        text.histogram("c_seconds", "Time.", &times);
        let expected = r#"# HELP a_total What\nis \\ counted.
# TYPE a_total counter
a_total{kind="x\"y\\z\n",by="me"} 3
# HELP b Now.
# TYPE b gauge
b 7
# HELP c_seconds Time.
# TYPE c_seconds histogram
c_seconds_bucket{le="0.005"} 2
c_seconds_bucket{le="1"} 3
c_seconds_bucket{le="+Inf"} 4
c_seconds_sum 2.012
c_seconds_count 4
"#;
        assert_eq!(text.finish(), expected);
    }
}
