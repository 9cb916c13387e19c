//! The container: RIFF WAVE with 16-bit stereo PCM.

use std::io::{self, Write};

use crate::num::FRAMES_PER_SECOND;

/// The size of everything before the samples.
pub(crate) const HEADER_LEN: u32 = 44;

/// The size of one frame: two samples of two bytes.
pub(crate) const FRAME_LEN: u16 = 4;

/// Writes the header of a file with `data_len` bytes of samples.
pub(crate) fn write_header(out: &mut impl Write, data_len: u32) -> io::Result<()> {
    const PCM: u16 = 1;
    const CHANNELS: u16 = 2;
    const BITS_PER_SAMPLE: u16 = 16;
    const FORMAT_LEN: u32 = 16;
    // The RIFF chunk counts everything after its own eight bytes.
    let riff_len = data_len.saturating_add(HEADER_LEN.saturating_sub(8));
    let bytes_per_second = FRAMES_PER_SECOND.saturating_mul(u32::from(FRAME_LEN));
    out.write_all(b"RIFF")?;
    out.write_all(&riff_len.to_le_bytes())?;
    out.write_all(b"WAVEfmt ")?;
    out.write_all(&FORMAT_LEN.to_le_bytes())?;
    out.write_all(&PCM.to_le_bytes())?;
    out.write_all(&CHANNELS.to_le_bytes())?;
    out.write_all(&FRAMES_PER_SECOND.to_le_bytes())?;
    out.write_all(&bytes_per_second.to_le_bytes())?;
    out.write_all(&FRAME_LEN.to_le_bytes())?;
    out.write_all(&BITS_PER_SAMPLE.to_le_bytes())?;
    out.write_all(b"data")?;
    out.write_all(&data_len.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_the_one_that_players_expect() {
        let mut header = Vec::new();
        write_header(&mut header, 8).unwrap();
        let expected: &[u8; 44] = b"RIFF\x2c\0\0\0WAVE\
            fmt \x10\0\0\0\x01\0\x02\0\x44\xac\0\0\x10\xb1\x02\0\x04\0\x10\0\
            data\x08\0\0\0";
        assert_eq!(header, expected);
    }
}
