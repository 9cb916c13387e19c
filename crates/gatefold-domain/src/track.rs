//! What names a track, its files, and where their bytes are.

use std::{fmt, str::FromStr};

use crate::AudioFormat;

/// Names a track here: a positive number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackId(i64);

/// Names one file of a track, for those who play it: 1 to 64 letters, digits, `-` and `_`. It tells
/// nothing of where the bytes are, and whoever has it has nothing yet: every use of it is decided.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(Box<str>);

/// Names an object of a bucket: segments of lower-case letters, digits, `.`, `-` and `_` with `/`
/// between them, none of which begins with a dot. Of gated tracks it is told to nobody, so it has no
/// `Display`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(Box<str>);

/// The same, borrowed from the text that it was read in, for whoever only looks something up: it
/// hashes like the [`ObjectKey`] that it would become.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObjectKeyRef<'a>(&'a str);

/// Text that names nothing of the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidId;

/// Random bytes that make a name which nobody guesses.
pub type IdBytes = [u8; 16];

/// The longest name of a file, in bytes.
const LONGEST_FILE: usize = 64;
/// The longest key of an object, in bytes.
const LONGEST_KEY: usize = 200;
/// What the keys of received things begin with that nothing names yet.
const STAGING: &str = "staging/";

impl TrackId {
    /// The track with this number, if that can be one.
    #[must_use]
    pub const fn new(number: i64) -> Option<Self> {
        if number > 0 { Some(Self(number)) } else { None }
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl FromStr for TrackId {
    type Err = InvalidId;

    /// Digits alone, without leading zeros: one track has one address.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        let number = text.parse().ok().filter(|_| is_plain);
        number.and_then(Self::new).ok_or(InvalidId)
    }
}

impl fmt::Display for TrackId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)
    }
}

impl FileId {
    /// A new name, of random bytes.
    #[must_use]
    pub fn random(bytes: IdBytes) -> Self {
        Self(hex(bytes).into())
    }

    /// It as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FileId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_good = (1..=LONGEST_FILE).contains(&text.len()) && text.bytes().all(is_good);
        is_good.then(|| Self(text.into())).ok_or(InvalidId)
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for FileId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl ObjectKey {
    /// The key of a new audio object, of random bytes. Its ending is that of the format, by which
    /// whoever serves the bucket knows the type.
    #[must_use]
    pub fn audio(bytes: IdBytes, format: AudioFormat) -> Self {
        Self(format!("audio/{}.{}", hex(bytes), format.extension()).into())
    }

    /// The key of a new picture, a JPEG, of random bytes.
    #[must_use]
    pub fn image(bytes: IdBytes) -> Self {
        Self(format!("image/{}.jpg", hex(bytes)).into())
    }

    /// The key of what was received and is not what it will be yet, of random bytes.
    #[must_use]
    pub fn staging(bytes: IdBytes) -> Self {
        Self(format!("{STAGING}{}", hex(bytes)).into())
    }

    /// Whether it names what was received and is not what it will be yet.
    #[must_use]
    pub fn is_staging(&self) -> bool {
        self.0.starts_with(STAGING)
    }

    /// It as text, for the bucket that holds it and nobody else.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// It, borrowed.
    #[must_use]
    pub fn borrowed(&self) -> ObjectKeyRef<'_> {
        ObjectKeyRef(&self.0)
    }
}

impl<'a> ObjectKeyRef<'a> {
    /// Reads a key where it stands. Nothing is decoded or normalised: a key has one spelling.
    ///
    /// # Errors
    /// When the text is no key.
    pub fn parse(text: &'a str) -> Result<Self, InvalidId> {
        let is_good = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_');
        let is_segment = |segment: &str| {
            !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(is_good)
        };
        let is_good = text.len() <= LONGEST_KEY && text.split('/').all(is_segment);
        is_good.then_some(Self(text)).ok_or(InvalidId)
    }

    /// It as text, for the bucket that holds it and nobody else.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// A key to keep.
    #[must_use]
    pub fn to_owned(self) -> ObjectKey {
        ObjectKey(self.0.into())
    }
}

impl FromStr for ObjectKey {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        ObjectKeyRef::parse(text).map(ObjectKeyRef::to_owned)
    }
}

fn hex(bytes: IdBytes) -> String {
    format!("{:032x}", u128::from_be_bytes(bytes))
}

impl fmt::Display for InvalidId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("not the name of anything that can be here")
    }
}

impl std::error::Error for InvalidId {}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use super::*;

    #[test]
    fn tracks_have_plain_positive_numbers() {
        for (text, number) in [
            ("1", Some(1)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("0", None),
            ("01", None),
            ("-1", None),
            ("+1", None),
            (" 1", None),
            ("1.0", None),
            ("", None),
        ] {
            let found = text.parse::<TrackId>().ok().map(TrackId::get);
            assert_eq!(found, number, "{text}");
        }
    }

    #[test]
    fn names_of_files_are_opaque_words() {
        let made = FileId::random([7; 16]);
        assert_eq!(made.as_str(), "07".repeat(16));
        assert_eq!(made.as_str().parse(), Ok(made));
        for (text, good) in [
            ("a", true),
            ("aZ09-_", true),
            (&*"a".repeat(64), true),
            (&*"a".repeat(65), false),
            ("", false),
            ("a.mp3", false),
            ("a/b", false),
            ("..", false),
            ("a b", false),
            ("ä", false),
            ("a\0", false),
        ] {
            assert_eq!(text.parse::<FileId>().is_ok(), good, "{text}");
        }
    }

    #[test]
    fn keys_of_objects_never_leave_their_bucket() {
        let made = ObjectKey::audio([7; 16], AudioFormat::Flac);
        assert_eq!(made.as_str(), format!("audio/{}.flac", "07".repeat(16)));
        assert!(!made.is_staging() && made.as_str().parse() == Ok(made));
        let made = ObjectKey::staging([7; 16]);
        assert_eq!(made.as_str(), format!("staging/{}", "07".repeat(16)));
        assert!(made.is_staging() && made.as_str().parse() == Ok(made));
        for (text, good) in [
            ("a", true),
            ("staging/0f-a_b.mp3", true),
            (&*"a".repeat(200), true),
            (&*"a".repeat(201), false),
            ("", false),
            ("/a", false),
            ("a/", false),
            ("a//b", false),
            ("../a", false),
            ("a/..", false),
            ("a/.hidden", false),
            ("A", false),
            ("a b", false),
            ("a\\b", false),
        ] {
            assert_eq!(text.parse::<ObjectKey>().is_ok(), good, "{text}");
        }
    }

    #[test]
    fn a_borrowed_key_is_found_where_the_key_is_kept() {
        let kept = ObjectKey::audio([7; 16], AudioFormat::Flac);
        let borrowed = ObjectKeyRef::parse(kept.as_str()).unwrap();
        assert!(borrowed == kept.borrowed() && borrowed.to_owned() == kept);
        let hasher = RandomState::new();
        assert_eq!(hasher.hash_one(borrowed), hasher.hash_one(&kept));
    }
}
