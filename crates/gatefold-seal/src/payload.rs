//! What a sealed URL says, and its one canonical encoding.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    refusal::Refusal,
    source::Source,
    window::{MAX_INTEGER, UnixSeconds, Window},
};

/// Plaintexts are padded with spaces to a multiple of this many bytes, so that a token's length
/// tells little about what it holds.
pub const PADDING: usize = 64;

/// The longest plaintext, in bytes.
pub const MAX_PLAINTEXT: usize = 4096;

/// What a sealed URL says: which bytes, for whom, and when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Payload {
    source: Source,
    client: String,
    window: Window,
}

/// Why a payload cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// `client` is empty.
    #[error("a sealed URL is always bound to a client; none was given")]
    NoClient,
    /// The encoding would be longer than [`MAX_PLAINTEXT`].
    #[error("source and client are too long to be sealed")]
    TooLong,
}

impl Payload {
    /// Puts a payload together.
    ///
    /// # Errors
    /// When `client` is empty, or all of it is too long.
    pub fn new(
        source: Source,
        client: impl Into<String>,
        window: Window,
    ) -> Result<Self, PayloadError> {
        let client = client.into();
        if client.is_empty() {
            return Err(PayloadError::NoClient);
        }
        let payload = Self {
            source,
            client,
            window,
        };
        if payload.fields().encoded_len() > MAX_PLAINTEXT {
            return Err(PayloadError::TooLong);
        }
        Ok(payload)
    }

    /// Where the bytes are.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Whom the URL is for.
    #[must_use]
    pub fn client(&self) -> &str {
        &self.client
    }

    /// The parts that do not depend on the time.
    pub(crate) fn into_source_and_client(self) -> (Source, String) {
        (self.source, self.client)
    }

    /// When the URL is good.
    #[must_use]
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// The canonical encoding, padded.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        self.fields().encode()
    }

    fn fields(&self) -> Fields<'_> {
        Fields {
            original_source: self.source.spelling(),
            valid_until_unix: self.window.valid_until().0,
            client: self.client.as_str().into(),
            bucket_folder: self.source.folder().map(Into::into),
            window_index: self.window.index(),
            lifetime_seconds: self.window.lifetime(),
            phase_seconds: self.window.phase(),
        }
    }

    /// Reads a plaintext.
    ///
    /// # Errors
    /// [`Refusal::MalformedPayload`] for anything but a canonical encoding,
    /// [`Refusal::InconsistentPayload`] when fields contradict each other, and
    /// [`Refusal::UnsupportedSource`] for a source that is not in its accepted spelling.
    pub fn decode(plaintext: &[u8]) -> Result<Self, Refusal> {
        if plaintext.len() > MAX_PLAINTEXT {
            return Err(Refusal::MalformedPayload);
        }
        let json = plaintext.trim_ascii_end();
        let fields: Fields<'_> =
            serde_json::from_slice(json).map_err(|_| Refusal::MalformedPayload)?;
        let integers = [
            fields.valid_until_unix,
            fields.window_index,
            fields.lifetime_seconds,
            fields.phase_seconds,
        ];
        if fields.client.is_empty()
            || integers.iter().any(|integer| *integer > MAX_INTEGER)
            || !fields.is_encoded_as(plaintext)
        {
            return Err(Refusal::MalformedPayload);
        }
        let window = Window::numbered(
            fields.window_index,
            fields.lifetime_seconds,
            fields.phase_seconds,
        )
        .map_err(|_| Refusal::InconsistentPayload)?;
        if window.valid_until() != UnixSeconds(fields.valid_until_unix) {
            return Err(Refusal::InconsistentPayload);
        }
        let source = Source::parse(&fields.original_source, fields.bucket_folder.as_deref())?;
        Ok(Self {
            source,
            client: fields.client.into_owned(),
            window,
        })
    }
}

/// The wire's fields, in the wire's order. Compact `serde_json` output is the canonical encoding:
/// no white space, and only the escapes that JSON demands, in their short form where there is one.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fields<'a> {
    original_source: Cow<'a, str>,
    valid_until_unix: u64,
    client: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bucket_folder: Option<Cow<'a, str>>,
    window_index: u64,
    lifetime_seconds: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    phase_seconds: u64,
}

