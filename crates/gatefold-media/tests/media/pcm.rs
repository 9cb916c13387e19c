//! WAV and AIFF out of writers of our own, and FLAC out of AIFF.

use std::{io::Cursor, io::Write};

use gatefold_domain::AudioFormat;
use gatefold_media::{
    Refusal,
    audio::{self, Limits},
};
use proptest::prelude::*;

use super::{read, read_within};

/// Numbers without a point, as they are recorded.
#[derive(Clone, Debug)]
pub(crate) struct Pcm {
    pub(crate) rate: u32,
    pub(crate) channels: u16,
    pub(crate) bits: u16,
    /// Of all channels in turn.
    pub(crate) samples: Vec<i32>,
}

impl Pcm {
    fn bytes(&self, big: bool) -> Vec<u8> {
        let width = usize::from(self.bits / 8);
        let mut bytes = Vec::new();
        for sample in &self.samples {
            if big {
                bytes.extend(&sample.to_be_bytes()[4 - width..]);
            } else if width == 1 {
                // WAV's smallest samples have no sign.
                bytes.push((sample + 128) as u8);
            } else {
                bytes.extend(&sample.to_le_bytes()[..width]);
            }
        }
        bytes
    }

    pub(crate) fn wav(&self) -> Vec<u8> {
        let data = self.bytes(false);
        let mut wav = wav_head(self.rate, self.channels, self.bits, data.len() as u32);
        wav.extend(data);
        wav
    }

    pub(crate) fn aiff(&self) -> Vec<u8> {
        let data = self.bytes(true);
        let frames = self.samples.len() / usize::from(self.channels);
        let mut aiff = aiff_head(
            self.rate,
            self.channels,
            self.bits,
            frames as u32,
            data.len() as u32,
        );
        aiff.extend(data);
        aiff
    }
}

pub(crate) fn wav_head(rate: u32, channels: u16, bits: u16, len: u32) -> Vec<u8> {
    let frame = channels * (bits / 8);
    let mut head = Vec::new();
    head.extend(b"RIFF");
    head.extend(len.saturating_add(36).to_le_bytes());
    head.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    head.extend(channels.to_le_bytes());
    head.extend(rate.to_le_bytes());
    head.extend((rate * u32::from(frame)).to_le_bytes());
    head.extend(frame.to_le_bytes());
    head.extend(bits.to_le_bytes());
    head.extend(b"data");
    head.extend(len.to_le_bytes());
    head
}

pub(crate) fn aiff_head(rate: u32, channels: u16, bits: u16, frames: u32, len: u32) -> Vec<u8> {
    let mut head = Vec::new();
    head.extend(b"FORM");
    head.extend((len + 46).to_be_bytes());
    head.extend(b"AIFFCOMM\0\0\0\x12");
    head.extend(channels.to_be_bytes());
    head.extend(frames.to_be_bytes());
    head.extend(bits.to_be_bytes());
    // A number of 80 bits.
    let zeros = rate.leading_zeros();
    head.extend((16383 + 31 - zeros as u16).to_be_bytes());
    head.extend((u64::from(rate) << (32 + zeros)).to_be_bytes());
    head.extend(b"SSND");
    head.extend((len + 8).to_be_bytes());
    head.extend([0; 8]);
    head
}

/// What the FLAC of an AIFF has.
fn through_flac(pcm: &Pcm) -> (u32, Vec<i32>) {
    let aiff = pcm.aiff();
    let limits = Limits::default();
    let audio = read(&aiff).unwrap();
    assert_eq!(audio.format, AudioFormat::Aiff);
    let mut flac = Cursor::new(Vec::new());
    let bits = audio::to_flac(Cursor::new(aiff), &audio, &limits, &mut flac).unwrap();
    let flac = flac.into_inner();
    let again = read(&flac).unwrap();
    assert_eq!(again.format, AudioFormat::Flac);
    assert_eq!(again.duration_ms, audio.duration_ms);
    assert_eq!(again.bits, Some(bits));
    let mut reader = flac_codec::decode::FlacSampleReader::new(Cursor::new(flac)).unwrap();
    let mut samples = Vec::new();
    reader.read_to_end(&mut samples).unwrap();
    (bits, samples)
}

