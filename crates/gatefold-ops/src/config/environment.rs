//! The one place that reads the process's environment variables.

use std::collections::BTreeMap;

/// What every variable of gatefold begins with.
pub(super) const PREFIX: &str = "GATEFOLD_";

/// A variable of this process by its whole name, for what is neither a setting nor an option of a
/// command. An empty one is none; what is no UTF-8 becomes a replacement character.
#[expect(
    clippy::disallowed_methods,
    reason = "the environment that others are given"
)]
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
    Some(value.to_string_lossy().into_owned())
}

/// The environment variables that can be settings, secrets among them: it has no `Debug`.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Those of this process. What is no UTF-8 in a value becomes a replacement character, with
    /// which no file is found and no key is right.
    #[expect(
        clippy::disallowed_methods,
        reason = "the environment that others are given"
    )]
    #[must_use]
    pub fn of_process() -> Self {
        Self::of(std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            Some((name, value.to_string_lossy().into_owned()))
        }))
    }

    /// Those given: for tests.
    #[must_use]
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let ours = variables
            .into_iter()
            .filter(|(name, _)| name.starts_with(PREFIX));
        Self(ours.collect())
    }

    /// The variable that stands for a setting: `edge.cache.memory` is
    /// `GATEFOLD_EDGE_CACHE_MEMORY`.
    #[must_use]
    pub fn name(key: &str) -> String {
        format!("{PREFIX}{}", key.replace('.', "_").to_ascii_uppercase())
    }

    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
