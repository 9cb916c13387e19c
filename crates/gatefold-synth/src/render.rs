//! The performance: notes become voices when their time comes, and blocks of sound leave.

use crate::instruments::Voice;
use crate::mix::{BLOCK, Desk, Frame};
use crate::score::Note;

/// A performance in progress. It holds the notes to come, the voices that sound and one block,
/// never the sound that has been or will be.
#[derive(Debug)]
pub(crate) struct Performance {
    notes: std::iter::Peekable<std::vec::IntoIter<Note>>,
    voices: Vec<Voice>,
    scratch: Vec<Frame>,
    desk: Desk,
    position: u64,
    end: u64,
}

impl Performance {
    /// A performance of notes in order of their start, `end` frames long.
    pub(crate) fn new(notes: Vec<Note>, desk: Desk, end: u64) -> Self {
        Self {
            notes: notes.into_iter().peekable(),
            voices: Vec::new(),
            scratch: vec![Frame::SILENT; BLOCK],
            desk,
            position: 0,
            end,
        }
    }

    /// Plays the next block as little-endian samples into `bytes`, whose content is replaced.
    /// It stays empty when the piece has ended.
    pub(crate) fn next_block(&mut self, bytes: &mut Vec<u8>) {
        bytes.clear();
        let left = self.end.saturating_sub(self.position);
        let count = usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK));
        self.seat_players();
        for voice in &mut self.voices {
            let send = voice.fill(&mut self.scratch);
            self.desk.add(&self.scratch, send);
        }
        self.voices.retain(|voice| !voice.is_over());
        self.desk.finish(count, |samples| {
            let [left, right] = samples.map(i16::to_le_bytes);
            bytes.extend_from_slice(&left);
            bytes.extend_from_slice(&right);
        });
        self.position = self.after_block();
    }

    /// Starts a voice for every note that begins within the next block.
    fn seat_players(&mut self) {
        let (position, next) = (self.position, self.after_block());
        while let Some(note) = self.notes.next_if(|note| note.start < next) {
            let wait = note.start.saturating_sub(position);
            let wait = usize::try_from(wait).unwrap_or(BLOCK);
            Voice::start(&note, wait, |voice| self.voices.push(voice));
        }
    }

    /// The first frame after the next block.
    fn after_block(&self) -> u64 {
        let block = u64::try_from(BLOCK).unwrap_or(u64::MAX);
        self.position.saturating_add(block)
    }

    /// How many voices sound.
    #[cfg(test)]
    pub(crate) fn polyphony(&self) -> usize {
        self.voices.len()
    }
}
