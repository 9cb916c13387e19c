//! What is read out of files, honest and hostile.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is shared among tests is a part of them, though clippy knows only those"
)]

mod damaged;
mod formats;
mod isolation;
mod pcm;
mod refusals;

use std::{io::Cursor, path::PathBuf};

use gatefold_media::{
    Failure, Refusal,
    audio::{self, Audio, Limits},
};

/// A file of `testdata/audio`.
fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(fixture_path(name)).unwrap()
}

fn fixture_path(name: &str) -> PathBuf {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/audio");
    PathBuf::from(root).join(name)
}

fn read(bytes: &[u8]) -> Result<Audio, Refusal> {
    read_within(bytes, &Limits::default())
}

fn read_within(bytes: &[u8], limits: &Limits) -> Result<Audio, Refusal> {
    match audio::read(Cursor::new(bytes), limits) {
        Ok(audio) => Ok(audio),
        Err(Failure::Refused(refusal)) => Err(refusal),
        Err(Failure::System(error)) => panic!("bytes at hand can be read: {error}"),
    }
}
