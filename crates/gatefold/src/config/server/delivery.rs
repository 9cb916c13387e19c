//! `[server.delivery]`: how listeners get at what they may hear.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use gatefold_ops::config::{Fields, Parsed, Section, Wrong};

/// The longest window of a link that the site's own edge opens.
pub(crate) const LONGEST_WINDOW: Duration = Duration::from_mins(30);
/// The shortest.
const SHORTEST_WINDOW: Duration = Duration::from_secs(gatefold_seal::SHORTEST_LIFETIME);

/// How what is not for everybody is delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DeliveryKind {
    /// By sealed URLs, which the site's own edge opens.
    #[default]
    Sealed,
    /// By addresses of the site with a token.
    Token,
    /// By presigned URLs of the bucket, which work for whoever has them.
    Presigned,
}

/// A word that names no delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such delivery; write \"sealed\", \"token\" or \"presigned\"")]
pub(crate) struct InvalidDelivery;

impl FromStr for DeliveryKind {
    type Err = InvalidDelivery;

    fn from_str(text: &str) -> Result<Self, InvalidDelivery> {
        match text {
            "sealed" => Ok(Self::Sealed),
            "token" => Ok(Self::Token),
            "presigned" => Ok(Self::Presigned),
            _ => Err(InvalidDelivery),
        }
    }
}

impl fmt::Display for DeliveryKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Sealed => "sealed",
            Self::Token => "token",
            Self::Presigned => "presigned",
        })
    }
}

/// How listeners get at what they may hear.
pub(crate) struct Delivery {
    /// How what is not for everybody is delivered.
    pub(crate) kind: Parsed<DeliveryKind>,
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
            kind: Parsed(DeliveryKind::Sealed),
            keyring: None,
            minter: "site".to_owned(),
            window: LONGEST_WINDOW,
        }
    }
}

impl Section for Delivery {
    fn fields(&mut self, on: &mut Fields<'_>) {
        on.field(
            "kind",
            &mut self.kind,
            "How what is not for everybody is delivered. `sealed`: by an encrypted URL for one listener. \
             `token`: by an address of the site that is one listener's. `presigned`: by a URL of the \
             bucket itself, which works for whoever has it, for 5 minutes.",
        );
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
            "How long a link that is sealed or has a token stays the same, 1m to 30m: browsers keep what they played for so long. \
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
