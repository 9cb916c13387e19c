//! The closed list of media types that an edge serves as what they are.
//!
//! Whatever is not on it goes out as an attachment of unknown type, so that nobody's upload becomes
//! a page or a script on the edge's own origin.

/// A type that browsers may play in place, or [`MediaType::OTHER`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MediaType(&'static str);

/// File-name endings and what they mean.
const ENDINGS: &[(&str, &str)] = &[
    ("aac", "audio/aac"),
    ("aif", "audio/aiff"),
    ("aiff", "audio/aiff"),
    ("flac", "audio/flac"),
    ("m4a", "audio/mp4"),
    ("m4v", "video/mp4"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("wav", "audio/wav"),
    ("weba", "audio/webm"),
    ("webm", "video/webm"),
];

impl MediaType {
    /// Anything that is not audio or video of a known kind.
    pub const OTHER: Self = Self("application/octet-stream");

    /// The type of a file by its name's ending, in any case.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
        ENDINGS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(ending))
            .map_or(Self::OTHER, |(_, media_type)| Self(media_type))
    }

    /// The type as `Content-Type` spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether browsers may play it in place.
    #[must_use]
    pub fn is_playable(self) -> bool {
        self != Self::OTHER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_types_and_nothing_tells_html() {
        let table = [
            ("a.mp3", "audio/mpeg"),
            ("a.b.FLAC", "audio/flac"),
            ("a.html", "application/octet-stream"),
            ("a.svg", "application/octet-stream"),
            ("mp3", "application/octet-stream"),
            ("a.", "application/octet-stream"),
            ("", "application/octet-stream"),
        ];
        for (name, expected) in table {
            assert_eq!(MediaType::of_name(name).as_str(), expected, "{name}");
        }
    }
}
