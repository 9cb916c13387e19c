//! What was found, as a table.

use std::fmt;

use super::Kind;
use crate::{load::Sample, stats::Spread};

/// Everything that was found.
pub(crate) struct Report {
    pub(super) measured: Vec<Measured>,
    pub(super) connections: u16,
    /// Whether server and load had a core each.
    pub(super) is_pinned: bool,
    /// The server's memory afterwards, in bytes.
    pub(super) resident: u64,
}

/// What was found of one kind of request: medians over rounds.
pub(super) struct Measured {
    kind: Kind,
    /// Requests per second of the server's CPU time.
    requests: Spread,
    /// The share of the time that the server was at work.
    busy: f64,
    p50: f64,
    p99: f64,
}

impl Measured {
    pub(super) fn of(kind: Kind, samples: &[Sample]) -> Option<Self> {
        let median = |value: fn(&Sample) -> f64| {
            Spread::of(samples.iter().map(value)).map(|spread| spread.median)
        };
        let requests = Spread::of(samples.iter().map(Sample::requests_per_cpu_second))?;
        Some(Self {
            kind,
            requests: requests.median.is_finite().then_some(requests)?,
            busy: median(|sample| sample.server_cpu_seconds / sample.wall_seconds)?,
            p50: median(|sample| sample.p50_millis)?,
            p99: median(|sample| sample.p99_millis)?,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            to,
            "gatefold serve, SQLite and folders, one core{}; {} connections. Requests per second of CPU \
             time.",
            if self.is_pinned { "" } else { " (not pinned)" },
            self.connections
        )?;
        writeln!(
            to,
            "The reference service was recorded elsewhere, on a similar machine, and not in this run.\n"
        )?;
        writeln!(
            to,
            "{:<20}{:>9}{:>19}{:>7}{:>10}{:>10}{:>12}{:>14}{:>8}{:>6}",
            "",
            "req/s",
            "quartiles",
            "busy",
            "p50 ms",
            "p99 ms",
            "recorded",
            "p50/p99 ms",
            "ratio",
            "aim"
        )?;
        for one in &self.measured {
            let recorded = one.kind.recorded;
            writeln!(
                to,
                "{:<20}{:>9.0}{:>19}{:>6.0}%{:>10.3}{:>10.3}{:>12.0}{:>14}{:>8.0}{:>6.0}",
                one.kind.name,
                one.requests.median,
                format!(
                    "{:.0}–{:.0}",
                    one.requests.lower_quartile, one.requests.upper_quartile
                ),
                one.busy * 100.0,
                one.p50,
                one.p99,
                recorded.requests,
                format!("{:.0}/{:.0}", recorded.p50, recorded.p99),
                one.requests.median / recorded.requests,
                one.kind.aim
            )?;
        }
        let mebibytes = self.resident >> 20;
        writeln!(
            to,
            "\nResident memory afterwards: {mebibytes} MiB (recorded: 231 MB idle)"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{super::KINDS, *};

    /// A round in which so many requests took so many seconds of the server's time.
    fn round(requests: u64, server_cpu_seconds: f64) -> Sample {
        Sample {
            requests,
            bytes: 0,
            wall_seconds: 2.0,
            server_cpu_seconds,
            load_cpu_seconds: 1.0,
            p50_millis: 0.125,
            p99_millis: 0.5,
        }
    }

    fn report(samples: &[Sample], is_pinned: bool) -> String {
        let report = Report {
            measured: vec![Measured::of(KINDS[0], samples).unwrap()],
            connections: 8,
            is_pinned,
            resident: 18 << 20,
        };
        report.to_string()
    }

    #[test]
    fn a_kind_is_told_by_its_median_round_beside_what_was_recorded() {
        // One good and one bad round; what was recorded of the first kind is 277.
        let samples = [round(27_700, 1.0), round(90_000, 1.0), round(10, 1.0)];
        let text = report(&samples, true);
        let row = text.lines().find(|line| line.starts_with(KINDS[0].name));
        let fields: Vec<_> = row.unwrap().split_whitespace().collect();
        assert_eq!(
            fields,
            [
                "GET",
                "/audio,",
                "public",
                "27700",
                "13855–58850",
                "50%",
                "0.125",
                "0.500",
                "277",
                "29/42",
                "100",
                "100"
            ]
        );
    }

    #[test]
    fn what_was_not_measured_here_is_said_to_be_so() {
        let samples = [round(1_000, 1.0)];
        for (is_pinned, said) in [(true, "one core;"), (false, "one core (not pinned);")] {
            let text = report(&samples, is_pinned);
            assert!(text.contains(said), "{text}");
            assert!(text.contains("and not in this run"), "{text}");
            assert!(text.contains("18 MiB (recorded: 231 MB idle)"), "{text}");
        }
    }

    #[test]
    fn rounds_that_took_no_measurable_time_tell_nothing() {
        assert!(Measured::of(KINDS[0], &[]).is_none());
        assert!(Measured::of(KINDS[0], &[round(1_000, 0.0)]).is_none());
    }
}
