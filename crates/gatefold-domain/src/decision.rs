//! The decision: may this viewer hear this track?
//!
//! It is pure, and takes two steps where it has to: [`Access::decide`] says what can be said without
//! asking anybody, or hands out a [`SupportQuestion`], whose answer settles it. So the registry of
//! supporters is asked only where its answer counts.

use crate::{Did, Gate, Visibility};

/// What decides over who may hear a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Whose it is.
    pub artist: Did,
    /// What it demands.
    pub gate: Gate,
    /// Where it is shown.
    pub visibility: Visibility,
}

/// What becomes of a wish to hear a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// It is granted.
    Play,
    /// Whoever asks has to sign in first (401).
    SignIn,
    /// Whoever asks has to support the artist first (402).
    Support,
    /// Nobody can tell at the moment (503). Never a "no".
    Unknown,
    /// For whoever asks, there is no such track (404).
    Absent,
}

/// What the registry of supporters says of a person and an artist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Support {
    /// They support the artist.
    Yes,
    /// They do not.
    No,
    /// It cannot be asked at the moment.
    Unknown,
}

/// What has to be asked before it can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "nothing is decided before it is answered"]
pub struct SupportQuestion<'a> {
    /// Who may be a supporter.
    pub supporter: &'a Did,
    /// Of whom.
    pub artist: &'a Did,
}

impl Access {
    /// Decides for a viewer, or for somebody who is not signed in.
    ///
    /// # Errors
    /// When it depends on whether the viewer supports the artist: the question, to be answered with
    /// [`SupportQuestion::decide`].
    pub fn decide<'a>(&'a self, viewer: Option<&'a Did>) -> Result<Decision, SupportQuestion<'a>> {
        if viewer == Some(&self.artist) {
            return Ok(Decision::Play);
        }
        if self.visibility == Visibility::Draft {
            return Ok(Decision::Absent);
        }
        match (self.gate, viewer) {
            (Gate::Open, _) | (Gate::SignedIn, Some(_)) => Ok(Decision::Play),
            (Gate::SignedIn | Gate::Supporters, None) => Ok(Decision::SignIn),
            (Gate::Supporters, Some(supporter)) => Err(SupportQuestion {
                supporter,
                artist: &self.artist,
            }),
        }
    }
}

impl SupportQuestion<'_> {
    /// Decides with the registry's answer.
    #[must_use]
    pub const fn decide(self, answer: Support) -> Decision {
        match answer {
            Support::Yes => Decision::Play,
            Support::No => Decision::Support,
            Support::Unknown => Decision::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who asks.
    #[derive(Clone, Copy, Debug)]
    enum Who {
        Nobody,
        Somebody,
        Artist,
    }

    const ANSWERS: [Support; 3] = [Support::Yes, Support::No, Support::Unknown];

    fn did(name: char) -> Did {
        let did = format!("did:plc:{}", name.to_string().repeat(24));
        did.parse().unwrap()
    }

    /// The decision for each answer of the registry, and whether that was asked at all.
    fn decide(gate: Gate, visibility: Visibility, who: Who) -> ([Decision; 3], bool) {
        let (artist, somebody) = (did('a'), did('s'));
        let viewer = match who {
            Who::Nobody => None,
            Who::Somebody => Some(&somebody),
            Who::Artist => Some(&artist),
        };
        let access = Access {
            artist: artist.clone(),
            gate,
            visibility,
        };
        match access.decide(viewer) {
            Ok(decision) => ([decision; 3], false),
            Err(question) => {
                assert_eq!((question.supporter, question.artist), (&somebody, &artist));
                (ANSWERS.map(|answer| question.decide(answer)), true)
            }
        }
    }

    #[test]
    fn every_cell_of_the_table() {
        use Decision::{Absent, Play, SignIn, Support as Pay, Unknown};
        use Gate::{Open, SignedIn, Supporters};
        use Visibility::{Draft, Public, Unlisted};
        use Who::{Artist, Nobody, Somebody};

        // For each gate and visibility: nobody, somebody whom the registry calls a supporter, no
        // supporter, and cannot tell of; the artist.
        let table = [
            (Open, Public, [Play, Play, Play, Play, Play]),
            (Open, Unlisted, [Play, Play, Play, Play, Play]),
            (Open, Draft, [Absent, Absent, Absent, Absent, Play]),
            (SignedIn, Public, [SignIn, Play, Play, Play, Play]),
            (SignedIn, Unlisted, [SignIn, Play, Play, Play, Play]),
            (SignedIn, Draft, [Absent, Absent, Absent, Absent, Play]),
            (Supporters, Public, [SignIn, Play, Pay, Unknown, Play]),
            (Supporters, Unlisted, [SignIn, Play, Pay, Unknown, Play]),
            (Supporters, Draft, [Absent, Absent, Absent, Absent, Play]),
        ];
        assert_eq!(table.len(), Gate::ALL.len() * Visibility::ALL.len());
        for (gate, visibility, [nobody, yes, no, unknown, artist]) in table {
            let is_asked = gate == Supporters && visibility != Draft;
            for (who, decisions, asks) in [
                (Nobody, [nobody; 3], false),
                (Somebody, [yes, no, unknown], is_asked),
                (Artist, [artist; 3], false),
            ] {
                let found = decide(gate, visibility, who);
                assert_eq!(found, (decisions, asks), "{gate:?} {visibility:?} {who:?}");
            }
        }
        // Nothing in between was left out.
        let seen: std::collections::HashSet<_> =
            table.iter().map(|(gate, shown, _)| (gate, shown)).collect();
        assert_eq!(seen.len(), table.len());
    }
}
