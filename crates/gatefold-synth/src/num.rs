//! Arithmetic that gives the same bits everywhere.
//!
//! IEEE 754 fixes the result of `+`, `-`, `*`, `/` and `sqrt`, but not of `sin` or `exp2`, which
//! each platform's mathematics library rounds as it likes. The few transcendental functions that
//! sound needs are therefore polynomials here, and the few conversions that a compiler cannot
//! check are gathered here with the reason they are sound.
//!
//! What runs once per sample is marked `#[inline]`, here and in the other modules: a development
//! build compiles the crate in many units, and a call between two of them, for each of some hundred
//! million samples, would cost more than the arithmetic.

/// Frames per second, as the container states it.
pub(crate) const FRAMES_PER_SECOND: u32 = 44_100;

/// Frames per second, as filters want it.
pub(crate) const RATE: f32 = 44_100.0;

/// `sin(2πx)` for a phase `x` in turns, within -1.0..=1.0.
///
/// A seventh-order polynomial on the folded quarter turn: its error, below 0.0002, is quieter than
/// anything a voice adds on purpose. There is no branch in it, since which way it went would be
/// anybody's guess and most of its cost.
#[inline]
pub(crate) fn sin_turn(x: f32) -> f32 {
    // 1.5 · 2^23: numbers near it have no fraction, so that adding it rounds to whole turns.
    const WHOLE_TURNS: f32 = 12_582_912.0;
    let half = x - ((x + WHOLE_TURNS) - WHOLE_TURNS);
    let size = half.abs();
    let quarter = size.min(0.5 - size);
    let a = quarter * core::f32::consts::TAU;
    let a2 = a * a;
    let series = 1.0 - a2 * (1.0 / 6.0) * (1.0 - a2 * (1.0 / 20.0) * (1.0 - a2 * (1.0 / 42.0)));
    (a * series).copysign(half)
}

/// `2^x`, for |x| up to some dozens.
pub(crate) fn exp2(x: f32) -> f32 {
    let whole = x.floor();
    let f = (x - whole) * core::f32::consts::LN_2;
    // Taylor's series of e^f: with 0 <= f < ln 2, the ninth term is below the last bit.
    let mantissa = (1..=8_u8)
        .rev()
        .fold(1.0, |sum, n| 1.0 + f / f32::from(n) * sum);
    let base = if whole < 0.0 { 0.5 } else { 2.0 };
    (0..index(whole.abs())).fold(mantissa, |power, _| power * base)
}

/// The frequency in hertz of a MIDI note number (69 is A4, 440 Hz).
pub(crate) fn hertz(pitch: i16) -> f32 {
    440.0 * exp2((f32::from(pitch) - 69.0) / 12.0)
}

/// The factor per frame of something that falls by 60 dB in `seconds`.
pub(crate) fn decay(seconds: f32) -> f32 {
    const SIXTY_DB_IN_OCTAVES: f32 = 9.965_784;
    exp2(-SIXTY_DB_IN_OCTAVES / (seconds * RATE))
}

/// The coefficient of a one-pole low-pass filter (see [`OnePole`]) that turns at `hertz`.
pub(crate) fn cutoff(hertz: f32) -> f32 {
    1.0 - exp2(-hertz / RATE * core::f32::consts::TAU / core::f32::consts::LN_2)
}

/// The whole part of a non-negative number, as a length or a count; a negative one becomes zero.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion saturates, and every caller means the whole part"
)]
pub(crate) fn index(x: impl Into<f64>) -> usize {
    x.into() as usize
}

/// The nearest single-precision number: times are kept in double precision, sound is not.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the loss of precision is the purpose"
)]
#[inline]
pub(crate) fn narrow(x: f64) -> f32 {
    x as f32
}

/// The frame nearest to a time in seconds; times before the start are the start.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion saturates; a piece lasts minutes, far from the limits"
)]
pub(crate) fn frame_at(seconds: f64) -> u64 {
    (seconds * f64::from(FRAMES_PER_SECOND)).round() as u64
}

