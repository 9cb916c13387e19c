//! A number of bytes as people write it.

use super::{Given, Value};

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

/// The units, the largest first among those that are alike, so that showing finds the largest that
/// fits without a rest.
const UNITS: [(&str, u64); 9] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

const WANTED: &str =
    "write a number of bytes with its unit, like \"64 KiB\", \"256 MiB\" or \"2 GiB\"";

impl Size {
    /// So many times 1024 bytes.
    #[must_use]
    pub const fn kib(count: u32) -> Self {
        Self((count as u64) << 10)
    }

    /// So many times 1024 times 1024 bytes.
    #[must_use]
    pub const fn mib(count: u32) -> Self {
        Self((count as u64) << 20)
    }

    /// So many times 1024 times 1024 times 1024 bytes.
    #[must_use]
    pub const fn gib(count: u32) -> Self {
        Self((count as u64) << 30)
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fits = |(_, unit): &&(&str, u64)| self.0 >= *unit && self.0.is_multiple_of(*unit);
        match UNITS.iter().find(fits) {
            Some((name, unit)) => {
                write!(
                    out,
                    "{} {name}",
                    self.0.checked_div(*unit).unwrap_or_default()
                )
            }
            None => write!(out, "0 B"),
        }
    }
}

impl Value for Size {
    const KIND: &'static str = "size";

    fn read(given: &Given) -> Result<Self, String> {
        let text = given.text(WANTED)?.trim();
        let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = text.strip_suffix(digits).unwrap_or_default();
        let unit = UNITS.iter().find(|(name, _)| *name == digits.trim_start());
        let bytes = unit.and_then(|(_, unit)| number.parse::<u64>().ok()?.checked_mul(*unit));
        bytes
            .map(Self)
            .ok_or_else(|| format!("this is no size; {WANTED}"))
    }

    fn show(&self) -> String {
        format!("\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_shown_as_people_write_them() {
        for (text, bytes, shown) in [
            ("256 MiB", 256 << 20, "256 MiB"),
            ("256MiB", 256 << 20, "256 MiB"),
            ("0 B", 0, "0 B"),
            ("1024 KiB", 1 << 20, "1 MiB"),
            ("5 GB", 5_000_000_000, "5 GB"),
            ("1500 B", 1500, "1500 B"),
            (" 2 TiB ", 2 << 40, "2 TiB"),
        ] {
            for given in [Given::Word(text.to_owned()), Given::Text(text.to_owned())] {
                let size = Size::read(&given).unwrap();
                assert_eq!(
                    (size.0, size.to_string().as_str()),
                    (bytes, shown),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_size_is_refused_with_the_way_to_write_one() {
        for text in [
            "",
            "12",
            "MiB",
            "-1 MiB",
            "1.5 MiB",
            "1 mib",
            "1 MiB x",
            "99999999 TiB",
        ] {
            let said = Size::read(&Given::Text(text.to_owned())).unwrap_err();
            assert!(said.contains("256 MiB"), "{text}: {said}");
        }
        let said = Size::read(&Given::Integer(5)).unwrap_err();
        assert!(said.contains("a number; write"), "{said}");
    }
}
