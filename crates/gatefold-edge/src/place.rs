//! What an object is to this edge: something that a seal names, or a public one. The two never meet,
//! whatever their keys are.

use gatefold_domain::{ObjectKey, ObjectKeyRef};
use gatefold_seal::Source;
use quick_cache::Equivalent;

/// An object of one of the edge's origins.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// What a sealed URL names.
    Sealed(Source),
    /// An object of the public bucket.
    Public(ObjectKey),
}

/// The same, borrowed; it hashes alike.
#[derive(Clone, Copy, Hash)]
pub(crate) enum PlaceRef<'a> {
    Sealed(&'a Source),
    Public(ObjectKeyRef<'a>),
}

impl Place {
    /// What its origin calls it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Sealed(Source::Https(url)) => url.as_str().to_owned(),
            Self::Sealed(Source::Private(key)) => key.as_str().to_owned(),
            Self::Sealed(Source::File { folder, name }) => {
                format!("{}/{}", folder.as_str(), name.as_str())
            }
            Self::Public(key) => key.as_str().to_owned(),
        }
    }

    /// What operators call it: its source, with the folder before a file's name.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Sealed(Source::File { .. }) => format!("files:{}", self.name()),
            Self::Sealed(source @ (Source::Https(_) | Source::Private(_))) => source.original(),
            Self::Public(_) => format!("public:{}", self.name()),
        }
    }
}

impl PlaceRef<'_> {
    pub(crate) fn to_owned(self) -> Place {
        match self {
            Self::Sealed(source) => Place::Sealed(source.clone()),
            Self::Public(key) => Place::Public(key.to_owned()),
        }
    }
}

impl Equivalent<Place> for PlaceRef<'_> {
    fn equivalent(&self, place: &Place) -> bool {
        match (self, place) {
            (Self::Sealed(source), Place::Sealed(other)) => *source == other,
            (Self::Public(key), Place::Public(other)) => *key == other.borrowed(),
            (Self::Sealed(_), Place::Public(_)) | (Self::Public(_), Place::Sealed(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use quick_cache::sync::Cache;

    use super::*;

    #[test]
    fn equal_keys_of_two_buckets_are_two_objects() {
        let key: ObjectKey = "audio/a.mp3".parse().unwrap();
        let source = Source::parse("private:audio/a.mp3", None).unwrap();
        let (sealed, public) = (PlaceRef::Sealed(&source), PlaceRef::Public(key.borrowed()));
        assert_eq!(sealed.to_owned().name(), public.to_owned().name());
        assert_eq!(sealed.to_owned().label(), "private:audio/a.mp3");
        assert_eq!(public.to_owned().label(), "public:audio/a.mp3");
        let known = Cache::new(10);
        known.insert(sealed.to_owned(), "secret");
        assert_eq!(known.get(&public), None);
        assert_eq!(known.get(&sealed), Some("secret"));
        known.insert(public.to_owned(), "for all");
        assert_eq!(known.get(&public), Some("for all"));
        assert_eq!(known.get(&sealed), Some("secret"));
    }
}
