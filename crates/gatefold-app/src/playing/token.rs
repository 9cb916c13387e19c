//! Tokens: with one of them an address says for whom it is, and until when. See `docs/spec/play-token.md`.
//!
//! A token alone gives nothing. Whoever comes with it shows who they are, and everything is decided anew;
//! it only makes an address one listener's, for a while.

use base64ct::{Base64UrlUnpadded, Encoding};
use gatefold_domain::{Did, FileId};
use gatefold_seal::{UnixSeconds, Window, WindowError};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// For how long after its window a token is still taken, in seconds: a player may just be about to ask
/// for the next one.
pub(super) const GRACE: u64 = 30;
const LABEL: &[u8] = b"gatefold play token v1";
/// The bytes of a time and of a tag.
const TIME: usize = 8;
const TAG: usize = 32;

/// Makes tokens, and knows them again.
pub struct Tokens {
    key: Zeroizing<[u8; 32]>,
    lifetime: u64,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// It is none of this site, or is for another listener or another file.
    #[error("this address is not for you")]
    NotTheirs,
    /// Its window has passed.
    #[error("this address was good until a while ago")]
    Expired,
}

impl Tokens {
    /// Makes them with 32 random bytes, for windows of so many seconds.
    #[must_use]
    pub fn new(key: Zeroizing<[u8; 32]>, lifetime: u64) -> Self {
        Self { key, lifetime }
    }

    /// A file's token for a listener, and the window in which it is that one. Windows of different files
    /// begin at different times, so that not all listeners come back at once.
    ///
    /// # Errors
    /// When the lifetime is one that no window has, or the clock is out of its mind.
    pub(super) fn make(
        &self,
        file: &FileId,
        listener: &Did,
        now: UnixSeconds,
    ) -> Result<(String, Window), WindowError> {
        let window = Window::at(now, self.lifetime, self.phase(file))?;
        let time = window.valid_until().0.to_be_bytes();
        let mac = self.mac(file, listener, time).finalize().into_bytes();
        let token = Base64UrlUnpadded::encode_string(&[&time[..], &mac[..]].concat());
        Ok((token, window))
    }

    /// Until when a file's token is a listener's.
    ///
    /// # Errors
    /// When it is not theirs, and once its window and a grace have passed.
    pub(super) fn check(
        &self,
        token: &str,
        file: &FileId,
        listener: &Did,
        now: UnixSeconds,
    ) -> Result<UnixSeconds, TokenRefusal> {
        let refused = TokenRefusal::NotTheirs;
        let mut bytes = [0; TIME + TAG];
        let read = Base64UrlUnpadded::decode(token, &mut bytes).map_err(|_| refused)?;
        let (time, tag) = read.split_first_chunk::<TIME>().ok_or(refused)?;
        let mac = self.mac(file, listener, *time);
        mac.verify_slice(tag).map_err(|_| refused)?;
        let until = UnixSeconds(u64::from_be_bytes(*time));
        if now.0 >= until.0.saturating_add(GRACE) {
            return Err(TokenRefusal::Expired);
        }
        Ok(until)
    }

    fn phase(&self, file: &FileId) -> u64 {
        let mac = self
            .keyed()
            .chain_update(" phase\n")
            .chain_update(file.as_str());
        let tag: [u8; TAG] = mac.finalize().into_bytes().into();
        let start = tag.first_chunk().copied().unwrap_or_default();
        let spread = u64::from_be_bytes(start).checked_rem(self.lifetime);
        spread.unwrap_or_default()
    }

    fn keyed(&self) -> Hmac<Sha256> {
        // As HMAC itself fills up a short key (RFC 2104, 2).
        let mut block = Zeroizing::new([0; 64]);
        for (to, from) in block.iter_mut().zip(self.key.iter()) {
            *to = *from;
        }
        Hmac::<Sha256>::new((&*block).into()).chain_update(LABEL)
    }

