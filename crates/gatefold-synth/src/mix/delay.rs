//! A delay line: the one ring buffer behind strings, echo and reverb.

/// Samples on their way, as many as the delay is long.
#[derive(Debug)]
pub(crate) struct Delay {
    ring: Box<[f32]>,
    oldest: usize,
}

impl Delay {
    /// A silent line that delays by `length` samples, at least one.
    pub(crate) fn new(length: usize) -> Self {
        Self {
            ring: vec![0.0; length.max(1)].into_boxed_slice(),
            oldest: 0,
        }
    }

    /// The sample that leaves the line with the next push.
    #[inline]
    pub(crate) fn oldest(&self) -> f32 {
        self.ring.get(self.oldest).copied().unwrap_or(0.0)
    }

    /// Puts a sample in the place of the oldest.
    #[inline]
    pub(crate) fn push(&mut self, sample: f32) {
        if let Some(slot) = self.ring.get_mut(self.oldest) {
            *slot = sample;
        }
        let next = self.oldest.wrapping_add(1);
        self.oldest = if next < self.ring.len() { next } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_leaves_after_the_length_of_the_line() {
        let mut line = Delay::new(3);
        let out: Vec<f32> = [1.0, 2.0, 3.0, 4.0, 5.0]
            .into_iter()
            .map(|sample| {
                let oldest = line.oldest();
                line.push(sample);
                oldest
            })
            .collect();
        assert_eq!(out, [0.0, 0.0, 0.0, 1.0, 2.0]);
    }
}
