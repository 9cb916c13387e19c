//! An encrypted value, and what it is bound to.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

/// The version of the format.
const VERSION: u8 = 1;
/// Bytes of a key's id.
const ID_LEN: usize = 4;
/// Bytes of a nonce.
pub(super) const NONCE_LEN: usize = 12;
/// Bytes of a tag, which end every value.
const TAG_LEN: usize = 16;
/// What all of this begins with.
const HEADER_LEN: usize = 1 + ID_LEN + NONCE_LEN;
/// What keeps these values apart from everything else that might be encrypted with such a key.
const DOMAIN: &[u8] = b"gatefold column v1";

/// Names a key: the start of a hash of it. No secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnKeyId([u8; ID_LEN]);

impl ColumnKeyId {
    /// The id of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; ID_LEN]) -> Self {
        Self(bytes)
    }

    /// The id of a key.
    pub(super) fn of(key: &[u8; 32]) -> Self {
        let mut text = zeroize::Zeroizing::new(b"gatefold column key v1".to_vec());
        // Room for all of it at once: a buffer that grew would leave a copy behind.
        text.reserve_exact(key.len());
        text.extend_from_slice(key);
        let hash = digest(&SHA256, &text);
        Self(hash.as_ref().first_chunk().copied().unwrap_or_default())
    }

    /// As the database keeps it, beside the value.
    pub(crate) fn to_number(self) -> i64 {
        u32::from_be_bytes(self.0).into()
    }

    /// As the database kept it.
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        u32::try_from(number).ok().map(|id| Self(id.to_be_bytes()))
    }
}

impl fmt::Display for ColumnKeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for ColumnKeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// The place of a value. A value that is moved to another place does not decrypt there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's primary key, as text.
    pub row: &'a str,
}

/// Why a value cannot be encrypted or decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealedError {
    /// Too short, or of a version that is not known.
    #[error("this is not an encrypted value")]
    Shape,
    /// No such key.
    #[error("the key {0} is not among the keys of this server")]
    UnknownKey(ColumnKeyId),
    /// Changed, of another place, or of another key with the same id.
    #[error("the value was changed, or belongs to another place")]
    NotAuthentic,
    /// The cipher refused to encrypt.
    #[error("the value cannot be encrypted")]
    Broken,
}

/// An encrypted value: version, id of the key, nonce, ciphertext with its tag.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    id: ColumnKeyId,
    nonce: [u8; NONCE_LEN],
    text: Vec<u8>,
}

impl Sealed {
    pub(super) fn new(id: ColumnKeyId, nonce: [u8; NONCE_LEN], text: &[u8], tag: &[u8]) -> Self {
        Self {
            id,
            nonce,
            text: [text, tag].concat(),
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`SealedError::Shape`], when it is too short or of another version.
    pub fn parse(bytes: &[u8]) -> Result<Self, SealedError> {
        let (header, text) = bytes
            .split_first_chunk::<HEADER_LEN>()
            .ok_or(SealedError::Shape)?;
        let (version, rest) = header.split_first().ok_or(SealedError::Shape)?;
        let (id, nonce) = rest
            .split_first_chunk::<ID_LEN>()
            .ok_or(SealedError::Shape)?;
        let nonce = nonce.try_into().map_err(|_| SealedError::Shape)?;
        if *version != VERSION || text.len() < TAG_LEN {
            return Err(SealedError::Shape);
        }
        Ok(Self {
            id: ColumnKeyId(*id),
            nonce,
            text: text.to_vec(),
        })
    }

    /// The key that it is under.
    #[must_use]
    pub fn key_id(&self) -> ColumnKeyId {
        self.id
    }

    /// As the database keeps it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [&[VERSION], &self.id.0[..], &self.nonce, &self.text].concat()
    }

    pub(super) fn nonce(&self) -> [u8; NONCE_LEN] {
        self.nonce
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }
}

/// What is authenticated along with the value. Each part has its length before it, so that no two
/// places give the same bytes.
pub(super) fn associated(id: ColumnKeyId, cell: Cell<'_>) -> Vec<u8> {
    let mut bytes = [DOMAIN, &[VERSION], &id.0].concat();
    for part in [cell.table, cell.column, cell.row] {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}
