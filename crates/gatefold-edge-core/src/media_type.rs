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

/// Other names that types go by.
const ALIASES: &[(&str, &str)] = &[
    ("application/ogg", "audio/ogg"),
    ("audio/m4a", "audio/mp4"),
    ("audio/mp3", "audio/mpeg"),
    ("audio/opus", "audio/ogg"),
    ("audio/vnd.wave", "audio/wav"),
    ("audio/wave", "audio/wav"),
    ("audio/x-aiff", "audio/aiff"),
    ("audio/x-flac", "audio/flac"),
    ("audio/x-m4a", "audio/mp4"),
    ("audio/x-wav", "audio/wav"),
    ("video/x-m4v", "video/mp4"),
];

/// Types by which an origin says that it does not know.
const UNSAID: &[&str] = &[
    "",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "binary/octet-stream",
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

    /// The type that an origin states in `Content-Type`; `None` when it says that it does not know.
    /// What it states and is not on the list is [`MediaType::OTHER`], whatever the object is
    /// called: a page that says that there was an error is no song.
    #[must_use]
    pub fn of_content_type(stated: &str) -> Option<Self> {
        let essence = stated.split(';').next().unwrap_or_default().trim();
        if UNSAID.iter().any(|none| none.eq_ignore_ascii_case(essence)) {
            return None;
        }
        let alias = ALIASES
            .iter()
            .find(|(alias, _)| alias.eq_ignore_ascii_case(essence));
        let name = alias.map_or(essence, |(_, name)| name);
        let known = ENDINGS
            .iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(name));
        Some(known.map_or(Self::OTHER, |(_, known)| Self(known)))
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

    #[test]
    fn origins_state_types_in_many_ways() {
        let table = [
            ("audio/mpeg", Some("audio/mpeg")),
            ("AUDIO/MP3", Some("audio/mpeg")),
            ("audio/x-wav; codecs=1", Some("audio/wav")),
            (" audio/flac ;x", Some("audio/flac")),
            ("application/ogg", Some("audio/ogg")),
            ("text/html; charset=utf-8", Some("application/octet-stream")),
            ("image/svg+xml", Some("application/octet-stream")),
            ("audio/x-unheard-of", Some("application/octet-stream")),
            ("nonsense", Some("application/octet-stream")),
            ("", None),
            ("application/octet-stream", None),
            ("binary/octet-stream;x=y", None),
        ];
        for (stated, expected) in table {
            let found = MediaType::of_content_type(stated).map(MediaType::as_str);
            assert_eq!(found, expected, "{stated}");
        }
        for (alias, name) in ALIASES {
            assert_eq!(MediaType::of_content_type(alias).unwrap().as_str(), *name);
        }
    }
}
