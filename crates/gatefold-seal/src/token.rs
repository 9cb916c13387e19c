//! The token's outer form: `EC` and base64url without padding of `header ‖ enc ‖ ct`.

use std::sync::Arc;

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::{
    backend::TAG_LEN,
    key::KeyId,
    payload::{MAX_PLAINTEXT, PADDING},
    refusal::Refusal,
    secret::KEY_LEN,
};

/// What every token begins with.
pub const PREFIX: &str = "EC";

/// The path under which edges answer sealed URLs: `{edge}/securev1/{token}`.
pub const PATH_PREFIX: &str = "/securev1/";

const VERSION: u8 = 1;
const HEADER_LEN: usize = 9;

/// The longest token, in characters.
pub const MAX_TOKEN_LEN: usize =
    PREFIX.len() + (HEADER_LEN + KEY_LEN + MAX_PLAINTEXT + TAG_LEN).div_ceil(3) * 4;

/// A token's parts. Nothing about them is authentic yet. Clones share their text and bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    text: Arc<str>,
    bytes: Arc<[u8]>,
    edge: KeyId,
    minter: KeyId,
}

impl Token {
    pub(crate) fn header(edge: KeyId, minter: KeyId) -> [u8; HEADER_LEN] {
        let mut header = [VERSION; HEADER_LEN];
        let ids = edge.0.iter().chain(&minter.0);
        header
            .iter_mut()
            .skip(1)
            .zip(ids)
            .for_each(|(to, id)| *to = *id);
        header
    }

    pub(crate) fn new(edge: KeyId, minter: KeyId, enc: &[u8; KEY_LEN], ciphertext: &[u8]) -> Self {
        let bytes = [&Self::header(edge, minter), enc.as_slice(), ciphertext].concat();
        let text = format!("{PREFIX}{}", Base64UrlUnpadded::encode_string(&bytes));
        Self {
            text: text.into(),
            bytes: bytes.into(),
            edge,
            minter,
        }
    }

    /// Reads a token.
    ///
    /// # Errors
    /// [`Refusal::MalformedToken`] unless it is canonical in every character,
    /// [`Refusal::UnknownVersion`] for another version than 1.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let malformed = Refusal::MalformedToken;
        if text.len() > MAX_TOKEN_LEN {
            return Err(malformed);
        }
        let body = text.strip_prefix(PREFIX).ok_or(malformed)?;
        let bytes = Base64UrlUnpadded::decode_vec(body).map_err(|_| malformed)?;
        let (version, rest) = bytes.split_first().ok_or(malformed)?;
        if *version != VERSION {
            return Err(Refusal::UnknownVersion);
        }
        let (edge, rest) = rest.split_first_chunk().ok_or(malformed)?;
        let (minter, sealed) = rest.split_first_chunk().ok_or(malformed)?;
        let plaintext_len = sealed.len().checked_sub(KEY_LEN + TAG_LEN);
        if !plaintext_len.is_some_and(|len| len > 0 && len.is_multiple_of(PADDING)) {
            return Err(malformed);
        }
        Ok(Self {
            edge: KeyId(*edge),
            minter: KeyId(*minter),
            text: text.into(),
            bytes: bytes.into(),
        })
    }

    /// The token as it stands in a URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Which edge key the token says it is sealed to.
    #[must_use]
    pub fn edge(&self) -> KeyId {
        self.edge
    }

    /// Which minter the token says it is from.
    #[must_use]
    pub fn minter(&self) -> KeyId {
        self.minter
    }

    /// `header`, `enc` and `ct`.
    pub(crate) fn parts(&self) -> (&[u8], &[u8], &[u8]) {
        let (header, sealed) = self
            .bytes
            .split_at_checked(HEADER_LEN)
            .unwrap_or((&self.bytes, &[]));
        let (enc, ciphertext) = sealed.split_at_checked(KEY_LEN).unwrap_or((sealed, &[]));
        (header, enc, ciphertext)
    }
}

impl std::fmt::Display for Token {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(ciphertext_len: usize) -> Token {
        Token::new(
            KeyId(*b"edge"),
            KeyId(*b"mint"),
            &[7; KEY_LEN],
            &vec![9; ciphertext_len],
        )
    }

    #[test]
    fn a_token_reads_back_to_the_letter() {
        for blocks in [1, 2, 5, MAX_PLAINTEXT / PADDING] {
            let text = token(blocks * PADDING + TAG_LEN).to_string();
            assert!(text.len() <= MAX_TOKEN_LEN);
            assert_eq!(Token::parse(&text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_lengths_are_no_tokens() {
        for length in [0, 1, TAG_LEN, TAG_LEN + 1, PADDING, TAG_LEN + PADDING + 1] {
            let text = token(length).to_string();
            assert_eq!(Token::parse(&text), Err(Refusal::MalformedToken));
        }
        let too_long = token(MAX_PLAINTEXT + PADDING + TAG_LEN).to_string();
        assert_eq!(Token::parse(&too_long), Err(Refusal::MalformedToken));
    }

    #[test]
    fn only_canonical_base64url_is_read() {
        let text = token(2 * PADDING + TAG_LEN).to_string();
        assert_eq!((text.len() - PREFIX.len()) % 4, 3, "has spare bits");
        let mut spare = text.clone();
        spare.replace_range(text.len() - 1.., "l");
        for bad in [
            spare,
            format!("{text}="),
            format!("{text} "),
            format!(" {text}"),
            text.replace("EC", "ec"),
            text.replacen('A', "+", 1),
            text.replacen('A', "%41", 1),
            "EC".into(),
            "E".into(),
            String::new(),
        ] {
            assert_eq!(Token::parse(&bad), Err(Refusal::MalformedToken), "{bad}");
        }
    }

    #[test]
    fn the_version_is_checked_before_the_length() {
        let newer = token(TAG_LEN).to_string().replacen("ECA", "ECB", 1);
        assert_eq!(Token::parse(&newer), Err(Refusal::UnknownVersion));
    }
}
