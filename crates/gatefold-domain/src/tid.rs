//! Keys of records that sort by time: TIDs, <https://atproto.com/specs/tid>.

/// The alphabet, in the order of its values.
const ALPHABET: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";
/// Where the five bits of each character are.
const SHIFTS: [u32; 13] = [60, 55, 50, 45, 40, 35, 30, 25, 20, 15, 10, 5, 0];

/// The TID of a moment, in microseconds since 1970, and of a clock, of whose number 10 bits are taken.
#[must_use]
pub fn tid(micros: u64, clock: u16) -> String {
    let time = micros & ((1 << 53) - 1);
    let number = time << 10 | u64::from(clock & 0x3ff);
    SHIFTS
        .into_iter()
        .filter_map(|shift| {
            let index = usize::try_from(number >> shift & 31).ok()?;
            ALPHABET.get(index).copied().map(char::from)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tid_is_spelled_as_the_specification_says() {
        assert_eq!(tid(0, 0), "2222222222222");
        assert_eq!(tid(1, 0), "2222222222322");
        assert_eq!(tid(u64::MAX, u16::MAX), "bzzzzzzzzzzzz");
        let (early, late) = (tid(1_790_000_000_000_000, 7), tid(1_790_000_000_000_001, 3));
        assert!(early < late && early.len() == 13);
    }
}
