//! Gates and visibilities in the words of the command line.

use clap::ValueEnum;
use gatefold_client::Track;
use gatefold_domain::{Downloads, Gate, Visibility};

/// Who may hear a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::commands) enum GateWord {
    /// Who supports you
    Supporters,
    /// Whoever is signed in
    SignedIn,
    /// Everybody
    Open,
}

/// Where a track is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::commands) enum VisibilityWord {
    /// Everywhere
    Public,
    /// To those who have its address
    Unlisted,
    /// To you alone
    Draft,
}

/// Who may keep a file of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::commands) enum DownloadsWord {
    /// Whoever may hear it
    Listeners,
    /// Nobody but you
    Off,
}

impl From<DownloadsWord> for Downloads {
    fn from(word: DownloadsWord) -> Self {
        match word {
            DownloadsWord::Listeners => Self::Listeners,
            DownloadsWord::Off => Self::Off,
        }
    }
}

impl From<GateWord> for Gate {
    fn from(word: GateWord) -> Self {
        match word {
            GateWord::Supporters => Self::Supporters,
            GateWord::SignedIn => Self::SignedIn,
            GateWord::Open => Self::Open,
        }
    }
}

impl From<VisibilityWord> for Visibility {
    fn from(word: VisibilityWord) -> Self {
        match word {
            VisibilityWord::Public => Self::Public,
            VisibilityWord::Unlisted => Self::Unlisted,
            VisibilityWord::Draft => Self::Draft,
        }
    }
}

/// For whom a track is, in a list.
pub(in crate::commands) fn gate_of(track: &Track) -> &'static str {
    match track.gate() {
        Some(Gate::Open) => "everybody",
        Some(Gate::SignedIn) => "signed in",
        Some(Gate::Supporters) => "supporters",
        None => "some",
    }
}

/// For whom it is, in a sentence.
pub(in crate::commands) fn gate_in_words(gate: Gate) -> &'static str {
    match gate {
        Gate::Open => "everybody",
        Gate::SignedIn => "whoever is signed in",
        Gate::Supporters => "those who support you",
    }
}
