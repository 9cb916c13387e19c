//! The mixing desk: where voices come together, get a room around them, and are made safe.

pub(crate) mod delay;
mod echo;
pub(crate) mod master;
mod reverb;

use crate::num::{self, sin_turn};
use echo::Echo;
use master::Master;
use reverb::Reverb;

/// One moment of sound in both channels.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Frame {
    /// The left channel, where 1.0 is full scale.
    pub(crate) left: f32,
    /// The right channel.
    pub(crate) right: f32,
}

impl Frame {
    /// No sound.
    pub(crate) const SILENT: Self = Self {
        left: 0.0,
        right: 0.0,
    };

    /// A level placed between left (-1.0) and right (1.0), equally loud wherever it is.
    pub(crate) fn panned(pan: f32, level: f32) -> Self {
        let turns = (pan.clamp(-1.0, 1.0) + 1.0) / 8.0;
        Self {
            left: level * sin_turn(0.25 - turns),
            right: level * sin_turn(turns),
        }
    }

    /// Both channels times `gain`.
    #[inline]
    pub(crate) fn scaled(self, gain: f32) -> Self {
        Self {
            left: self.left * gain,
            right: self.right * gain,
        }
    }

    /// Mixes `other` in at `gain`.
    #[inline]
    pub(crate) fn mix(&mut self, other: Self, gain: f32) {
        self.left += other.left * gain;
        self.right += other.right * gain;
    }

    /// The louder channel's level.
    #[cfg(test)]
    pub(crate) fn peak(self) -> f32 {
        self.left.abs().max(self.right.abs())
    }
}

/// The levels at which a voice goes to the three buses. Room and echo are shares of the dry level.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Send {
    /// Directly to the output.
    pub(crate) dry: f32,
    /// To the reverb.
    pub(crate) room: f32,
    /// To the echo.
    pub(crate) echo: f32,
}

/// How a piece wants its desk set.
#[derive(Debug)]
pub(crate) struct Setting {
    /// The gain of the whole.
    pub(crate) gain: f32,
    /// Seconds in which the room falls by 60 dB.
    pub(crate) room: f32,
    /// Beats from one echo to the next.
    pub(crate) echo: f64,
    /// Seconds of fade at the end.
    pub(crate) fade: u32,
}

/// Frames that are mixed at a time: enough to be efficient, few enough to be nothing.
pub(crate) const BLOCK: usize = 512;

/// Three buses, what stands on them, and the master.
#[derive(Debug)]
pub(crate) struct Desk {
    dry: Vec<Frame>,
    room: Vec<Frame>,
    echo: Vec<Frame>,
    reverb: Reverb,
    repeats: Echo,
    master: Master,
}

impl Desk {
    /// A desk for a piece of `frames` frames, with an echo every `echo_seconds`.
    pub(crate) fn new(setting: &Setting, echo_seconds: f64, frames: u64, seed: u32) -> Self {
        let bus = || vec![Frame::SILENT; BLOCK];
        Self {
            dry: bus(),
            room: bus(),
            echo: bus(),
            reverb: Reverb::new(setting.room),
            repeats: Echo::new(num::frame_at(echo_seconds)),
            master: Master::new(setting.gain, frames, setting.fade, seed),
        }
    }

    /// Adds a voice's block to the buses.
    pub(crate) fn add(&mut self, block: &[Frame], send: Send) {
        let buses = self.dry.iter_mut().zip(&mut self.room).zip(&mut self.echo);
        for (((dry, room), echo), frame) in buses.zip(block) {
            let frame = frame.scaled(send.dry);
            dry.mix(frame, 1.0);
            room.mix(frame, send.room);
            echo.mix(frame, send.echo);
        }
    }

    /// Mixes the next `count` frames, at most [`BLOCK`], as samples of a stereo recording, and
    /// clears the buses.
    pub(crate) fn finish(&mut self, count: usize, mut out: impl FnMut([i16; 2])) {
        let buses = self.dry.iter_mut().zip(&mut self.room).zip(&mut self.echo);
        for ((dry, room), echo) in buses.take(count) {
            let repeats = self.repeats.pass(*echo);
            // The echoes stand in the same room as everything else.
            room.mix(repeats, 0.3);
            let mut sum = *dry;
            sum.mix(repeats, 1.0);
            sum.mix(self.reverb.pass(*room), 1.0);
            out(self.master.pass(sum));
            *dry = Frame::SILENT;
            *room = Frame::SILENT;
            *echo = Frame::SILENT;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panning_keeps_the_power() {
        for pan in [-1.0, -0.4, 0.0, 0.7, 1.0] {
            let frame = Frame::panned(pan, 1.0);
            let power = frame.left * frame.left + frame.right * frame.right;
            assert!((power - 1.0).abs() < 1e-3, "{power} at {pan}");
        }
        assert!(Frame::panned(-1.0, 1.0).right.abs() < 1e-6);
    }

    #[test]
    fn the_desk_is_clear_after_each_block() {
        let setting = Setting {
            gain: 1.0,
            room: 1.0,
            echo: 1.0,
            fade: 1,
        };
        let mut desk = Desk::new(&setting, 1.0, 441_000, 1);
        let send = Send {
            dry: 0.5,
            room: 0.0,
            echo: 0.0,
        };
        let signs = [1.0, -1.0].into_iter().cycle().take(BLOCK);
        let loud: Vec<Frame> = signs.map(|sign| Frame::panned(0.0, sign)).collect();
        desk.add(&loud, send);
        let mut heard = Vec::new();
        desk.finish(BLOCK, |samples| heard.push(samples[0].unsigned_abs()));
        assert!(heard.iter().all(|sample| *sample > 3_000));
        heard.clear();
        desk.finish(BLOCK, |samples| heard.push(samples[0].unsigned_abs()));
        assert!(heard.iter().all(|sample| *sample < 100));
    }
}
