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
