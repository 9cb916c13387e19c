//! What was found, for people.

use std::fmt;

/// How long requests took, in milliseconds.
pub(crate) struct Times {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// One kind of request at both sites.
pub(crate) struct Compared {
    pub(crate) database: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) few: Times,
    pub(crate) many: Times,
}

/// All that was found.
pub(crate) struct Report {
    pub(crate) few: u64,
    pub(crate) many: u64,
    pub(crate) requests: u64,
    pub(crate) compared: Vec<Compared>,
}

/// How many times as long the slowest of a hundred may take among many tracks.
const AIM: f64 = 1.5;

impl Times {
    /// Those of at least one request.
    pub(crate) fn of(mut times: Vec<f64>) -> Option<Self> {
        times.sort_by(f64::total_cmp);
        let at = |hundredths: usize| {
            let place = times.len().saturating_mul(hundredths) / 100;
            times.get(place.min(times.len().checked_sub(1)?)).copied()
        };
        Some(Self {
            p50: at(50)?,
            p99: at(99)?,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            few,
            many,
            requests,
            compared,
        } = self;
        writeln!(
            out,
            "A site with {many} tracks beside one with {few}: {requests} requests of each kind, one at a time, \
             to both in turns.\nMilliseconds; the aim is a ratio of at most {AIM} at p99.\n"
        )?;
        writeln!(
            out,
            "{:<11} {:<27} {:>8} {:>8} {:>7} {:>9} {:>9} {:>7}",
            "", "", "p50 few", "p50 many", "ratio", "p99 few", "p99 many", "ratio"
        )?;
        for Compared {
            database,
            kind,
            few,
            many,
        } in compared
        {
            let (middle, end) = (many.p50 / few.p50, many.p99 / few.p99);
            let verdict = if end <= AIM { "" } else { "  over" };
            writeln!(
                out,
                "{database:<11} {kind:<27} {:>8.2} {:>8.2} {middle:>7.2} {:>9.2} {:>9.2} {end:>7.2}{verdict}",
                few.p50, many.p50, few.p99, many.p99
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_of_a_hundred_is_among_them() {
        let times = Times::of((1..=100).rev().map(f64::from).collect()).unwrap();
        assert!((times.p50 - 51.0).abs() < 1e-9 && (times.p99 - 100.0).abs() < 1e-9);
        assert!(Times::of(Vec::new()).is_none());
    }
}
