//! What a run found, as a table or as JSON.

use std::fmt::{self, Write};

use serde::Serialize;

use crate::{
    cores::Cores,
    load::Sample,
    stats::{Spread, ratio},
};

/// How much of the time a server has to be at work for its figures to be its own.
const KEPT_BUSY: f64 = 0.85;

const IDLE: &str = "\
WARNING: a server was kept waiting, by the load or by other processes on this machine. The second
table says nothing then, and the first may be off either way. See \"A busy machine\" in bench/README.md.
";

/// Everything that a run found.
#[derive(Serialize)]
pub(crate) struct Report {
    pub(crate) setting: Setting,
    pub(crate) comparisons: Vec<Comparison>,
}

/// What was compared, where, and how.
#[derive(Serialize)]
pub(crate) struct Setting {
    pub(crate) gatefold: String,
    pub(crate) nginx: String,
    pub(crate) edge_runtime: &'static str,
    pub(crate) nginx_open_file_cache: bool,
    pub(crate) debug_build: bool,
    pub(crate) kernel: String,
    pub(crate) processor: String,
    pub(crate) cores: usize,
    /// The cores of servers and load; nothing when the system chose.
    pub(crate) pinned: Option<Cores>,
    pub(crate) connections: usize,
    pub(crate) rounds: usize,
    pub(crate) seconds: f64,
}

/// One pair of rounds, one right after the other.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Pair {
    pub(crate) gatefold: Sample,
    pub(crate) nginx: Sample,
}

/// All pairs of one workload, and what they say.
#[derive(Debug, Serialize)]
pub(crate) struct Comparison {
    workload: &'static str,
    gatefold: Figures,
    nginx: Figures,
    /// gatefold / nginx of each pair's requests per CPU second.
    cpu_ratio: Spread,
    /// gatefold / nginx of each pair's requests per second.
    wall_ratio: Spread,
    pairs: Vec<Pair>,
}

/// Medians of one peer's rounds.
#[derive(Debug, Serialize)]
struct Figures {
    requests_per_cpu_second: f64,
    bytes_per_cpu_second: f64,
    requests_per_second: f64,
    bytes_per_second: f64,
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

    fn busy(&self) -> (f64, f64) {
        (self.gatefold.server_busy, self.nginx.server_busy)
    }

    fn kept_busy(&self) -> bool {
        let (ours, theirs) = self.busy();
        ours.min(theirs) >= KEPT_BUSY
    }

    fn row(
        &self,
        requests: fn(&Figures) -> f64,
        bytes: fn(&Figures) -> f64,
        ratio: &Spread,
    ) -> String {
        const MEGA: f64 = 1e6;
        let (ours, theirs) = (&self.gatefold, &self.nginx);
        format!(
            "{:<14}{:>9.0} {:>7.0}  {:>9.0} {:>7.0}   {:>6.2}   {:>5.2}  {:>5.2} \u{2013} {:<5.2} {:>6.2}",
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

impl fmt::Display for Report {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "{}", self.setting)?;
        let head = |title: &str| {
            format!(
                "{title}\n{:<14}{:^17}  {:^17}   gatefold / nginx, paired\n{:<14}{:>9} {:>7}  {:>9} {:>7}   \
                 median     min   quartiles      max\n",
                "", "gatefold", "nginx", "", "requests", "MB", "requests", "MB"
            )
        };
        to.write_str(&head("Per second of the server's CPU time (decides)"))?;
        for comparison in &self.comparisons {
            let row = comparison.row(
                |figures| figures.requests_per_cpu_second,
                |figures| figures.bytes_per_cpu_second,
                &comparison.cpu_ratio,
            );
            writeln!(to, "{row}")?;
        }
        to.write_char('\n')?;
        to.write_str(&head("Per second of the clock"))?;
        for comparison in &self.comparisons {
            let row = comparison.row(
                |figures| figures.requests_per_second,
                |figures| figures.bytes_per_second,
                &comparison.wall_ratio,
            );
            writeln!(to, "{row}")?;
        }
        writeln!(to, "\nServer at work")?;
        for comparison in &self.comparisons {
            let (ours, theirs) = comparison.busy();
            writeln!(
                to,
                "{:<14}{:>15.0} %  {:>15.0} %",
                comparison.workload,
                ours * 100.0,
                theirs * 100.0,
            )?;
        }
        if !self.comparisons.iter().all(Comparison::kept_busy) {
            to.write_str(IDLE)?;
        }
        Ok(())
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cache = if self.nginx_open_file_cache {
            ", open_file_cache"
        } else {
            ""
        };
        writeln!(
            to,
            "compared   gatefold {} ({} runtime), nginx {} (1 worker, secure_link, sendfile{cache})",
            self.gatefold, self.edge_runtime, self.nginx
        )?;
        let build = if self.debug_build {
            "DEBUG: these figures say nothing"
        } else {
            "release"
        };
        writeln!(to, "build      {build}")?;
        let (processor, kernel) = (&self.processor, &self.kernel);
        writeln!(to, "machine    {processor}, {} cores, {kernel}", self.cores)?;
        match self.pinned {
            Some(Cores { server, load }) => {
                writeln!(
                    to,
                    "pinned     servers to core {server}, load to core {load}"
                )?;
            }
            None => writeln!(
                to,
                "pinned     no: servers and load move between cores and may share one"
            )?,
        }
        writeln!(
            to,
            "rounds     {} pairs of {} s each, in turns, over {} connections of 127.0.0.1",
            self.rounds, self.seconds, self.connections
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(requests: u64, cpu: f64) -> Sample {
        Sample {
            requests,
            bytes: requests.saturating_mul(1000),
            wall_seconds: 2.0,
            server_cpu_seconds: cpu,
            load_cpu_seconds: 1.0,
        }
    }

    fn pair(ours: u64, theirs: u64) -> Pair {
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

    #[test]
    fn a_table_says_what_was_compared() {
        let comparison = Comparison::of("1 KiB range", vec![pair(100, 100)]).unwrap();
        let report = Report {
            setting: Setting {
                gatefold: "0.1.0".into(),
                nginx: "1.22.1".into(),
                edge_runtime: "multi-thread",
                nginx_open_file_cache: false,
                debug_build: true,
                kernel: "Linux 6".into(),
                processor: "a processor".into(),
                cores: 2,
                pinned: None,
                connections: 8,
                rounds: 1,
                seconds: 0.5,
            },
            comparisons: vec![comparison],
        };
        let table = report.to_string();
        for part in [
            "gatefold 0.1.0",
            "nginx 1.22.1",
            "DEBUG",
            "WARNING",
            "pinned     no",
            "2.00",
            "1 KiB range",
        ] {
            assert!(table.contains(part), "{part} in\n{table}");
        }
        assert!(serde_json::to_string(&report).is_ok());
    }
}
