//! Random names: 16 bytes, written as 32 lower-case hexadecimal digits. They are no secrets: who knows
//! one has nothing yet.

use std::{fmt, str::FromStr};

use crate::{IdBytes, InvalidId};

macro_rules! random_id {
    ($(#[$meaning:meta])* $name:ident) => {
        $(#[$meaning])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(IdBytes);

        impl $name {
            /// The name of these bytes, which are to be random.
            #[must_use]
            pub const fn from_bytes(bytes: IdBytes) -> Self {
                Self(bytes)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{:032x}", u128::from_be_bytes(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, out)
            }
        }
    };
}

random_id! {
    /// Names an upload, from when it begins to arrive until somebody has read what came of it.
    UploadId
}

random_id! {
    /// Names a picture.
    ImageId
}

random_id! {
    /// Names an album. Read as a UUID by those who expect one.
    AlbumId
}

fn parse(text: &str) -> Result<IdBytes, InvalidId> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 32 || !text.bytes().all(is_digit) {
        return Err(InvalidId);
    }
    let bits = u128::from_str_radix(text, 16).map_err(|_| InvalidId)?;
    Ok(bits.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_spelling() {
        let id = UploadId::from_bytes([0x0a; 16]);
        assert_eq!(id.to_string(), "0a".repeat(16));
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in [
            "",
            &*"0A".repeat(16),
            &*"0a".repeat(15),
            &*"0a".repeat(17),
            "+a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a",
            "0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a",
        ] {
            assert_eq!(text.parse::<ImageId>(), Err(InvalidId), "{text}");
        }
    }
}
