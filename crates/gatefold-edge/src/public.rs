//! Objects of the public bucket: for everybody, at addresses that last.

use gatefold_domain::ObjectKey;

/// What the path of a public object begins with.
pub const PUBLIC_PREFIX: &str = "/media/";

/// The object that a path names; `None` when it can be none. Nothing is decoded or normalised: each
/// object has one address.
pub(crate) fn key(path: &str) -> Option<ObjectKey> {
    path.strip_prefix(PUBLIC_PREFIX)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_one_address() {
        for (path, found) in [
            ("/media/audio/0f.mp3", Some("audio/0f.mp3")),
            ("/media/a", Some("a")),
            ("/media/", None),
            ("/media", None),
            ("/media//a", None),
            ("/media/a/", None),
            ("/media/../a", None),
            ("/media/%61", None),
            ("/media/A", None),
            ("/media/.hidden", None),
            ("/Media/a", None),
        ] {
            let key = key(path);
            assert_eq!(key.as_ref().map(ObjectKey::as_str), found, "{path}");
        }
    }
}
