//! Who shows which secret, remembered.

use gatefold_domain::{SessionId, Timestamp};

use super::{secret::SecretHash, viewer::Viewer};
use crate::remembered::{Epoch, Remembered};

/// Sessions that are remembered.
const MOST: usize = 20_000;

/// A viewer, as the database told of them.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) viewer: Viewer,
    /// When their session was last said to be in use.
    pub(super) touched: Timestamp,
}

/// The viewers that are remembered, by the hash of what they show.
pub(super) struct Viewers(Remembered<SecretHash, Known>);

impl Viewers {
    pub(super) fn new() -> Self {
        Self(Remembered::new(MOST))
    }

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

    /// Changes have been read up to this moment.
    pub(super) fn heard(&self, asked: Timestamp) {
        self.0.heard(asked);
    }

    /// Forgets a session.
    pub(super) fn forget(&self, session: SessionId) {
        self.0
            .forget_where(|_, known| known.viewer.session == session);
    }

    /// Forgets everybody.
    pub(super) fn forget_all(&self) {
        self.0.forget_all();
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
        Known {
            viewer: Viewer {
                did: "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap(),
                handle: None,
                session: SessionId::from_bytes([session; 16]),
                kind: SessionKind::Browser,
                expires: at(expires),
            },
            touched: at(0),
        }
    }

    #[test]
    fn a_session_is_remembered_until_it_ends() {
        let viewers = Viewers::new();
        viewers.heard(at(0));
        let [first, second] = [1, 2].map(|byte| SecretHash::from_bytes([byte; 32]));
        viewers.put(viewers.epoch(), first, known(1, 500));
        viewers.put(viewers.epoch(), second, known(2, 900));
        assert!(viewers.get(&first, at(499)).is_some());
        assert!(viewers.get(&first, at(500)).is_none(), "expired");
        assert!(viewers.get(&second, at(500)).is_some());
        viewers.forget(SessionId::from_bytes([2; 16]));
        assert!(viewers.get(&second, at(500)).is_none(), "ended");
    }
}
