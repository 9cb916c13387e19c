//! The last stage: loudness, fade, a ceiling, and the way to whole numbers.

use super::Frame;
use crate::num::{self, FRAMES_PER_SECOND, Noise, OnePole, cutoff, quantise};

/// No sample leaves above this: -1.2 dBFS. It keeps room for what a lossy encoder adds.
pub(crate) const CEILING: f32 = 0.87;

/// Up to here nothing is changed: -5 dBFS.
const KNEE: f32 = 0.56;

/// The mean square above which the master leans back: about -17 dBFS.
const LEANING: f32 = 0.02;

/// The master channel.
#[derive(Debug)]
pub(super) struct Master {
    gain: f32,
    /// Frames left, as numbers to calculate with; both are whole and far below 2^53.
    left: f64,
    fade: f64,
    subsonic: [OnePole; 2],
    subsonic_coefficient: f32,
    power: OnePole,
    power_coefficient: f32,
    dither: Noise,
}

impl Master {
    /// A master for a piece of `frames` frames that fades over its last `fade` seconds.
    pub(super) fn new(gain: f32, frames: u64, fade: u32, seed: u32) -> Self {
        Self {
            gain,
            left: num::count(frames),
            fade: f64::from(fade) * f64::from(FRAMES_PER_SECOND),
            subsonic: [OnePole::default(); 2],
            subsonic_coefficient: cutoff(24.0),
            power: OnePole::default(),
            power_coefficient: cutoff(2.0),
            dither: Noise::new(seed),
        }
    }

    /// The next frame as two samples.
    #[inline]
    pub(super) fn pass(&mut self, frame: Frame) -> [i16; 2] {
        let [left, right] = &mut self.subsonic;
        let clean = Frame {
            left: left.high(frame.left, self.subsonic_coefficient),
            right: right.high(frame.right, self.subsonic_coefficient),
        }
        .scaled(self.gain);
        let level = self.glue(clean) * self.fade();
        [
            self.finish(clean.left * level),
            self.finish(clean.right * level),
        ]
    }

    /// A sample below the ceiling, in whole numbers.
    #[inline]
    fn finish(&mut self, sample: f32) -> i16 {
        // The sum of two uniform noises, one step wide: the quantisation error becomes a faint
        // steady hiss and no longer follows the music into the fade.
        let dither = (self.dither.bipolar() + self.dither.bipolar()) * 0.5 / 32_767.0;
        quantise(ceiling(sample) + dither)
    }

    /// A slow compressor: loud passages lean back a little, so that quiet ones can come forward.
    #[inline]
    fn glue(&mut self, frame: Frame) -> f32 {
        let square = frame.left * frame.left + frame.right * frame.right;
        let power = self.power.low(square, self.power_coefficient);
        (LEANING / (LEANING + power * 0.5)).sqrt().sqrt()
    }

    /// The fade's gain at this frame; it curves, since the ear hears ratios.
    #[inline]
    fn fade(&mut self) -> f32 {
        self.left -= 1.0;
        let share = num::narrow((self.left / self.fade).clamp(0.0, 1.0));
        share * share
    }
}

/// Bends what is above the knee so that it approaches the ceiling and never reaches it.
#[inline]
fn ceiling(sample: f32) -> f32 {
    let size = sample.abs();
    if size <= KNEE {
        return sample;
    }
    let room = CEILING - KNEE;
    let over = (size - KNEE) / room;
    // Slope one at the knee, so that there is no corner to hear.
    (KNEE + room * over / (1.0 + over)).copysign(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_holds_and_the_knee_has_no_corner() {
        let mut last = ceiling(0.0);
        for step in 1..10_000_u16 {
            let bent = ceiling(f32::from(step) / 1000.0);
            assert!(bent < CEILING && bent >= last);
            assert!(bent - last <= 0.001_001);
            last = bent;
        }
        assert!((ceiling(-100.0) + CEILING).abs() < 0.01);
        assert!((ceiling(0.3) - 0.3).abs() < 1e-9);
    }

    #[test]
    fn the_fade_ends_in_silence() {
        let mut master = Master::new(1.0, 88_200, 1, 5);
        let out: Vec<[i16; 2]> = (0..88_200_u32)
            .map(|at| {
                let turns = f32::from(u16::try_from(at % 100).unwrap()) / 100.0;
                let wave = num::sin_turn(turns) * 0.5;
                master.pass(Frame {
                    left: wave,
                    right: wave,
                })
            })
            .collect();
        let peak = |part: &[[i16; 2]]| part.iter().map(|pair| pair[0].unsigned_abs()).max();
        assert!(peak(&out[20_000..44_100]) > Some(5_000));
        assert!(peak(&out[87_200..]) <= Some(16));
        assert!(peak(&out[88_100..]) <= Some(2));
    }
}
