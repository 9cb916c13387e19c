//! How well something fits a question: from 0, not at all, to 1, its title is the question. Both databases
//! find what has the words; this says what comes first, so that they agree, and so that only what may be shown
//! has to be looked at.

/// A word of the question in the title, or one that begins so.
const IN_TITLE: [f64; 2] = [1.0, 0.7];
/// The same among the other words.
const ELSEWHERE: [f64; 2] = [0.4, 0.25];
/// What the words make; the rest is for a title that is the question, or half of it for one that begins so.
const WORDS: f64 = 0.8;

/// How well a title, and the words beside it, fit the words of a question; `None` when one of these is nowhere.
/// All are as they are kept: in small letters, with a space between words.
pub(crate) fn relevance(question: &[String], title: &str, beside: &str) -> Option<f64> {
    let mut words = 0.0;
    for word in question {
        let [of_title, of_others] = [(title, IN_TITLE), (beside, ELSEWHERE)]
            .map(|(text, [whole, beginning])| best(word, text, whole, beginning));
        let fit = of_title.max(of_others);
        if fit <= 0.0 {
            return None;
        }
        words += fit;
    }
    let count = u32::try_from(question.len())
        .ok()
        .filter(|count| *count > 0)?;
    let mean = words / f64::from(count);
    let rest = 1.0 - WORDS;
    let more = match title.strip_prefix(&question.join(" ")) {
        Some("") => rest,
        Some(_) => rest / 2.0,
        None => 0.0,
    };
    Some(mean.mul_add(WORDS, more))
}

fn best(word: &str, text: &str, whole: f64, beginning: f64) -> f64 {
    let fits = text.split(' ').map(|other| match other.strip_prefix(word) {
        Some("") => whole,
        Some(_) => beginning,
        None => 0.0,
    });
    fits.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_is_asked_for_comes_first() {
        let question = ["night".to_owned(), "tram".to_owned()];
        let fits = [
            ("night tram", ""),
            ("night tram home", ""),
            ("the night tram", ""),
            ("tram at night", "night"),
            ("nightly trams", ""),
            ("night bus", "tram lines"),
            ("day", "night tram"),
            ("day", "nights trams"),
        ]
        .map(|(title, beside)| relevance(&question, title, beside).unwrap());
        assert!((fits[0] - 1.0).abs() < 1e-9, "{fits:?}");
        assert!(fits.is_sorted_by(|one, other| one >= other), "{fits:?}");
        assert!(fits[7] > 0.0 && fits[4] > fits[6], "{fits:?}");
        for (title, beside) in [("night", ""), ("day", "tram"), ("anight", "tram"), ("", "")] {
            assert_eq!(relevance(&question, title, beside), None, "{title}");
        }
        assert_eq!(relevance(&[], "night", ""), None);
    }
}
