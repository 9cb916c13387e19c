//! What goes between the two processes.

use serde::{Deserialize, Serialize};

use super::{Artwork, Track};
use crate::{Refusal, audio, image};

/// The longest answer, in bytes.
pub(super) const LONGEST: u64 = 64 * 1024;

/// What a process is to do, as its last argument.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Job {
    pub(super) task: Task,
    pub(super) bounds: Bounds,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Task {
    Track(audio::Limits, image::Limits),
    Picture(image::Limits),
}

/// What a process may take.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Bounds {
    /// Of address space, in bytes.
    pub(super) memory: u64,
    /// Of a processor, in seconds.
    pub(super) processor: u64,
    /// Of each file that it writes, in bytes.
    pub(super) file: u64,
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Track(Box<Track>),
    Picture(Artwork),
    Refused(Refusal),
    /// It could not do its work, for no fault of the file.
    Failed(String),
}

/// Formats by the word under which they are kept.
pub(super) mod format {
    use gatefold_domain::AudioFormat;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(in super::super) fn serialize<S: Serializer>(
        format: &AudioFormat,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(format.extension())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<AudioFormat, D::Error> {
        let word = String::deserialize(from)?;
        word.parse().map_err(|_| D::Error::custom("no format"))
    }
}
