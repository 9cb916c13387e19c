//! `[server.delivery]`: how listeners get at what they may hear.

use std::{path::PathBuf, time::Duration};

use gatefold_ops::config::{Fields, Section, Wrong};

/// The longest window of a link that the site's own edge opens.
pub(crate) const LONGEST_WINDOW: Duration = Duration::from_mins(30);
/// The shortest.
const SHORTEST_WINDOW: Duration = Duration::from_secs(gatefold_seal::SHORTEST_LIFETIME);

/// How listeners get at what they may hear.
pub(crate) struct Delivery {
    /// Where the keys are that seal and open links.
    pub(crate) keyring: Option<PathBuf>,
    /// With whose key of it the site seals.
    pub(crate) minter: String,
    /// How long a link stays the same.
    pub(crate) window: Duration,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            keyring: None,
            minter: "site".to_owned(),
            window: LONGEST_WINDOW,
        }
    }
}

impl Section for Delivery {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.field(
            "keyring",
            &mut self.keyring,
            "The keyring that seals and opens links to gated tracks: `keyring.json` among the secrets \
             unless another is named. It is made on the first start; several instances share one.",
        );
        on.field(
            "minter",
            &mut self.minter,
            "The name of the minter in the keyring with which the site seals.",
        );
        on.field(
            "window",
            &mut self.window,
            "How long a link stays the same, 1m to 30m: browsers keep what they played for so long. \
             Whether its listener may still have what it names is looked at with every request.",
        );
    }

    fn validate(&self, wrong: &mut Wrong<'_>) {
        if !(SHORTEST_WINDOW..=LONGEST_WINDOW).contains(&self.window)
            || self.window.subsec_nanos() != 0
        {
            wrong.field("window", "a window is whole seconds long, from 1m to 30m");
        }
        if self.minter.is_empty() {
            wrong.field(
                "minter",
                "this names nobody: leave it out, or name a minter",
            );
        }
    }
}