fn pcm() -> impl Strategy<Value = Pcm> {
    let kind = (
        prop::sample::select(vec![8_000_u32, 11_025, 44_100, 96_000, 192_000]),
        1_u16..=8,
        prop::sample::select(vec![8_u16, 16, 24, 32]),
    );
    // Longer than a block of FLAC.
    let frames = (200..6_000_usize, any::<u32>());
    (kind, frames).prop_map(|((rate, channels, bits), (frames, seed))| {
        let most = i32::MAX >> (32 - bits);
        let mut state = seed;
        // Noise, and pieces of silence and of full scale.
        let samples = (0..frames * usize::from(channels)).map(|at| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match (at / 500) % 4 {
                0 => 0,
                1 if state & 0x1000 == 0 => most,
                1 => -most - 1,
                _ => state.cast_signed() >> (32 - bits),
            }
        });
        Pcm {
            rate,
            channels,
            bits,
            samples: samples.collect(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn aiff_becomes_flac_with_the_same_samples(pcm in pcm()) {
        let (bits, samples) = through_flac(&pcm);
        let expected: Vec<i32> = match pcm.bits {
            // Players know no more than 24 bits.
            32 => pcm.samples.iter().map(|sample| sample >> 8).collect(),
            _ => pcm.samples.clone(),
        };
        prop_assert_eq!(bits, u32::from(pcm.bits.min(24)));
        prop_assert!(samples == expected, "samples differ");
    }

    #[test]
    fn wav_and_aiff_are_read_alike(pcm in pcm()) {
        let (wav, aiff) = (read(&pcm.wav()).unwrap(), read(&pcm.aiff()).unwrap());
        prop_assert_eq!(wav.format, AudioFormat::Wav);
        let frames = pcm.samples.len() as u64 / u64::from(pcm.channels);
        let rate = u64::from(pcm.rate);
        prop_assert_eq!(wav.duration_ms, (frames * 1000 + rate / 2) / rate);
        for audio in [&wav, &aiff] {
            prop_assert_eq!(audio.sample_rate, pcm.rate);
            prop_assert_eq!(audio.channels, pcm.channels);
            prop_assert_eq!(audio.bits, Some(u32::from(pcm.bits)));
            prop_assert_eq!(audio.duration_ms, wav.duration_ms);
            prop_assert_eq!(&audio.waveform, &wav.waveform);
        }
    }
}

#[test]
fn a_number_with_a_point_becomes_one_of_24_bits() {
    let bytes = super::fixture("float.aiff");
    let audio = read(&bytes).unwrap();
    let mut flac = Cursor::new(Vec::new());
    let bits = audio::to_flac(Cursor::new(bytes), &audio, &Limits::default(), &mut flac).unwrap();
    assert_eq!(bits, 24);
    let again = read(&flac.into_inner()).unwrap();
    assert_eq!(again.waveform, audio.waveform);
}

#[test]
fn a_disk_that_is_full_is_not_the_files_fault() {
    struct Full(Cursor<Vec<u8>>);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.0.position() > 9_000 {
                return Err(std::io::ErrorKind::StorageFull.into());
            }
            self.0.write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl std::io::Read for Full {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(into)
        }
    }
    impl std::io::Seek for Full {
        fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
            self.0.seek(to)
        }
    }
    let noise = Pcm {
        rate: 44_100,
        channels: 2,
        bits: 16,
        samples: (0..40_000_i32).map(|n| (n * 7919) % 32_768).collect(),
    };
    let aiff = noise.aiff();
    let audio = read(&aiff).unwrap();
    let full = Full(Cursor::new(Vec::new()));
    let failure = audio::to_flac(Cursor::new(aiff), &audio, &Limits::default(), full).unwrap_err();
    assert!(
        matches!(&failure, gatefold_media::Failure::System(error)
            if error.kind() == std::io::ErrorKind::StorageFull),
        "{failure:?}"
    );
}

#[test]
fn lengths_that_were_not_known_yet_mean_to_the_end() {
    let pcm = Pcm {
        rate: 8_000,
        channels: 1,
        bits: 16,
        samples: vec![100; 8_000],
    };
    for len in [u32::MAX, 0x7FFF_F000] {
        let mut wav = wav_head(8_000, 1, 16, len);
        wav.extend(pcm.bytes(false));
        assert_eq!(
            read(&wav).map(|audio| audio.duration_ms),
            Ok(1000),
            "{len:x}"
        );
    }
}

#[test]
fn what_is_beyond_a_limit_is_refused() {
    let pcm = Pcm {
        rate: 8_000,
        channels: 2,
        bits: 16,
        samples: vec![1; 16_000],
    };
    let limits = Limits::default();
    for (limits, refusal) in [
        (
            Limits {
                duration_ms: 999,
                ..limits
            },
            Refusal::TooLong { limit_ms: 999 },
        ),
        (
            Limits {
                sample_rate: 7_999,
                ..limits
            },
            Refusal::SampleRate,
        ),
        (
            Limits {
                channels: 1,
                ..limits
            },
            Refusal::TooManyChannels { limit: 1 },
        ),
        (
            Limits {
                packets: 1,
                ..limits
            },
            Refusal::TooComplex,
        ),
    ] {
        assert_eq!(read_within(&pcm.wav(), &limits).unwrap_err(), refusal);
    }
    let limits = Limits {
        duration_ms: 1000,
        sample_rate: 8_000,
        channels: 2,
        packets: 100,
    };
    assert!(read_within(&pcm.wav(), &limits).is_ok());
}