/// Whole seconds that cover a duration.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion saturates; a piece lasts minutes, far from the limits"
)]
pub(crate) fn seconds_covering(seconds: f64) -> u32 {
    seconds.ceil() as u32
}

/// A number of frames, to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact below 2^53 frames, which is six thousand years"
)]
pub(crate) fn count(frames: u64) -> f64 {
    frames as f64
}

/// The 16-bit sample nearest to `x`, where 1.0 is full scale.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the conversion saturates, which is what a converter does with an overload"
)]
#[inline]
pub(crate) fn quantise(x: f32) -> i16 {
    (x * 32_767.0).round() as i16
}

/// A one-pole low-pass filter: the gentlest there is, and all that soft sounds need.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct OnePole {
    state: f32,
}

impl OnePole {
    /// The low part of `input`, with a coefficient from [`cutoff`].
    #[inline]
    pub(crate) fn low(&mut self, input: f32, coefficient: f32) -> f32 {
        self.state += (input - self.state) * coefficient;
        self.state
    }

    /// The high part of `input`: what [`OnePole::low`] would take away.
    #[inline]
    pub(crate) fn high(&mut self, input: f32, coefficient: f32) -> f32 {
        input - self.low(input, coefficient)
    }
}

/// White noise and small chances from a seed: a 32-bit congruential generator read from its top.
#[derive(Debug, Clone)]
pub(crate) struct Noise {
    state: u32,
}

impl Noise {
    /// Noise that depends on `seed` alone.
    pub(crate) fn new(seed: u32) -> Self {
        let mut noise = Self {
            state: seed ^ 0x9e37_79b9,
        };
        // Near seeds start on near states; two steps take them apart.
        noise.next();
        noise.next();
        noise
    }

    /// The next 32 bits, of which the high ones are the more random.
    #[inline]
    pub(crate) fn next(&mut self) -> u32 {
        self.state = self
            .state
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        self.state
    }

    /// The next number in -1.0..1.0.
    #[inline]
    pub(crate) fn bipolar(&mut self) -> f32 {
        // The top 23 bits as the fraction of a number in 2.0..4.0: no conversion, no rounding.
        f32::from_bits(0x4000_0000 | (self.next() >> 9)) - 3.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_follows_the_library_within_its_stated_error() {
        for step in -1000_i16..=1000 {
            let turns = f32::from(step) / 1000.0;
            let expected = (turns * core::f32::consts::TAU).sin();
            assert!(
                (sin_turn(turns) - expected).abs() < 2e-4,
                "at {turns} turns"
            );
        }
    }

    #[test]
    fn exp2_follows_the_library() {
        for step in -2000_i16..=2000 {
            let x = f32::from(step) / 100.0;
            assert!((exp2(x) / x.exp2() - 1.0).abs() < 2e-6, "at {x}");
        }
    }

    #[test]
    fn octaves_double_the_frequency() {
        assert!((hertz(69) - 440.0).abs() < 1e-3);
        assert!((hertz(57) - 220.0).abs() < 1e-3);
        assert!((hertz(93) - 1760.0).abs() < 1e-2);
    }

    #[test]
    fn decay_falls_by_sixty_decibels() {
        let factor = decay(0.1);
        let level = (0..4410).fold(1.0_f32, |level, _| level * factor);
        assert!((level - 1e-3).abs() < 2e-5, "{level}");
    }

    #[test]
    fn noise_is_centred_and_bounded() {
        let mut noise = Noise::new(7);
        let values: Vec<f32> = (0..10_000).map(|_| noise.bipolar()).collect();
        assert!(values.iter().all(|value| (-1.0..1.0).contains(value)));
        assert!((values.iter().sum::<f32>() / 10_000.0).abs() < 0.03);
    }

    #[test]
    fn quantising_saturates() {
        assert_eq!(quantise(0.0), 0);
        assert_eq!(quantise(1.0), i16::MAX);
        assert_eq!(quantise(9.0), i16::MAX);
        assert_eq!(quantise(-9.0), i16::MIN);
    }
}
