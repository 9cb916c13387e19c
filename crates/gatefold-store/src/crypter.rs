//! Columns that must not be read by whoever reads the database: AES-256-GCM under one of several
//! keys, bound to table, column and row. `docs/spec/sealed-columns.md` has the format.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

mod key_file;
mod sealed;

pub use key_file::{ColumnKey, KeyFile, KeyFileError};
pub use sealed::{Cell, ColumnKeyId, Sealed, SealedError};

/// Where nonces come from.
pub type Randomness = Box<dyn CryptoRng + Send>;

/// Encrypts and decrypts columns. It encrypts under the first key of its file and decrypts under each
/// of them.
///
/// Nonces are random, so one key is good for 2^32 values; at one refresh an hour for 10,000 grants
/// these last for fifty years.
pub struct Crypter {
    /// The first is the one that encrypts.
    keys: Vec<(ColumnKeyId, LessSafeKey)>,
    random: Mutex<Randomness>,
}

impl Crypter {
    /// A crypter with these keys.
    ///
    /// # Errors
    /// When a key cannot be used.
    pub fn new(file: &KeyFile, random: Randomness) -> Result<Self, KeyFileError> {
        let keys = file
            .keys()
            .iter()
            .map(|key| {
                let unbound =
                    UnboundKey::new(&AES_256_GCM, key.expose()).map_err(|_| KeyFileError::Key)?;
                Ok((key.id(), LessSafeKey::new(unbound)))
            })
            .collect::<Result<Vec<_>, KeyFileError>>()?;
        if keys.is_empty() {
            return Err(KeyFileError::Empty);
        }
        Ok(Self {
            keys,
            random: Mutex::new(random),
        })
    }

    /// The key that encrypts from now on.
    #[must_use]
    pub fn primary(&self) -> ColumnKeyId {
        self.keys
            .first()
            .map_or(ColumnKeyId::from_bytes([0; 4]), |(id, _)| *id)
    }

    /// Whether it has this key.
    #[must_use]
    pub fn knows(&self, id: ColumnKeyId) -> bool {
        self.keys.iter().any(|(known, _)| *known == id)
    }

    /// Encrypts a value for its place.
    ///
    /// # Errors
    /// [`SealedError::Broken`], when the cipher refuses, which it does for values of many gigabytes.
    pub fn seal(&self, cell: Cell<'_>, plain: &[u8]) -> Result<Sealed, SealedError> {
        let (id, key) = self.keys.first().ok_or(SealedError::Broken)?;
        let mut nonce = [0; sealed::NONCE_LEN];
        self.random
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(&mut nonce);
        let mut text = Zeroizing::new(plain.to_vec());
        let aad = Aad::from(sealed::associated(*id, cell));
        let tag = key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, &mut text)
            .map_err(|_| SealedError::Broken)?;
        Ok(Sealed::new(*id, nonce, &text, tag.as_ref()))
    }

    /// Decrypts a value of a place.
    ///
    /// # Errors
    /// When it has another shape, is under an unknown key, is of another place or was changed.
    pub fn open(&self, cell: Cell<'_>, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealedError> {
        let sealed = Sealed::parse(bytes)?;
        let id = sealed.key_id();
        let (_, key) = self
            .keys
            .iter()
            .find(|(known, _)| *known == id)
            .ok_or(SealedError::UnknownKey(id))?;
        let mut text = Zeroizing::new(sealed.text().to_vec());
        let aad = Aad::from(sealed::associated(id, cell));
        let nonce = Nonce::assume_unique_for_key(sealed.nonce());
        let len = key
            .open_in_place(nonce, aad, &mut text)
            .map_err(|_| SealedError::NotAuthentic)?
            .len();
        text.truncate(len);
        Ok(text)
    }
}
