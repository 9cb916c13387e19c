//! A small hall: a network of eight delay lines that all feed each other.

use super::{Frame, delay::Delay};
use crate::num::{OnePole, cutoff, decay};

/// The lengths of the lines in samples: primes, 23 to 51 ms, so that no two echoes coincide.
const LENGTHS: [u16; 8] = [1_013, 1_153, 1_327, 1_499, 1_693, 1_877, 2_053, 2_243];

/// The lengths of the two diffusers before the lines: they turn one click into many.
const DIFFUSERS: [u16; 2] = [223, 347];

/// The time before the room answers: 18 ms, which keeps the attack of a note clear of it.
const PREDELAY: usize = 794;

/// One wall of the room: the way to it and back, and what it swallows.
#[derive(Debug)]
struct Wall {
    line: Delay,
    dark: OnePole,
    gain: f32,
}

/// The room.
#[derive(Debug)]
pub(super) struct Reverb {
    predelay: [Delay; 2],
    /// Takes the bass out of the room, where it would only be mud.
    floor: [OnePole; 2],
    floor_coefficient: f32,
    diffusers: [Diffuser; 2],
    walls: [Wall; 8],
    dark_coefficient: f32,
}

impl Reverb {
    /// A room that falls by 60 dB in `seconds`.
    pub(super) fn new(seconds: f32) -> Self {
        Self {
            predelay: [Delay::new(PREDELAY), Delay::new(PREDELAY)],
            floor: [OnePole::default(); 2],
            floor_coefficient: cutoff(180.0),
            diffusers: DIFFUSERS.map(|length| Diffuser {
                line: Delay::new(usize::from(length)),
            }),
            walls: LENGTHS.map(|length| Wall {
                line: Delay::new(usize::from(length)),
                dark: OnePole::default(),
                // The fall per round, so that lines of every length fall at the same rate.
                gain: decay(seconds / f32::from(length)),
            }),
            dark_coefficient: cutoff(4_200.0),
        }
    }

    /// The room's answer to what went in before, and the next sound into it.
    #[inline]
    pub(super) fn pass(&mut self, input: Frame) -> Frame {
        let entering = self.enter(input);
        let mut heard = [0.0; 8];
        for (heard, wall) in heard.iter_mut().zip(&mut self.walls) {
            *heard = wall.dark.low(wall.line.oldest(), self.dark_coefficient) * wall.gain;
        }
        // Householder's reflection: each line receives all the others, and no energy is added.
        let shared = heard.iter().sum::<f32>() * 0.25;
        let sides = entering.into_iter().cycle();
        for ((wall, heard), entering) in self.walls.iter_mut().zip(&heard).zip(sides) {
            wall.line.push(entering + heard - shared);
        }
        // Each side hears its own four lines. The alternating signs take out what the lines have in
        // common, which would sound boxy.
        let [l1, r1, l2, r2, l3, r3, l4, r4] = heard;
        Frame {
            left: l1 - l2 + l3 - l4,
            right: r1 - r2 + r3 - r4,
        }
    }

    /// Sound on its way into the room: later, without bass, and smeared.
    #[inline]
    fn enter(&mut self, input: Frame) -> [f32; 2] {
        let mut sides = [input.left, input.right];
        let stages = self.predelay.iter_mut().zip(&mut self.floor);
        for ((side, (line, floor)), diffuser) in
            sides.iter_mut().zip(stages).zip(&mut self.diffusers)
        {
            let late = line.oldest();
            line.push(*side);
            *side = diffuser.pass(floor.high(late, self.floor_coefficient));
        }
        sides
    }
}

/// An all-pass filter with a long line: every frequency passes, but not all at once.
#[derive(Debug)]
struct Diffuser {
    line: Delay,
}

impl Diffuser {
    #[inline]
    fn pass(&mut self, input: f32) -> f32 {
        const GAIN: f32 = 0.6;
        let late = self.line.oldest();
        let kept = input + late * GAIN;
        self.line.push(kept);
        late - kept * GAIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_answers_late_and_dies_away() {
        let mut room = Reverb::new(1.0);
        let click = Frame::panned(0.0, 1.0);
        let answer: Vec<f32> = core::iter::once(click)
            .chain(core::iter::repeat(Frame::SILENT))
            .take(88_200)
            .map(|frame| room.pass(frame).peak())
            .collect();
        let peak = |part: &[f32]| part.iter().fold(0.0_f32, |peak, x| peak.max(*x));
        assert!(peak(&answer[..PREDELAY]) < 1e-9, "it answers at once");
        assert!(peak(&answer[1_500..20_000]) > 0.01, "it does not answer");
        assert!(peak(&answer[70_000..]) < 1e-3, "it does not die away");
    }
}
