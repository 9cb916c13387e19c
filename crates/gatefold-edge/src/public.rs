//! Objects of the public bucket: for everybody, at addresses that last.

use gatefold_domain::ObjectKeyRef;

/// What the path of a public object begins with.
pub const PUBLIC_PREFIX: &str = "/media/";

/// The object that a path names; `None` when it can be none. Nothing is decoded or normalised: each
/// object has one address.
pub(crate) fn key(path: &str) -> Option<ObjectKeyRef<'_>> {
    ObjectKeyRef::parse(path.strip_prefix(PUBLIC_PREFIX)?).ok()
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_object_has_one_address() {
        let longest = format!("/media/{}", "a".repeat(200));
        let too_long = format!("{longest}a");
        for (path, found) in [
            ("/media/audio/0f.mp3", Some("audio/0f.mp3")),
            ("/media/a", Some("a")),
            ("/media/a./-/_", Some("a./-/_")),
            (&*longest, longest.strip_prefix("/media/")),
            (&*too_long, None),
            ("/media/", None),
            ("/media", None),
            ("/media//a", None),
            ("/media/a/", None),
            ("/media/a//b", None),
            ("/media/../a", None),
            ("/media/a/..", None),
            ("/media/./a", None),
            ("/media/%61", None),
            ("/media/a%2fb", None),
            ("/media/a%00", None),
            ("/media/a b", None),
            ("/media/a+b", None),
            ("/media/a\\b", None),
            ("/media/a;b", None),
            ("/media/ä", None),
            ("/media/A", None),
            ("/media/.hidden", None),
            ("/media/a/.hidden", None),
            ("/Media/a", None),
            ("//media/a", None),
            ("/media/media/a", Some("media/a")),
            ("*", None),
            ("", None),
        ] {
            let key = key(path);
            assert_eq!(key.map(ObjectKeyRef::as_str), found, "{path}");
        }
    }

    proptest! {
        #[test]
        fn what_is_a_key_is_an_address(spelled in "[a-z0-9_-][a-z0-9._-]{0,20}(/[a-z0-9_-][a-z0-9._-]{0,20}){0,5}") {
            let path = format!("{PUBLIC_PREFIX}{spelled}");
            prop_assert_eq!(key(&path).map(ObjectKeyRef::as_str), Some(&*spelled));
        }

        /// Whatever a path is, what is found by it is spelled there, and lies in the bucket.
        #[test]
        fn no_address_leads_out_of_the_bucket(
            path in prop_oneof![".*", "/media/.*", "/media/[a-z0-9._%/-]{0,210}"],
        ) {
            if let Some(key) = key(&path) {
                let key = key.as_str();
                prop_assert_eq!(&path, &format!("{PUBLIC_PREFIX}{key}"));
                prop_assert!(key.len() <= 200);
                let mut parts = Path::new(key).components();
                prop_assert!(parts.all(|part| matches!(part, Component::Normal(_))));
                prop_assert_eq!(Path::new(key).components().count(), key.split('/').count());
            }
        }
    }
}
