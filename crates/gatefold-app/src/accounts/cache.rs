//! Who shows which secret, remembered; and with it everything else that requests ask of sessions.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use gatefold_domain::{Did, SessionId, Timestamp};
use gatefold_store::Change;

use super::{browsers::Browsers, secret::SecretHash, viewer::Viewer};
use crate::remembered::{Epoch, Remembered};

/// Sessions that are remembered.
const MOST: usize = 20_000;

/// What is remembered of sessions. It is forgotten together, so that no part of it contradicts another.
pub(crate) struct Memory {
    pub(super) viewers: Viewers,
    pub(super) browsers: Browsers,
}

impl Memory {
    pub(super) fn new() -> Self {
        Self {
            viewers: Viewers(Remembered::new(MOST)),
            browsers: Browsers::new(),
        }
    }

    /// Changes have been read up to this moment.
    pub(super) fn heard(&self, asked: Timestamp) {
        self.viewers.0.heard(asked);
        self.browsers.heard(asked);
    }

    /// Forgets what a change, here or elsewhere, may have made wrong.
    pub(super) fn forget(&self, change: &Change) {
        match change {
            Change::Session(id) => self.forget_session(*id),
            Change::Browser(id) => self.browsers.forget_browser(*id),
            Change::Account(did) => self.forget_account(did),
            Change::Track(_) | Change::Withdrawn(_) => {}
        }
    }

    /// A session has ended, or has another secret.
    pub(crate) fn forget_session(&self, id: SessionId) {
        self.viewers
            .0
            .forget_where(|_, known| known.viewer.session == id);
        self.browsers.forget_session(id);
    }

    /// Another session has begun in a browser.
    pub(super) fn forget_browser(&self, id: SessionId) {
        self.browsers.forget_browser(id);
    }

    /// An account has another handle.
    pub(super) fn forget_account(&self, did: &Did) {
        self.viewers
            .0
            .forget_where(|_, known| known.viewer.did == *did);
        self.browsers.forget_account(did);
    }

    /// Forgets everything.
    pub(super) fn forget_all(&self) {
        self.viewers.0.forget_all();
        self.browsers.forget_all();
    }
}

/// A viewer, as the database told of them.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) viewer: Viewer,
    /// When it was last kept that their session is in use, in milliseconds: one for all who ask.
    touched: Arc<AtomicI64>,
}

impl Known {
    pub(super) fn new(viewer: Viewer, touched: Timestamp) -> Self {
        Self {
            viewer,
            touched: Arc::new(AtomicI64::new(touched.as_millis())),
        }
    }

    /// Whether it was not kept for so long that their session is in use.
    pub(super) fn is_due(&self, every: Duration, now: Timestamp) -> bool {
        let touched = self.touched.load(Ordering::Relaxed);
        now.since(Timestamp::from_millis(touched)) >= every
    }

    /// Takes it upon oneself to keep that. Of all who find that it is due one may, and what becomes of it
    /// is nobody else's concern until it is due again.
    pub(super) fn take(&self, every: Duration, now: Timestamp) -> bool {
        let touched = self.touched.load(Ordering::Relaxed);
        let is_due = now.since(Timestamp::from_millis(touched)) >= every;
        let (to, order) = (now.as_millis(), Ordering::Relaxed);
        is_due
            && self
                .touched
                .compare_exchange(touched, to, order, order)
                .is_ok()
    }
}

/// The viewers that are remembered, by the hash of what they show.
pub(super) struct Viewers(Remembered<SecretHash, Known>);

impl Viewers {
    /// Who shows this, if that is remembered and to be believed.
    pub(super) fn get(&self, secret: &SecretHash, now: Timestamp) -> Option<Known> {
        let known = self.0.get(secret, now);
        known.filter(|known| now < known.viewer.expires)
    }

    /// To be taken before the database is asked for what is then put.
    pub(super) fn epoch(&self) -> Epoch {
        self.0.epoch()
    }

    /// Remembers, unless something was forgotten since: it could have been this.
    pub(super) fn put(&self, since: Epoch, secret: SecretHash, known: Known) {
        self.0.put(since, &secret, known);
    }
}

#[cfg(test)]
impl Memory {
    /// Remembers one session.
    pub(crate) fn remembering(
        secret: SecretHash,
        did: Did,
        session: SessionId,
        now: Timestamp,
        expires: Timestamp,
    ) -> Self {
        let memory = Self::new();
        memory.heard(now);
        let viewer = Viewer {
            did,
            handle: None,
            session,
            kind: gatefold_domain::SessionKind::CommandLine,
            expires,
        };
        let viewers = &memory.viewers;
        viewers.put(viewers.epoch(), secret, Known::new(viewer, now));
        memory
    }

    /// Whether it remembers who shows this.
    pub(crate) fn knows(&self, secret: &SecretHash, now: Timestamp) -> bool {
        self.viewers.get(secret, now).is_some()
    }
}

#[cfg(test)]
mod tests {
    use gatefold_domain::SessionKind;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn known(session: u8, expires: i64) -> Known {
        let viewer = Viewer {
            did: "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap(),
            handle: None,
            session: SessionId::from_bytes([session; 16]),
            kind: SessionKind::Browser,
            expires: at(expires),
        };
        Known::new(viewer, at(0))
    }

    #[test]
    fn a_session_is_remembered_until_it_ends() {
        let memory = Memory::new();
        memory.heard(at(0));
        let viewers = &memory.viewers;
        let [first, second] = [1, 2].map(|byte| SecretHash::from_bytes([byte; 32]));
        viewers.put(viewers.epoch(), first, known(1, 500));
        viewers.put(viewers.epoch(), second, known(2, 900));
        assert!(viewers.get(&first, at(499)).is_some());
        assert!(viewers.get(&first, at(500)).is_none(), "expired");
        assert!(viewers.get(&second, at(500)).is_some());
        memory.forget_session(SessionId::from_bytes([2; 16]));
        assert!(viewers.get(&second, at(500)).is_none(), "ended");
    }

    #[test]
    fn of_all_who_ask_one_keeps_that_a_session_is_in_use() {
        let every = Duration::from_millis(300);
        let known = known(1, 10_000);
        let due = |now| {
            let is_due = known.is_due(every, at(now));
            let taken = [(); 3].map(|()| known.clone().take(every, at(now)));
            assert_eq!(is_due, taken[0], "{now}");
            taken
        };
        assert_eq!(due(299), [false; 3]);
        assert_eq!(due(300), [true, false, false]);
        assert_eq!(due(599), [false; 3]);
        assert_eq!(due(600), [true, false, false]);
        // A clock that was set back.
        assert_eq!(due(0), [false; 3]);
    }
}
