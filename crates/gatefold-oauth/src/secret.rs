//! Text that nobody may see: tokens, verifiers, codes.

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// A secret as text. It has no `Debug`, is overwritten when dropped, and is seen only where it is
/// asked for by [`Secret::expose`].
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;
    use crate::{ClientKeys, DpopKey, Grant, Pending, StateToken, jose::SigningKey};

    /// Does not compile when a type has a `Debug`: `probe` would then be found in two ways.
    macro_rules! assert_no_debug {
        ($($type:ty),+ $(,)?) => {$(
            const _: fn() = || {
                trait Probe<Way> {
                    fn probe() {}
                }
                struct WithDebug;
                impl<T: ?Sized> Probe<()> for T {}
                impl<T: ?Sized + Debug> Probe<WithDebug> for T {}
                <$type as Probe<_>>::probe();
            };
        )+};
    }

    assert_no_debug!(
        Secret, ClientKeys, DpopKey, Grant, Pending, StateToken, SigningKey
    );

    #[test]
    fn a_secret_is_seen_only_when_asked_for() {
        let secret: Secret = serde_json::from_str("\"se\\u0063ret\"").unwrap();
        assert_eq!(secret.expose(), "secret");
        assert!(std::mem::needs_drop::<Secret>());
    }
}
