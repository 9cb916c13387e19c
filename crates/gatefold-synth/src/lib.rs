//! A small synthesiser: composes and renders the music that the demo plays.
//!
//! A demo of a music service needs music that nobody else has rights in. This crate makes some:
//! [`catalogue()`] holds three pieces, and [`Composition::write_wav`] plays one of them into any
//! [`io::Write`].
//!
//! ```
//! # fn main() -> std::io::Result<()> {
//! let piece = &gatefold_synth::catalogue()[0];
//! let mut wav = Vec::new();
//! piece.write_wav(&mut wav)?;
//! assert_eq!(u64::try_from(wav.len()), Ok(piece.wav_len()));
//! # Ok(())
//! # }
//! ```
//!
//! # How it works
//!
//! Sound passes through four stages, one module each:
//!
//! 1. `score` writes down what is played. A piece is a form of sections; a section has a chord per
//!    bar and some parts; `harmony` leads the voices from chord to chord.
//! 2. `instruments` decides how a note sounds: plucked strings, electric piano, pad, drums.
//! 3. `mix` brings the voices together, and adds room, echo, fade and ceiling.
//! 4. `wav` is the container.
//!
//! # What is promised
//!
//! The crate is pure: no clock, no randomness but what a piece's own seed gives, no files. The
//! same piece gives the same bytes on every target whose `f32` and `f64` follow IEEE 754, which is
//! every target that Rust supports in its first two tiers except 32-bit x86 without SSE2: only
//! operations whose result the standard fixes are used, and a test holds the bytes' checksums. A
//! later version of the crate may play a piece differently.

mod catalogue;
mod harmony;
mod instruments;
mod mix;
mod num;
mod render;
mod score;
mod wav;

#[cfg(test)]
mod tests;

use std::io;

use mix::{Desk, Setting};
use num::FRAMES_PER_SECOND;
use render::Performance;
use score::Score;

/// The pieces that the demo plays, in the order in which an album would have them.
#[must_use]
pub fn catalogue() -> &'static [Composition] {
    catalogue::ALL
}

/// A piece of music that can be rendered.
#[derive(Debug)]
pub struct Composition {
    slug: &'static str,
    title: &'static str,
    artist: &'static str,
    /// What the small unevenness of the performance comes from.
    seed: u32,
    score: Score,
    setting: Setting,
}

/// Seconds for which the last notes may ring after the end of the score.
const RINGING: u32 = 6;

impl Composition {
    /// The piece's name in lower case with hyphens, fit for a file name: `harbour-lights`.
    #[must_use]
    pub fn slug(&self) -> &'static str {
        self.slug
    }

    /// The title as it is shown: `Harbour Lights`.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// The name of the artist, who is invented.
    #[must_use]
    pub fn artist(&self) -> &'static str {
        self.artist
    }

    /// The exact length of the piece in whole seconds, the ending included.
    #[must_use]
    pub fn duration_seconds(&self) -> u32 {
        num::seconds_covering(self.score.seconds()).saturating_add(RINGING)
    }

    /// The exact size in bytes of what [`Composition::write_wav`] writes.
    #[must_use]
    pub fn wav_len(&self) -> u64 {
        u64::from(wav::HEADER_LEN).saturating_add(u64::from(self.data_len()))
    }

    /// Renders the piece as a WAV file: 16-bit stereo PCM at 44.1 kHz.
    ///
    /// The sound is written in small blocks while it is made, so that memory stays at a few
    /// hundred kilobytes however long the piece is. `out` is neither buffered nor flushed here:
    /// a block is 2 KiB, which a file takes well and a socket may want buffered.
    ///
    /// # Errors
    ///
    /// The first error of `out`, after which nothing more is rendered or written.
    pub fn write_wav(&self, out: &mut impl io::Write) -> io::Result<()> {
        wav::write_header(out, self.data_len())?;
        let mut performance = self.performance();
        let mut block = Vec::new();
        loop {
            performance.next_block(&mut block);
            if block.is_empty() {
                return Ok(());
            }
            out.write_all(&block)?;
        }
    }

    /// The size of the samples in bytes.
    fn data_len(&self) -> u32 {
        self.duration_seconds()
            .saturating_mul(FRAMES_PER_SECOND)
            .saturating_mul(u32::from(wav::FRAME_LEN))
    }

    /// The piece, about to start.
    fn performance(&self) -> Performance {
        let frames = u64::from(self.duration_seconds()).saturating_mul(FRAMES_PER_SECOND.into());
        let echo = self.score.time(self.setting.echo);
        let desk = Desk::new(&self.setting, echo, frames, self.seed);
        Performance::new(self.score.notes(self.seed), desk, frames)
    }
}
