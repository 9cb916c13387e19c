//! Medians and quartiles: what is said of a set of rounds.

use serde::Serialize;

/// Where a set of values lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) lower_quartile: f64,
    pub(crate) median: f64,
    pub(crate) upper_quartile: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// The spread of at least one value.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            min: *sorted.first()?,
            lower_quartile: quantile(&sorted, 0.25)?,
            median: quantile(&sorted, 0.5)?,
            upper_quartile: quantile(&sorted, 0.75)?,
            max: *sorted.last()?,
        })
    }
}

/// The ratio of two figures of one pair of rounds; nothing when either of them is no measurement.
pub(crate) fn ratio(ours: f64, theirs: f64) -> Option<f64> {
    (ours.is_finite() && theirs.is_finite() && ours > 0.0 && theirs > 0.0).then(|| ours / theirs)
}

/// Interpolates linearly between the two nearest of `sorted`.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = float(last as u64) * share;
    let below = truncate(place);
    let low = *sorted.get(below)?;
    let high = sorted.get(below.saturating_add(1)).copied().unwrap_or(low);
    Some(low + (high - low) * place.fract())
}

/// A count as a figure to divide by.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of requests and bytes stay far below 2^53"
)]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the whole part of an index is what is asked for"
)]
fn truncate(place: f64) -> usize {
    place as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(values: &[f64]) -> [f64; 5] {
        let spread = Spread::of(values.iter().copied()).unwrap();
        [
            spread.min,
            spread.lower_quartile,
            spread.median,
            spread.upper_quartile,
            spread.max,
        ]
    }

    fn close(left: [f64; 5], right: [f64; 5]) -> bool {
        left.iter().zip(right).all(|(l, r)| (l - r).abs() < 1e-9)
    }

    #[test]
    fn quartiles_lie_between_their_neighbours() {
        let table: &[(&[f64], [f64; 5])] = &[
            (&[7.0], [7.0; 5]),
            (&[2.0, 1.0], [1.0, 1.25, 1.5, 1.75, 2.0]),
            (&[3.0, 1.0, 2.0], [1.0, 1.5, 2.0, 2.5, 3.0]),
            (&[4.0, 1.0, 3.0, 2.0], [1.0, 1.75, 2.5, 3.25, 4.0]),
            (&[5.0, 4.0, 3.0, 2.0, 1.0], [1.0, 2.0, 3.0, 4.0, 5.0]),
        ];
        for (values, expected) in table {
            assert!(close(spread(values), *expected), "{values:?}");
        }
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn one_outlier_moves_the_median_little() {
        let values = [1.0, 1.1, 0.9, 1.05, 40.0];
        assert!((spread(&values)[2] - 1.05).abs() < 1e-9);
    }

    #[test]
    fn a_ratio_needs_two_measurements() {
        assert_eq!(ratio(3.0, 2.0), Some(1.5));
        for (ours, theirs) in [
            (0.0, 1.0),
            (1.0, 0.0),
            (f64::INFINITY, 1.0),
            (1.0, f64::NAN),
        ] {
            assert_eq!(ratio(ours, theirs), None, "{ours} / {theirs}");
        }
    }
}
