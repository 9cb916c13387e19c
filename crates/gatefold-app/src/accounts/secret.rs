//! What a client shows: texts of 256 random bits, of which only hashes are kept.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use rand_core::Rng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Random bytes of a secret.
const LEN: usize = 32;
/// The longest text that is looked at: a developer token has 8 characters more than the others.
const MAX_TEXT: usize = PublicId::LEN + 43;

/// A secret, as its holder shows it. It goes to them once and is not kept.
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// Makes one out of `random`.
    pub(crate) fn generate(random: &mut dyn Rng) -> Self {
        Self(random_text(random))
    }

    /// Makes a developer token: its public id and a secret.
    pub(crate) fn generate_token(random: &mut dyn Rng) -> (PublicId, Self) {
        let id = PublicId::generate(random);
        let secret = random_text(random);
        let mut text = Zeroizing::new(String::with_capacity(MAX_TEXT));
        text.push_str(id.as_str());
        text.push_str(&secret);
        (id, Self(text))
    }

    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash::digest(self.0.as_bytes())
    }
}

fn random_text(random: &mut dyn Rng) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; LEN]);
    random.fill_bytes(bytes.as_mut());
    Zeroizing::new(Base64UrlUnpadded::encode_string(bytes.as_ref()))
}

/// SHA-256 of a secret. As secrets are random, nobody finds one from its hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of what somebody shows. `None` when it cannot be a secret of this site, so that
    /// nobody makes the database look for it.
    #[must_use]
    pub fn of(shown: &str) -> Option<Self> {
        let plausible = (43..=MAX_TEXT).contains(&shown.len())
            && shown
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        plausible.then(|| Self::digest(shown.as_bytes()))
    }

    fn digest(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A hash that was made elsewhere.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The first eight characters of a developer token, which name it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicId(Box<str>);

impl PublicId {
    /// Its length in characters.
    pub const LEN: usize = 8;
    /// Characters that are hard to confuse, 32 of them.
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

    fn generate(random: &mut dyn Rng) -> Self {
        let mut bytes = [0; Self::LEN];
        random.fill_bytes(&mut bytes);
        let letter = |byte: u8| {
            // Of 32 letters, so that each is as likely as the others.
            let index = usize::from(byte & 31);
            Self::ALPHABET.get(index).copied().map_or('a', char::from)
        };
        Self(bytes.into_iter().map(letter).collect::<String>().into())
    }

    /// Reads one; `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let good =
            text.len() == Self::LEN && text.bytes().all(|byte| Self::ALPHABET.contains(&byte));
        good.then(|| Self(text.into()))
    }

    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
