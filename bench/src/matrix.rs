//! What is compared with what.

use clap::ValueEnum;
use serde::Serialize;

/// Where the edge has what it serves, once it has been asked for everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kept {
    /// Slices in memory
    Memory,
    /// Slices on disk, and none in memory
    Disk,
}

/// Where nginx has what it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Against {
    /// The files themselves, without an origin
    Sendfile,
    /// `proxy_cache` with slices of 1 MiB, in front of the origin
    Slice,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    /// Requests and bytes per CPU second
    Speed,
    /// Memory of idle and of stalled connections
    Memory,
    /// Refusals per CPU second
    Flood,
}

/// Two servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Pairing {
    pub(crate) kept: Kept,
    pub(crate) against: Against,
}

/// What is compared unless something is chosen: the same job in both ways of keeping, and the
/// edge with nginx where that is fastest.
const ALL: [Pairing; 3] = [
    Pairing {
        kept: Kept::Memory,
        against: Against::Slice,
    },
    Pairing {
        kept: Kept::Disk,
        against: Against::Slice,
    },
    Pairing {
        kept: Kept::Memory,
        against: Against::Sendfile,
    },
];

/// The pairings that are left by a choice; both choices make a pairing of their own.
pub(crate) fn pairings(kept: Option<Kept>, against: Option<Against>) -> Vec<Pairing> {
    if let (Some(kept), Some(against)) = (kept, against) {
        return vec![Pairing { kept, against }];
    }
    let chosen = |pairing: &Pairing| {
        kept.is_none_or(|kept| kept == pairing.kept)
            && against.is_none_or(|against| against == pairing.against)
    };
    ALL.into_iter().filter(chosen).collect()
}

impl Kept {
    /// As an argument spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Disk => "disk",
        }
    }

    fn is_said(self) -> &'static str {
        match self {
            Self::Memory => "slices in memory",
            Self::Disk => "slices on disk",
        }
    }
}

impl Against {
    fn is_said(self) -> &'static str {
        match self {
            Self::Sendfile => "sendfile of the files",
            Self::Slice => "proxy_cache + slice 1m",
        }
    }
}

impl std::fmt::Display for Pairing {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kept, against } = self;
        write!(
            to,
            "gatefold ({}) and nginx ({})",
            kept.is_said(),
            against.is_said()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_leave_what_they_name() {
        use {Against::*, Kept::*};
        let table = [
            (None, None, 3),
            (Some(Memory), None, 2),
            (Some(Disk), None, 1),
            (None, Some(Slice), 2),
            (None, Some(Sendfile), 1),
            (Some(Disk), Some(Sendfile), 1),
            (Some(Memory), Some(Slice), 1),
        ];
        for (kept, against, count) in table {
            let pairings = pairings(kept, against);
            assert_eq!(pairings.len(), count, "{kept:?} {against:?}");
            for pairing in pairings {
                assert!(kept.is_none_or(|kept| kept == pairing.kept));
                assert!(against.is_none_or(|against| against == pairing.against));
            }
        }
    }

    #[test]
    fn a_pairing_is_said_in_words() {
        let said: Vec<String> = ALL.iter().map(ToString::to_string).collect();
        let first = "gatefold (slices in memory) and nginx (proxy_cache + slice 1m)";
        assert_eq!(said.first().map(String::as_str), Some(first));
        assert_eq!(
            said.iter().collect::<std::collections::HashSet<_>>().len(),
            3
        );
    }
}
