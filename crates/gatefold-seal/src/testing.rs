//! What several modules' tests share.

/// Reads hexadecimal digits.
pub(crate) fn hex(digits: &str) -> Vec<u8> {
    digits
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// Reads 64 hexadecimal digits.
pub(crate) fn hex32(digits: &str) -> [u8; 32] {
    hex(digits).try_into().unwrap()
}
