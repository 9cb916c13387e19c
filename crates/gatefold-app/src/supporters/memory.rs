//! What is known of one supporter and one artist, and how long that is good for.

use std::time::Duration;

use gatefold_domain::{Support, Timestamp};

/// How long an answer is good.
const FRESH: Duration = Duration::from_mins(1);
/// How long a "yes" goes on being good while there is no answer, from when it was given.
const STALE: Duration = Duration::from_mins(10);
/// How long the same is not asked again after there was no answer.
pub(super) const QUIET: Duration = Duration::from_secs(5);
/// And after the registry refused to tell.
const QUIET_AFTER_REFUSAL: Duration = Duration::from_secs(30);

/// What is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// The last answer, and when it was given.
    answer: Option<(bool, Timestamp)>,
    /// Since when, and for how long, there is no point in asking.
    quiet: Option<(Timestamp, Duration)>,
}

/// What that comes to at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was answered a moment ago.
    Fresh(Support),
    /// It is not to be asked yet, and this is what is left: yes or unknown.
    Quiet(Support, Duration),
    /// It has to be asked; this is what is left when that gives nothing.
    Ask(Support),
}

impl Known {
    /// What it comes to now.
    pub(super) fn verdict(&self, now: Timestamp) -> Verdict {
        if let Some((answer, at)) = self.answer
            && is_within(FRESH, at, now)
        {
            return Verdict::Fresh(if answer { Support::Yes } else { Support::No });
        }
        let left = self.left(now);
        match self.quiet {
            Some((since, span)) if is_within(span, since, now) => {
                Verdict::Quiet(left, span.saturating_sub(now.since(since)))
            }
            _ => Verdict::Ask(left),
        }
    }

    /// What is known without an answer: a "yes" that is not too old, or nothing.
    fn left(&self, now: Timestamp) -> Support {
        match self.answer {
            Some((true, at)) if is_within(STALE, at, now) => Support::Yes,
            _ => Support::Unknown,
        }
    }

    /// After an answer.
    pub(super) fn answered(answer: bool, now: Timestamp) -> Self {
        Self {
            answer: Some((answer, now)),
            quiet: None,
        }
    }

    /// After there was none.
    pub(super) fn unanswered(self, now: Timestamp) -> Self {
        Self {
            quiet: Some((now, QUIET)),
            ..self
        }
    }

    /// After the registry was there and refused to tell: it no longer stands by what it said.
    pub(super) fn refused(now: Timestamp) -> Self {
        Self {
            answer: None,
            quiet: Some((now, QUIET_AFTER_REFUSAL)),
        }
    }
}

/// Whether less than a span has gone by since then. Of a clock that was set back, nobody knows.
fn is_within(span: Duration, since: Timestamp, now: Timestamp) -> bool {
    now >= since && now.since(since) < span
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds.saturating_mul(1000))
    }

    #[test]
    fn an_answer_is_good_for_a_minute_and_a_yes_for_ten_when_there_is_no_other() {
        use Support::{No, Unknown, Yes};
        use Verdict::{Ask, Fresh};
        let (yes, no) = (Known::answered(true, at(0)), Known::answered(false, at(0)));
        for (now, of_yes, of_no) in [
            (0, Fresh(Yes), Fresh(No)),
            (59, Fresh(Yes), Fresh(No)),
            (60, Ask(Yes), Ask(Unknown)),
            (599, Ask(Yes), Ask(Unknown)),
            (600, Ask(Unknown), Ask(Unknown)),
            // The clock was set back.
            (-1, Ask(Unknown), Ask(Unknown)),
        ] {
            assert_eq!(yes.verdict(at(now)), of_yes, "{now}");
            assert_eq!(no.verdict(at(now)), of_no, "{now}");
        }
        assert_eq!(Known::default().verdict(at(0)), Ask(Unknown));
    }

    #[test]
    fn what_was_not_answered_is_not_asked_again_at_once() {
        use Support::{Unknown, Yes};
        use Verdict::{Ask, Quiet};
        let seconds = Duration::from_secs;
        let nothing = Known::default().unanswered(at(0));
        assert_eq!(nothing.verdict(at(1)), Quiet(Unknown, seconds(4)));
        assert_eq!(nothing.verdict(at(5)), Ask(Unknown));
        assert_eq!(nothing.verdict(at(-1)), Ask(Unknown));
        let stale = Known::answered(true, at(0)).unanswered(at(598));
        assert_eq!(stale.verdict(at(599)), Quiet(Yes, seconds(4)));
        assert_eq!(stale.verdict(at(600)), Quiet(Unknown, seconds(3)));
        let refused = Known::refused(at(598));
        assert_eq!(refused.verdict(at(599)), Quiet(Unknown, seconds(29)));
        assert_eq!(refused.verdict(at(628)), Ask(Unknown));
        // A "no" replaces a "yes" at once.
        let no = Known::answered(false, at(601));
        assert_eq!(no.verdict(at(602)), Verdict::Fresh(Support::No));
    }

    /// What can happen between two looks.
    #[derive(Clone, Copy, Debug)]
    enum Event {
        Told(bool),
        Failed,
        Refused,
    }

    #[test]
    fn whatever_happens_nothing_is_known_but_what_was_told_and_for_no_longer() {
        let events = [
            Event::Told(true),
            Event::Told(false),
            Event::Failed,
            Event::Refused,
        ];
        let waits = [1, 59, 60, 540, 600];
        let steps: Vec<_> = events
            .into_iter()
            .flat_map(|event| waits.map(|wait| (event, wait)))
            .collect();
        // Every way of four steps, by its number in the base of their count.
        for way in 0..steps.len().pow(4) {
            let mut known = Known::default();
            // The last word of the registry, and the seconds since then.
            let mut told: Option<(bool, i64)> = None;
            let (mut rest, mut now) = (way, 0);
            for _ in 0..4 {
                let (event, wait) = steps[rest % steps.len()];
                rest /= steps.len();
                known = match event {
                    Event::Told(answer) => Known::answered(answer, at(now)),
                    Event::Failed => known.unanswered(at(now)),
                    Event::Refused => Known::refused(at(now)),
                };
                told = match event {
                    Event::Told(answer) => Some((answer, 0)),
                    Event::Failed => told,
                    Event::Refused => None,
                };
                now += wait;
                told = told.map(|(answer, age)| (answer, age + wait));
                let fresh = told.filter(|(_, age)| *age < 60);
                let (support, is_fresh) = match known.verdict(at(now)) {
                    Verdict::Fresh(support) => (support, true),
                    Verdict::Quiet(support, _) | Verdict::Ask(support) => (support, false),
                };
                let expected = match (fresh, told) {
                    (Some((false, _)), _) => Support::No,
                    (_, Some((true, age))) if age < 600 => Support::Yes,
                    _ => Support::Unknown,
                };
                assert_eq!(
                    (support, is_fresh),
                    (expected, fresh.is_some()),
                    "{way}: {event:?}"
                );
            }
        }
    }
}
