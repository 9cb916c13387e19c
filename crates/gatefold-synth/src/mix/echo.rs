//! An echo in time with the music, that goes from side to side and darkens as it repeats.

use super::{Frame, delay::Delay};
use crate::num::{OnePole, cutoff};

/// Two delay lines, each of which feeds the other.
#[derive(Debug)]
pub(super) struct Echo {
    left: Delay,
    right: Delay,
    dark: [OnePole; 2],
    coefficient: f32,
}

impl Echo {
    /// An echo every `frames` frames.
    pub(super) fn new(frames: u64) -> Self {
        let length = usize::try_from(frames).unwrap_or(1);
        Self {
            left: Delay::new(length),
            right: Delay::new(length),
            dark: [OnePole::default(); 2],
            coefficient: cutoff(2_800.0),
        }
    }

    /// The echoes of what went in before; `input` will be heard later.
    #[inline]
    pub(super) fn pass(&mut self, input: Frame) -> Frame {
        const FEEDBACK: f32 = 0.42;
        let [dark_left, dark_right] = &mut self.dark;
        let out = Frame {
            left: dark_left.low(self.left.oldest(), self.coefficient),
            right: dark_right.low(self.right.oldest(), self.coefficient),
        };
        // Everything enters on the left, so that a sound in the middle bounces too.
        self.left
            .push((input.left + input.right) * 0.7 + out.right * FEEDBACK);
        self.right.push(out.left);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn echoes_alternate_and_grow_weaker() {
        let mut echo = Echo::new(1_000);
        let out: Vec<Frame> = (0..4_500)
            .map(|at| echo.pass(Frame::panned(0.0, if at == 0 { 1.0 } else { 0.0 })))
            .collect();
        let peak = |from: usize, side: fn(&Frame) -> f32| {
            let window = out.iter().skip(from).take(900);
            window.map(side).fold(0.0_f32, |peak, x| peak.max(x.abs()))
        };
        let [first, second, third] = [
            peak(1_000, |frame| frame.left),
            peak(2_000, |frame| frame.right),
            peak(3_000, |frame| frame.left),
        ];
        assert!(first > second && second > third && third > 0.0);
        assert!(peak(1_000, |frame| frame.right) < 1e-6);
    }
}
