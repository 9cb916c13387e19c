//! What becomes of a field that may be empty.

/// What becomes of a field that may be empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edit<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// There is nothing in it from now on.
    Clear,
    /// This is.
    Set(T),
}

impl<T> Edit<T> {
    /// What is in the field afterwards.
    #[must_use]
    pub fn of(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The same edit of a field that is kept as something else.
    #[must_use]
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Edit<U> {
        match self {
            Self::Keep => Edit::Keep,
            Self::Clear => Edit::Clear,
            Self::Set(value) => Edit::Set(with(value)),
        }
    }
}
