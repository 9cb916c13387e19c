//! How secrets become bytes: JSON with a version, in a buffer that is overwritten when dropped.

use std::io;

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{DpopKey, jose::SCALAR_LEN};

/// Bytes that are no grant or pending authorization of a known version. What they were is left out
/// on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not of a known version, or damaged")]
pub struct EncodingError;

/// The JSON of a value of ours.
pub(crate) fn write(value: &impl Serialize) -> Zeroizing<Vec<u8>> {
    // Counted first: a buffer that grew would leave copies behind.
    let mut length = Length(0);
    let counted = serde_json::to_writer(&mut length, value);
    let mut bytes = Zeroizing::new(Vec::with_capacity(length.0));
    // Values of ours are always written: they have no maps with other keys than text.
    let written = counted.and_then(|()| serde_json::to_writer(&mut *bytes, value));
    if written.is_err() {
        bytes.clear();
    }
    bytes
}

struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A DPoP key as text.
pub(crate) fn key_text(key: &DpopKey) -> Zeroizing<String> {
    Zeroizing::new(Base64UrlUnpadded::encode_string(key.expose().as_ref()))
}

/// A DPoP key from its text.
pub(crate) fn key(text: &str) -> Result<DpopKey, EncodingError> {
    let mut bytes = Zeroizing::new([0; SCALAR_LEN]);
    match Base64UrlUnpadded::decode(text, bytes.as_mut()) {
        Ok(decoded) if decoded.len() == SCALAR_LEN => {
            DpopKey::from_bytes(&bytes).map_err(|_| EncodingError)
        }
        _ => Err(EncodingError),
    }
}
