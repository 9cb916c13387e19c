//! What origins hold: a few objects of telling sizes, the same bytes in every run.

use std::{fs, io, path::Path};

use bytes::Bytes;

/// An object that an origin holds.
#[derive(Clone, Debug)]
pub struct Object {
    /// The file's name, the object's key, or the last part of its URL's path.
    pub name: &'static str,
    /// The type that an edge has to give it.
    pub media_type: &'static str,
    /// What it is.
    pub bytes: Bytes,
}

/// One of each: several slices and a bit, exactly one, a few bytes, none; and what is no audio.
#[must_use]
pub fn shelf() -> Vec<Object> {
    let object = |name, media_type, len| Object {
        name,
        media_type,
        bytes: noise(name, len),
    };
    vec![
        object("long.mp3", "audio/mpeg", 3 * (1 << 20) + 12_345),
        object("slice.flac", "audio/flac", 1 << 20),
        object("small.wav", "audio/wav", 1000),
        object("empty.ogg", "audio/ogg", 0),
        object("clip.mp4", "video/mp4", 4096),
        object("page.html", "application/octet-stream", 700),
        object("drawing.svg", "application/octet-stream", 300),
        object("nameless", "application/octet-stream", 64),
    ]
}

/// Writes objects into a folder as files.
///
/// # Errors
/// When the folder cannot be made or written to.
pub fn put(folder: &Path, objects: &[Object]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for object in objects {
        fs::write(folder.join(object.name), &object.bytes)?;
    }
    Ok(())
}

/// `len` bytes that look random and follow from `seed` alone, so that no part is like another.
#[must_use]
pub fn noise(seed: &str, len: usize) -> Bytes {
    // FNV-1a, then SplitMix64: both are made to wrap.
    let mut state = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut bytes = Vec::with_capacity(len.saturating_add(8));
    while bytes.len() < len {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(word ^ (word >> 31)).to_le_bytes());
    }
    bytes.truncate(len);
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_follows_from_its_seed() {
        assert_eq!(noise("a", 100), noise("a", 100));
        assert_eq!(noise("a", 100)[..50], noise("a", 50)[..]);
        assert_ne!(noise("a", 100), noise("b", 100));
        assert_eq!(noise("a", 0), Bytes::new());
        assert_eq!(noise("a", 13).len(), 13);
    }
}
