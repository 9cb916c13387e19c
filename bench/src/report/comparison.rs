//! Pairs of rounds of one kind of request, and what they say.

use serde::Serialize;

use crate::{
    load::Sample,
    stats::{Spread, ratio},
};

/// How much of the time a server has to be at work for its figures to be its own.
const KEPT_BUSY: f64 = 0.85;

/// One pair of rounds, one right after the other.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Pair {
    pub(crate) gatefold: Sample,
    pub(crate) nginx: Sample,
}

/// All pairs of one workload, and what they say.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    pub(super) workload: &'static str,
    gatefold: Figures,
    nginx: Figures,
    /// gatefold / nginx of each pair's requests per CPU second.
    pub(super) cpu_ratio: Spread,
    /// gatefold / nginx of each pair's requests per second.
    pub(super) wall_ratio: Spread,
    pairs: Vec<Pair>,
}

/// Medians of one peer's rounds.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    pub(super) requests_per_cpu_second: f64,
    pub(super) bytes_per_cpu_second: f64,
    pub(super) requests_per_second: f64,
    pub(super) bytes_per_second: f64,
    /// How much of the time the server was at work: below 1, the load was what limited requests
    /// per second.
    server_busy: f64,
}

impl Figures {
    fn of(samples: &[Sample]) -> Option<Self> {
        let median = |figure: fn(&Sample) -> f64| {
            Spread::of(samples.iter().map(figure)).map(|spread| spread.median)
        };
        Some(Self {
            requests_per_cpu_second: median(Sample::requests_per_cpu_second)?,
            bytes_per_cpu_second: median(Sample::bytes_per_cpu_second)?,
            requests_per_second: median(Sample::requests_per_second)?,
            bytes_per_second: median(Sample::bytes_per_second)?,
            server_busy: median(|sample| sample.server_cpu_seconds / sample.wall_seconds)?,
        })
    }
}

impl Comparison {
    /// Sums pairs up; nothing when a round was too short to see any CPU time.
    pub(crate) fn of(workload: &'static str, pairs: Vec<Pair>) -> Option<Self> {
        let ratios = |figure: fn(&Sample) -> f64| {
            let ratios = pairs
                .iter()
                .map(|pair| ratio(figure(&pair.gatefold), figure(&pair.nginx)));
            Spread::of(ratios.collect::<Option<Vec<_>>>()?)
        };
        let figures = |peer: fn(&Pair) -> Sample| {
            let samples: Vec<Sample> = pairs.iter().map(peer).collect();
            Figures::of(&samples)
        };
        Some(Self {
            workload,
            gatefold: figures(|pair| pair.gatefold)?,
            nginx: figures(|pair| pair.nginx)?,
            cpu_ratio: ratios(Sample::requests_per_cpu_second)?,
            wall_ratio: ratios(Sample::requests_per_second)?,
            pairs,
        })
    }

    pub(super) fn busy(&self) -> (f64, f64) {
        (self.gatefold.server_busy, self.nginx.server_busy)
    }

    pub(super) fn kept_busy(&self) -> bool {
        let (ours, theirs) = self.busy();
        ours.min(theirs) >= KEPT_BUSY
    }

    pub(super) fn row(
        &self,
        requests: fn(&Figures) -> f64,
        bytes: fn(&Figures) -> f64,
        ratio: &Spread,
    ) -> String {
        const MEGA: f64 = 1e6;
        let (ours, theirs) = (&self.gatefold, &self.nginx);
        format!(
            "{:<20}{:>9.0} {:>7.0}  {:>9.0} {:>7.0}   {:>6.2}   {:>5.2}  {:>5.2} \u{2013} {:<5.2} {:>6.2}",
            self.workload,
            requests(ours),
            bytes(ours) / MEGA,
            requests(theirs),
            bytes(theirs) / MEGA,
            ratio.median,
            ratio.min,
            ratio.lower_quartile,
            ratio.upper_quartile,
            ratio.max,
        )
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn sample(requests: u64, cpu: f64) -> Sample {
        Sample {
            requests,
            bytes: requests.saturating_mul(1000),
            wall_seconds: 2.0,
            server_cpu_seconds: cpu,
            load_cpu_seconds: 1.0,
            p50_millis: 1.0,
            p99_millis: 1.0,
        }
    }

    pub(crate) fn pair(ours: u64, theirs: u64) -> Pair {
        Pair {
            gatefold: sample(ours, 1.0),
            nginx: sample(theirs, 2.0),
        }
    }

    #[test]
    fn ratios_are_taken_pair_by_pair() {
        let pairs = vec![pair(100, 100), pair(300, 100), pair(200, 400)];
        let comparison = Comparison::of("x", pairs).unwrap();
        let Spread {
            min, median, max, ..
        } = comparison.cpu_ratio;
        assert_eq!(
            [min, median, max].map(f64::to_bits),
            [1.0_f64, 2.0, 6.0].map(f64::to_bits)
        );
        assert!((comparison.wall_ratio.median - 1.0).abs() < 1e-9);
        assert!((comparison.gatefold.requests_per_cpu_second - 200.0).abs() < 1e-9);
        assert!((comparison.nginx.server_busy - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_round_without_cpu_time_is_no_measurement() {
        let mut pair = pair(1, 1);
        pair.nginx.server_cpu_seconds = 0.0;
        assert!(Comparison::of("x", vec![pair]).is_none());
        assert!(Comparison::of("x", Vec::new()).is_none());
    }

    #[test]
    fn a_server_that_waits_is_told_from_one_at_work() {
        let mut pair = pair(1, 1);
        assert!(!Comparison::of("x", vec![pair]).unwrap().kept_busy());
        pair.gatefold.server_cpu_seconds = 1.9;
        assert!(Comparison::of("x", vec![pair]).unwrap().kept_busy());
    }
}