impl Fields<'_> {
    fn encode(&self) -> Zeroizing<Vec<u8>> {
        // A buffer that grew would leave its old content behind, so its length is found first.
        let length = self.encoded_len();
        let mut plaintext = Zeroizing::new(Vec::with_capacity(length));
        // Strings and integers always serialise; spaces alone would be refused by everybody.
        if !self.write(&mut *plaintext) {
            plaintext.clear();
        }
        plaintext.resize(length, b' ');
        plaintext
    }

    fn encoded_len(&self) -> usize {
        let mut count = Count(0);
        self.write(&mut count);
        count.0.next_multiple_of(PADDING)
    }

    /// Whether `plaintext` is this encoding, without making another.
    fn is_encoded_as(&self, plaintext: &[u8]) -> bool {
        let mut rest = Rest(plaintext);
        self.write(&mut rest)
            && plaintext.len().is_multiple_of(PADDING)
            && rest.0.len() < PADDING
            && rest.0.iter().all(|byte| *byte == b' ')
    }

    /// Writes the JSON without its padding; whether that succeeded.
    fn write(&self, to: impl Write) -> bool {
        serde_json::to_writer(to, self).is_ok()
    }
}

/// Counts what is written.
#[derive(Default)]
pub(crate) struct Count(pub(crate) usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is left of an expected text after what was written; fails where they differ.
struct Rest<'a>(&'a [u8]);

impl Write for Rest<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self
            .0
            .strip_prefix(bytes)
            .ok_or(io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload() -> Payload {
        let source = Source::parse("files:a \"b\".wav", Some("demo")).unwrap();
        let window = Window::numbered(100, 3600, 5).unwrap();
        Payload::new(source, "https://music.example", window).unwrap()
    }

    fn padded(json: &str) -> Vec<u8> {
        let mut bytes = json.as_bytes().to_vec();
        bytes.resize(bytes.len().next_multiple_of(PADDING), b' ');
        bytes
    }

    #[test]
    fn the_encoding_is_the_documented_one() {
        let expected = padded(concat!(
            r#"{"originalSource":"files:a \"b\".wav","validUntilUnix":363595,"#,
            r#""client":"https://music.example","bucketFolder":"demo","windowIndex":100,"#,
            r#""lifetimeSeconds":3600,"phaseSeconds":5}"#
        ));
        assert_eq!(*payload().encode(), expected);
        assert_eq!(Payload::decode(&expected), Ok(payload()));
    }

    #[test]
    fn fields_that_disagree_are_refused() {
        let json = concat!(
            r#"{"originalSource":"https://a.example/b","validUntilUnix":1778832000,"#,
            r#""client":"x","windowIndex":989351,"lifetimeSeconds":1800}"#
        );
        assert_eq!(
            Payload::decode(&padded(json)),
            Err(Refusal::InconsistentPayload)
        );
    }

    #[test]
    fn anything_but_the_canonical_encoding_is_refused() {
        let good = r#"{"originalSource":"https://a.example/b","validUntilUnix":120,"client":"x","windowIndex":1,"lifetimeSeconds":60}"#;
        assert!(Payload::decode(&padded(good)).is_ok());
        let long_padding = {
            let mut bytes = padded(good);
            bytes.extend([b' '; PADDING]);
            bytes
        };
        let bad: Vec<Vec<u8>> = vec![
            good.as_bytes().to_vec(),
            long_padding,
            padded(&good.replace("\"x\"", "\"\"")),
            padded(&good.replace("\"x\"", "\"\\u0078\"")),
            padded(&good.replace("https:", "https\\u003a")),
            padded(&good.replace(":60", ": 60")),
            padded(&good.replace(":60", ":60.0")),
            padded(&good.replace(":60", ":6e1")),
            padded(&good.replace(":60", ":60,\"phaseSeconds\":0")),
            padded(&good.replace(":60", ":60,\"bucketFolder\":null")),
            padded(&good.replace(":60", ":60,\"more\":1")),
            padded(&good.replace(":60", ":60,\"client\":\"x\"")),
            padded(&good.replace("\"windowIndex\":1,", "")),
            padded(&good.replace(":120", ":9007199254740992")),
            padded(&good.replace(":120", ":-1")),
            padded(&format!(" {good}")),
            padded("[]"),
            padded("{}"),
            vec![],
            vec![b' '; PADDING],
            vec![0xff; PADDING],
            vec![b' '; MAX_PLAINTEXT + PADDING],
        ];
        for plaintext in bad {
            assert_eq!(
                Payload::decode(&plaintext),
                Err(Refusal::MalformedPayload),
                "{}",
                String::from_utf8_lossy(&plaintext)
            );
        }
    }

    #[test]
    fn what_cannot_be_sealed_is_an_error() {
        let source = || Source::parse("https://a.example/b", None).unwrap();
        let window = Window::numbered(1, 60, 0).unwrap();
        assert_eq!(
            Payload::new(source(), "", window),
            Err(PayloadError::NoClient)
        );
        assert_eq!(
            Payload::new(source(), "x".repeat(MAX_PLAINTEXT), window),
            Err(PayloadError::TooLong)
        );
    }
}