    fn mac(&self, file: &FileId, listener: &Did, time: [u8; TIME]) -> Hmac<Sha256> {
        let mut mac = self.keyed();
        for part in [file.as_str(), listener.as_str()] {
            // What follows is another part: neither has such a byte.
            mac.update(b"\n");
            mac.update(part.as_bytes());
        }
        mac.update(b"\n");
        mac.update(&time);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = UnixSeconds(1_790_000_000);
    const LIFETIME: u64 = 1800;

    fn tokens(key: u8) -> Tokens {
        Tokens::new(Zeroizing::new([key; 32]), LIFETIME)
    }

    fn file(name: &str) -> FileId {
        name.parse().unwrap()
    }

    fn did(name: &str) -> Did {
        name.parse().unwrap()
    }

    #[test]
    fn it_is_written_as_the_specification_says() {
        let (file, fan) = (file("file"), did("did:web:fan.example"));
        let (token, window) = tokens(7).make(&file, &fan, NOW).unwrap();
        assert_eq!(window.valid_until(), UnixSeconds(1_790_000_240));
        assert_eq!(
            token,
            "AAAAAGqxPHDGO2UCew2_RjGMjFSQLppdlogYEsidzj2-VcTWK7_9Yg"
        );
    }

    #[test]
    fn it_is_one_listeners_for_one_file_and_for_a_while() {
        let (song, fan) = (file("song"), did("did:web:fan.example"));
        let (token, window) = tokens(1).make(&song, &fan, NOW).unwrap();
        let end = window.valid_until();
        assert!(NOW < end && end.0 <= NOW.0 + LIFETIME);
        let again = tokens(1).make(&song, &fan, UnixSeconds(end.0 - 1)).unwrap();
        assert!(again.0 == token, "the same as long as the window lasts");
        let next = tokens(1).make(&song, &fan, end).unwrap();
        assert!(next.0 != token && next.1.valid_until().0 == end.0 + LIFETIME);

        let check = |key, file: &str, listener: &str, now| {
            let (file, listener) = (self::file(file), did(listener));
            tokens(key).check(&token, &file, &listener, UnixSeconds(now))
        };
        let (fan, no) = ("did:web:fan.example", Err(TokenRefusal::NotTheirs));
        for now in [0, NOW.0, end.0, end.0 + GRACE - 1] {
            assert_eq!(check(1, "song", fan, now), Ok(end));
        }
        for now in [end.0 + GRACE, u64::MAX] {
            assert_eq!(check(1, "song", fan, now), Err(TokenRefusal::Expired));
        }
        assert_eq!(check(2, "song", fan, NOW.0), no, "another site's");
        assert_eq!(check(1, "other", fan, NOW.0), no, "another file");
        assert_eq!(check(1, "song", "did:web:stranger.example", NOW.0), no);
    }

    #[test]
    fn whatever_is_changed_is_refused() {
        let (song, fan) = (file("song"), did("did:web:fan.example"));
        let tokens = tokens(1);
        let (token, _) = tokens.make(&song, &fan, NOW).unwrap();
        let no = Err(TokenRefusal::NotTheirs);
        for at in 0..token.len() {
            for letter in ["A", "b", "_", "=", "%", ""] {
                let mut spoiled = token.clone();
                spoiled.replace_range(at..=at, letter);
                if spoiled != token {
                    assert_eq!(tokens.check(&spoiled, &song, &fan, NOW), no, "{spoiled}");
                }
            }
        }
        for spoiled in ["", "A", &format!("{token}A"), &token.repeat(2)] {
            assert_eq!(tokens.check(spoiled, &song, &fan, NOW), no, "{spoiled}");
        }
    }

    #[test]
    fn files_have_their_windows_at_different_times() {
        let fan = did("did:web:fan.example");
        let end = |name| {
            tokens(1)
                .make(&file(name), &fan, NOW)
                .unwrap()
                .1
                .valid_until()
        };
        assert!(end("one") != end("two"));
    }
}
