//! The nonces that servers gave for DPoP proofs, by origin (RFC 9449, sections 8 and 8.2).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// How many origins are remembered. One that is forgotten costs a request more.
const MAX_ORIGINS: usize = 4096;
/// The longest nonce that is kept, in bytes.
const MAX_NONCE: usize = 1024;

/// The newest nonce of each origin, for as long as there is room.
#[derive(Default)]
pub(crate) struct Nonces(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// With the turn in which each was last given or asked for.
    known: HashMap<Box<str>, (Box<str>, u64)>,
    turn: u64,
}

impl Nonces {
    /// What to prove to an origin with.
    pub(crate) fn get(&self, origin: &str) -> Option<Box<str>> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = inner.next();
        let (nonce, last) = inner.known.get_mut(origin)?;
        *last = turn;
        Some(nonce.clone())
    }

    /// Remembers what an origin said last. What no header could carry is ignored.
    pub(crate) fn put(&self, origin: &str, nonce: &str) {
        let is_nonce = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if nonce.is_empty() || nonce.len() > MAX_NONCE || !nonce.bytes().all(is_nonce) {
            return;
        }
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = inner.next();
        if let Some(known) = inner.known.get_mut(origin) {
            *known = (nonce.into(), turn);
            return;
        }
        if inner.known.len() >= MAX_ORIGINS {
            let oldest = inner.known.iter().min_by_key(|(_, (_, turn))| *turn);
            if let Some(oldest) = oldest.map(|(origin, _)| origin.clone()) {
                inner.known.remove(&oldest);
            }
        }
        inner.known.insert(origin.into(), (nonce.into(), turn));
    }
}

impl Inner {
    fn next(&mut self) -> u64 {
        self.turn = self.turn.wrapping_add(1);
        self.turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_origin_has_its_newest_nonce() {
        let nonces = Nonces::default();
        assert_eq!(nonces.get("https://a.example"), None);
        nonces.put("https://a.example", "one");
        nonces.put("https://b.example", "other");
        nonces.put("https://a.example", "two");
        assert_eq!(nonces.get("https://a.example").as_deref(), Some("two"));
        assert_eq!(nonces.get("https://b.example").as_deref(), Some("other"));
    }

    #[test]
    fn what_is_no_nonce_is_ignored() {
        let nonces = Nonces::default();
        nonces.put("https://a.example", "good");
        for bad in ["", "two words", "quo\"te", "line\nbreak", &"x".repeat(1025)] {
            nonces.put("https://a.example", bad);
            assert_eq!(nonces.get("https://a.example").as_deref(), Some("good"));
        }
    }

    #[test]
    fn the_one_that_was_not_used_for_longest_makes_room() {
        let nonces = Nonces::default();
        for n in 0..MAX_ORIGINS {
            nonces.put(&n.to_string(), "nonce");
        }
        assert!(nonces.get("0").is_some());
        nonces.put("new", "nonce");
        assert!(nonces.get("0").is_some());
        assert!(nonces.get("1").is_none());
        assert!(nonces.get("2").is_some());
        assert!(nonces.get("new").is_some());
    }
}
