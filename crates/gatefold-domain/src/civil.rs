//! Moments by the calendar.

use std::fmt;

use crate::Timestamp;

/// A moment by the calendar, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// Years of the common era.
    pub year: i64,
    /// From 1 on.
    pub month: i64,
    /// From 1 on.
    pub day: i64,
    /// From 0 on.
    pub hour: i64,
    /// From 0 on.
    pub minute: i64,
    /// From 0 on.
    pub second: i64,
}

impl Civil {
    /// By the days of eras of 400 years, which all are alike, from the first of March 0000 on, so
    /// that the day that is not always there comes last.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "seconds of an i64 of milliseconds: far inside of what is computed here"
    )]
    pub(crate) fn of(moment: Timestamp) -> Self {
        let seconds = moment.as_millis().div_euclid(1000);
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let from_march = days + 719_468;
        let (era, day_of_era) = (
            from_march.div_euclid(146_097),
            from_march.rem_euclid(146_097),
        );
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * from_march + 2) / 5 + 1,
            hour: rest / 3600,
            minute: rest % 3600 / 60,
            second: rest % 60,
        }
    }
}

impl Timestamp {
    /// It by the calendar, in UTC.
    #[must_use]
    pub fn civil(self) -> Civil {
        Civil::of(self)
    }
}

impl fmt::Display for Timestamp {
    /// As RFC 3339 writes it, in UTC, to the second.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Civil {
            year,
            month,
            day,
            hour,
            minute,
            second,
        } = self.civil();
        write!(
            out,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}
