//! How things are written in addresses and on pages.

use gatefold_domain::{Civil, Timestamp, percent};

/// The query of an address: names and values, as forms write them.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        percent::push_pair(&mut text, name, value);
    }
    text
}

/// Words with a capital letter first.
pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// A length of time, given in milliseconds, as players show it: minutes and seconds, after hours
/// where there are any.
pub(crate) fn duration(millis: u64) -> String {
    let seconds = millis / 1000;
    let (minutes, rest) = (seconds / 60, seconds % 60);
    match minutes / 60 {
        0 => format!("{minutes}:{rest:02}"),
        hours => format!("{hours}:{:02}:{rest:02}", minutes % 60),
    }
}

/// A moment in both ways that a page needs it.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// For programs: ISO 8601, UTC, to the second.
    pub(crate) iso: String,
    /// For people, until a script of the page says it in their own time.
    pub(crate) shown: String,
}

impl From<Timestamp> for Moment {
    fn from(moment: Timestamp) -> Self {
        let Civil {
            year,
            month,
            day,
            hour,
            minute,
            ..
        } = moment.civil();
        let name = MONTHS
            .get(usize::try_from(month.saturating_sub(1)).unwrap_or_default())
            .unwrap_or(&"");
        Self {
            iso: moment.to_string(),
            shown: format!("{day} {name} {year}, {hour:02}:{minute:02} UTC"),
        }
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_by_the_calendar() {
        for (seconds, iso, shown) in [
            (0, "1970-01-01T00:00:00Z", "1 January 1970, 00:00 UTC"),
            (-1, "1969-12-31T23:59:59Z", "31 December 1969, 23:59 UTC"),
            (
                951_782_400,
                "2000-02-29T00:00:00Z",
                "29 February 2000, 00:00 UTC",
            ),
            (
                951_868_799,
                "2000-02-29T23:59:59Z",
                "29 February 2000, 23:59 UTC",
            ),
            (
                951_868_800,
                "2000-03-01T00:00:00Z",
                "1 March 2000, 00:00 UTC",
            ),
            (
                1_764_029_102,
                "2025-11-25T00:05:02Z",
                "25 November 2025, 00:05 UTC",
            ),
            (
                4_107_542_400,
                "2100-03-01T00:00:00Z",
                "1 March 2100, 00:00 UTC",
            ),
        ] {
            let moment = Moment::from(Timestamp::from_millis(seconds * 1000));
            assert_eq!(moment.iso, iso);
            assert_eq!(moment.shown, shown);
        }
    }

    #[test]
    fn a_duration_is_written_as_players_do() {
        for (millis, shown) in [
            (0, "0:00"),
            (999, "0:00"),
            (61_000, "1:01"),
            (3_599_999, "59:59"),
            (3_600_000, "1:00:00"),
            (36_061_000, "10:01:01"),
        ] {
            assert_eq!(duration(millis), shown);
        }
    }

    #[test]
    fn a_sentence_begins_with_a_capital_letter() {
        for (words, said) in [
            ("", ""),
            ("it ended", "It ended"),
            ("\u{e9}t\u{e9}", "\u{c9}t\u{e9}"),
        ] {
            assert_eq!(sentence(words), said);
        }
    }

    #[test]
    fn a_query_is_read_as_it_was_meant() {
        let text = query(&[("next", "/a b?c=d&e"), ("empty", ""), ("word", "\u{e9}")]);
        assert_eq!(text, "next=%2Fa%20b%3Fc%3Dd%26e&empty=&word=%C3%A9");
    }
}
