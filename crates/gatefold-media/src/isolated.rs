//! Reading in a process of its own. Files come from strangers, and whoever decodes them may find one that
//! makes it panic, abort, loop or allocate without end. Such a file costs its own process, and nothing
//! else: that process has no secrets, no more memory and time than it is given, and dies with its job.
//!
//! The program that serves is started again, with arguments of its choice, for which it calls
//! [`serve_child`]. The file comes as standard input; what is made of it goes into the folder that the
//! process runs in; what was found is one line of JSON.

mod child;
mod job;
mod parent;

use serde::{Deserialize, Serialize};

use crate::{
    audio::{Codec, Tags, Waveform},
    image,
};

pub use child::{Misled, confine, serve_child};
pub use parent::{Reader, Settings};

/// The file that an AIFF is made into, in the folder of a job.
pub const FLAC_FILE: &str = "played.flac";
/// The file of a large picture.
pub const LARGE_FILE: &str = "large.jpg";
/// The file of a small one.
pub const SMALL_FILE: &str = "small.jpg";

/// What is in an uploaded track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// What it is, whatever it is named.
    #[serde(with = "job::format")]
    pub format: gatefold_domain::AudioFormat,
    /// How its samples are coded.
    pub codec: Codec,
    /// How long it plays, in milliseconds.
    pub duration_ms: u64,
    /// In hertz.
    pub sample_rate: u32,
    /// How many channels it has.
    pub channels: u16,
    /// How many bits a sample has, where samples are kept as they were recorded.
    pub bits: Option<u32>,
    /// What it says of itself.
    pub tags: Tags,
    /// Its outline, where it was decoded.
    pub waveform: Option<Waveform>,
    /// Its embedded picture, which is in [`LARGE_FILE`] and [`SMALL_FILE`] then.
    pub artwork: Option<Artwork>,
    /// What players get instead of it, which is in [`FLAC_FILE`] then.
    pub flac: Option<Flac>,
}

/// A picture in two sizes, both JPEG.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artwork {
    /// What is in [`LARGE_FILE`].
    pub large: Size,
    /// What is in [`SMALL_FILE`].
    pub small: Size,
}

/// How large a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Of its file.
    pub bytes: u64,
}

/// A FLAC that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flac {
    /// How many bits its samples have.
    pub bits: u32,
    /// Of its file.
    pub bytes: u64,
}

impl From<&image::Picture> for Size {
    fn from(picture: &image::Picture) -> Self {
        Self {
            width: picture.width,
            height: picture.height,
            bytes: picture.bytes.len() as u64,
        }
    }
}
