//! How long a connection is waited for: pure, from what has been seen of it and the time.

use std::time::Duration;

use tokio::time::Instant;

use super::limits::Limits;
use crate::metrics::Ended;

/// How long a *brisk* connection, one whose last request came within that time of the answer before
/// it, waits for its next request before it gives up its buffers. All others do so at once: most
/// players ask for more only when they have played some, and making buffers costs little beside
/// holding them.
const PARKED_AFTER: Duration = Duration::from_secs(1);

/// What a connection has come to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// Requests whose heads were read.
    pub(crate) requests: u64,
    /// Whether one of them is being answered.
    pub(crate) answering: bool,
    /// Bytes read.
    pub(crate) read: u64,
    /// Bytes that the client (or the system on its behalf) has taken.
    pub(crate) written: u64,
    /// Whether there are bytes that it does not take.
    pub(crate) blocked: bool,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing; look again at this time, where there is one.
    Wait(Option<Instant>),
    /// Give its buffers back and wait for its next request, until then.
    Park(Instant),
    /// End it.
    End(Ended),
}

/// What a connection is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The rest of a head.
    Head,
    /// The next request.
    Idle,
    /// Us.
    Answering,
    /// That the client takes what is there.
    Sending,
}

/// The patience with one connection.
pub(crate) struct Patience {
    phase: Phase,
    /// When the phase began; for `Sending`, when the client last took something.
    since: Instant,
    looked: Instant,
    seen: Seen,
    /// Bytes read when the connection began to wait for its next request.
    read: u64,
    /// Whether its last request came soon after the answer before it.
    is_brisk: bool,
    pace: Option<Pace>,
    /// Whether it took too little when that was last judged. Once is forgiven: a player that has
    /// enough and pauses takes a little and then nothing.
    poor: bool,
}

/// How much the client has taken since it last began to take something.
#[derive(Clone, Copy)]
struct Pace {
    /// How long bytes have been there meanwhile that it did not take.
    waited: Duration,
    taken: u64,
}

impl Patience {
    /// With a connection that begins `now`.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            phase: Phase::Head,
            since: now,
            looked: now,
            seen: Seen::default(),
            read: 0,
            is_brisk: false,
            pace: None,
            poor: false,
        }
    }

    /// Whether the client is owed nothing, so that the connection can end without breaking
    /// anything.
    pub(crate) fn is_at_rest(&self) -> bool {
        matches!(self.phase, Phase::Head | Phase::Idle)
    }

    /// The first bytes of a request have come after the connection was parked.
    pub(crate) fn unpark(&mut self, now: Instant) {
        self.is_brisk = now.saturating_duration_since(self.since) < PARKED_AFTER;
        self.phase = Phase::Head;
        self.since = now;
    }

    /// Looks at the connection.
    pub(crate) fn look(&mut self, seen: Seen, now: Instant, limits: &Limits) -> Verdict {
        let (before, was) = (self.seen, self.phase);
        let fresh = seen.requests != before.requests;
        let phase = self.phase_of(seen, fresh);
        let taken = seen.written.saturating_sub(before.written);
        if phase != was || fresh || (phase == Phase::Sending && taken > 0) {
            self.since = now;
        }
        let waited = match was {
            Phase::Sending => now.saturating_duration_since(self.looked),
            Phase::Head | Phase::Idle | Phase::Answering => Duration::ZERO,
        };
        self.looked = now;
        self.phase = phase;
        self.seen = seen;
        if phase == Phase::Idle && (was != Phase::Idle || fresh) {
            // What came with the last request does not begin another.
            self.read = seen.read;
        }
        if fresh {
            self.pace = None;
            self.poor = false;
        }
        match phase {
            Phase::Head => self.until(now, limits.header_time, Ended::Head),
            Phase::Idle => self.idle(now, limits),
            Phase::Answering => Verdict::Wait(None),
            Phase::Sending => self.sending(now, waited, taken, limits),
        }
    }

    fn phase_of(&self, seen: Seen, fresh: bool) -> Phase {
        if seen.blocked {
            Phase::Sending
        } else if seen.answering {
            Phase::Answering
        } else if fresh || matches!(self.phase, Phase::Answering | Phase::Sending) {
            Phase::Idle
        } else if self.phase == Phase::Head || seen.read != self.read {
            Phase::Head
        } else {
            Phase::Idle
        }
    }

    fn until(&self, now: Instant, time: Duration, ended: Ended) -> Verdict {
        match self.since.checked_add(time) {
            Some(end) if end <= now => Verdict::End(ended),
            end => Verdict::Wait(end),
        }
    }

    fn idle(&self, now: Instant, limits: &Limits) -> Verdict {
        let verdict = self.until(now, limits.idle_time, Ended::Idle);
        let holds = if self.is_brisk {
            PARKED_AFTER
        } else {
            Duration::ZERO
        };
        match (verdict, self.since.checked_add(holds)) {
            (Verdict::Wait(Some(end)), Some(parked)) if parked < end => {
                if parked <= now {
                    Verdict::Park(end)
                } else {
                    Verdict::Wait(Some(parked))
                }
            }
            (verdict, _) => verdict,
        }
    }

    fn sending(&mut self, now: Instant, waited: Duration, taken: u64, limits: &Limits) -> Verdict {
        let stalled = self.until(now, limits.stall_time, Ended::Stalled);
        if matches!(stalled, Verdict::End(_)) {
            return stalled;
        }
        if let Some(pace) = &mut self.pace {
            pace.waited = pace.waited.saturating_add(waited);
            pace.taken = pace.taken.saturating_add(taken);
            if pace.waited >= limits.rate_time {
                let least = limits.least_rate.saturating_mul(limits.rate_time.as_secs());
                let poor = pace.taken < least;
                if poor && self.poor {
                    return Verdict::End(Ended::Slow);
                }
                self.poor = poor;
                self.pace = None;
            }
        } else if taken > 0 {
            self.pace = Some(Pace {
                waited: Duration::ZERO,
                taken,
            });
        }
        let judged = self.pace.and_then(|pace| {
            let left = limits.rate_time.saturating_sub(pace.waited);
            now.checked_add(left)
        });
        match (stalled, judged) {
            (Verdict::Wait(Some(end)), Some(judged)) => Verdict::Wait(Some(end.min(judged))),
            (Verdict::Wait(None), judged) => Verdict::Wait(judged),
            (verdict, _) => verdict,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_who_comes_back_soon_keeps_buffers() {
        const MILLISECOND: Duration = Duration::from_millis(1);
        let limits = Limits::default();
        let mut now = Instant::now();
        let mut patience = Patience::new(now);
        let mut seen = Seen::default();
        // How long after the answer before it a request comes, and how long buffers are held then.
        for (pause, holds) in [
            (0, 0),
            (20_000, 0),
            (999, 1000),
            (1, 1000),
            (1000, 0),
            (5000, 0),
            (0, 1000),
        ] {
            let pause = pause * MILLISECOND;
            let parked = seen.requests > 0
                && matches!(patience.look(seen, now + pause, &limits), Verdict::Park(_));
            now += pause;
            if parked {
                patience.unpark(now);
            }
            seen.requests += 1;
            let end = now + limits.idle_time;
            let held = match patience.look(seen, now, &limits) {
                Verdict::Park(until) => (until, Duration::ZERO),
                Verdict::Wait(Some(at)) => (end, at.saturating_duration_since(now)),
                verdict => panic!("{verdict:?}"),
            };
            assert_eq!(held, (end, holds * MILLISECOND), "{pause:?}");
        }
    }
}
