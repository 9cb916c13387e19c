//! Who shows which secret, remembered, so that a request asks the database for nobody.
//!
//! What is remembered is believed only as long as this process hears of changes: it reads them twice
//! a second ([`Viewers::heard`]), and when it could not for a second, the database is asked again. A
//! session that ends in this process is forgotten at once.

use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::Duration,
};

use gatefold_domain::{SessionId, Timestamp};
use quick_cache::sync::Cache;

use super::{secret::SecretHash, viewer::Viewer};

/// Sessions that are remembered.
const MOST: usize = 20_000;
/// How long what is remembered is believed after changes were last read.
const BELIEVED: Duration = Duration::from_secs(1);

/// A viewer, as the database told of them.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) viewer: Viewer,
    /// When their session was last said to be in use.
    pub(super) touched: Timestamp,
}

/// The viewers that are remembered, by the hash of what they show.
pub(super) struct Viewers {
    known: Cache<SecretHash, Known>,
    /// Until when they are believed, in milliseconds.
    believed_until: AtomicI64,
    /// Grows with everything that is forgotten.
    epoch: AtomicU64,
}

/// The state of things before the database was asked.
#[derive(Clone, Copy)]
pub(super) struct Epoch(u64);

impl Viewers {
    pub(super) fn new() -> Self {
        Self {
            known: Cache::new(MOST),
            believed_until: AtomicI64::new(i64::MIN),
            epoch: AtomicU64::new(0),
        }
    }

    /// Who shows this, if that is remembered and to be believed.
    pub(super) fn get(&self, secret: &SecretHash, now: Timestamp) -> Option<Known> {
        let until = self.believed_until.load(Ordering::Acquire);
        let left = Timestamp::from_millis(until).since(now);
        // A clock that was set back would have them believed for as long as it takes to come here
        // again.
        let believed = !left.is_zero() && left <= BELIEVED;
        let known = believed.then(|| self.known.get(secret)).flatten();
        known.filter(|known| now < known.viewer.expires)
    }

    /// To be taken before the database is asked for what is then put.
    pub(super) fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::Acquire))
    }

    /// Remembers, unless something was forgotten since: it could have been this.
    pub(super) fn put(&self, since: Epoch, secret: SecretHash, known: Known) {
        self.known.insert(secret, known);
        if self.epoch.load(Ordering::Acquire) != since.0 {
            self.known.remove(&secret);
        }
    }

    /// Changes have been read up to this moment.
    pub(super) fn heard(&self, asked: Timestamp) {
        let until = asked.after(BELIEVED).as_millis();
        self.believed_until.store(until, Ordering::Release);
    }

    /// Forgets a session.
    pub(super) fn forget(&self, session: SessionId) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.known
            .retain(|_, known| known.viewer.session != session);
    }

    /// Forgets everybody.
    pub(super) fn forget_all(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.known.clear();
    }
}

#[cfg(test)]
mod tests {
    use gatefold_domain::SessionKind;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn known(session: u8) -> Known {
        Known {
            viewer: Viewer {
                did: "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap(),
                handle: None,
                session: SessionId::from_bytes([session; 16]),
                kind: SessionKind::Browser,
                expires: at(1_000_000),
            },
            touched: at(0),
        }
    }

    #[test]
    fn what_is_remembered_is_believed_while_changes_are_heard() {
        let viewers = Viewers::new();
        let secret = SecretHash::from_bytes([1; 32]);
        viewers.put(viewers.epoch(), secret, known(1));
        assert!(
            viewers.get(&secret, at(0)).is_none(),
            "nothing was heard yet"
        );
        viewers.heard(at(0));
        assert!(viewers.get(&secret, at(999)).is_some());
        assert!(viewers.get(&secret, at(1_000)).is_none());
        assert!(
            viewers.get(&secret, at(-60_000)).is_none(),
            "the clock was set back"
        );
        viewers.heard(at(999_999));
        assert!(viewers.get(&secret, at(999_999)).is_some());
        assert!(viewers.get(&secret, at(1_000_000)).is_none(), "expired");
    }

    #[test]
    fn who_is_forgotten_stays_forgotten() {
        let viewers = Viewers::new();
        viewers.heard(at(0));
        let [first, second] = [1, 2].map(|byte| SecretHash::from_bytes([byte; 32]));
        viewers.put(viewers.epoch(), first, known(1));
        viewers.put(viewers.epoch(), second, known(2));
        // The database was asked before the session ended, and answers after it.
        let before = viewers.epoch();
        viewers.forget(SessionId::from_bytes([1; 16]));
        viewers.put(before, first, known(1));
        assert!(viewers.get(&first, at(1)).is_none());
        assert!(viewers.get(&second, at(1)).is_some());
        viewers.forget_all();
        assert!(viewers.get(&second, at(1)).is_none());
    }
}
