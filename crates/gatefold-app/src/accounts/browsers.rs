//! Which accounts a browser is signed in with, remembered for each of its sessions.

use std::sync::Arc;

use gatefold_domain::{Did, SessionId, Timestamp};
use gatefold_store::Session;

use super::viewer::AccountName;
use crate::remembered::{Epoch, Remembered};

/// Sessions that are remembered.
const MOST: usize = 20_000;
/// Accounts of one browser that are remembered: whoever has more asks the database each time.
const MOST_ACCOUNTS: usize = 16;

/// The accounts of browsers, by the sessions that ask.
pub(super) struct Browsers(Remembered<SessionId, Arc<[Linked]>>);

/// One of the accounts of a browser.
struct Linked {
    session: SessionId,
    browser: Option<SessionId>,
    expires: Timestamp,
    name: AccountName,
}

impl Browsers {
    pub(super) fn new() -> Self {
        Self(Remembered::new(MOST))
    }

    /// The accounts of the browser of a session, if they are remembered and to be believed. One whose
    /// session has ended by itself is none of them.
    pub(super) fn get(&self, session: SessionId, now: Timestamp) -> Option<Vec<AccountName>> {
        let accounts = self.0.get(&session, now)?;
        let live = accounts.iter().filter(|account| now < account.expires);
        Some(live.map(|account| account.name.clone()).collect())
    }

    /// To be taken before the database is asked for what is then put.
    pub(super) fn epoch(&self) -> Epoch {
        self.0.epoch()
    }

    /// Remembers what the database said, unless something was forgotten since, and gives it back.
    pub(super) fn put(
        &self,
        since: Epoch,
        session: SessionId,
        found: Vec<Session>,
    ) -> Vec<AccountName> {
        let linked = |session: &Session| Linked {
            session: session.id,
            browser: session.browser,
            expires: session.expires,
            name: AccountName {
                did: session.did.clone(),
                handle: session.handle.clone(),
            },
        };
        // Without the session itself nobody would tell that it goes on.
        if found.len() <= MOST_ACCOUNTS && found.iter().any(|account| account.id == session) {
            let accounts = found.iter().map(linked).collect();
            self.0.put(since, &session, accounts);
        }
        let name = |session: Session| AccountName {
            did: session.did,
            handle: session.handle,
        };
        found.into_iter().map(name).collect()
    }

    /// Changes have been read up to this moment.
    pub(super) fn heard(&self, asked: Timestamp) {
        self.0.heard(asked);
    }

    /// Forgets the browser that a session belongs to.
    pub(super) fn forget_session(&self, id: SessionId) {
        self.forget_any(|account| account.session == id);
    }

    /// Forgets a browser.
    pub(super) fn forget_browser(&self, id: SessionId) {
        self.forget_any(|account| account.browser == Some(id));
    }

    /// Forgets the browsers that an account is signed in with.
    pub(super) fn forget_account(&self, did: &Did) {
        self.forget_any(|account| account.name.did == *did);
    }

    /// Forgets everything.
    pub(super) fn forget_all(&self) {
        self.0.forget_all();
    }

    fn forget_any(&self, is_meant: impl Fn(&Linked) -> bool) {
        self.0
            .forget_where(|_, accounts| accounts.iter().any(&is_meant));
    }
}

#[cfg(test)]
mod tests {
    use gatefold_domain::SessionKind;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn id(number: u8) -> SessionId {
        SessionId::from_bytes([number; 16])
    }

    fn did(number: u8) -> Did {
        format!("did:web:a{number}.example.com").parse().unwrap()
    }

    /// The session of an account, which ends after so many milliseconds.
    fn session(number: u8, expires: i64) -> Session {
        Session {
            id: id(number),
            kind: SessionKind::Browser,
            did: did(number),
            handle: None,
            grant: [number; 16],
            browser: Some(id(100)),
            public_id: None,
            name: None,
            created: at(0),
            last_seen: at(0),
            expires: at(expires),
        }
    }

    fn numbers(browsers: &Browsers, session: u8, now: i64) -> Option<Vec<String>> {
        let accounts = browsers.get(id(session), at(now))?;
        Some(accounts.iter().map(|name| name.did.to_string()).collect())
    }

    fn known() -> Browsers {
        let browsers = Browsers::new();
        browsers.heard(at(0));
        let found = vec![session(1, 900), session(2, 500)];
        let given = browsers.put(browsers.epoch(), id(1), found);
        assert_eq!(given.len(), 2);
        browsers
    }

    #[test]
    fn who_has_ended_by_itself_is_left_out() {
        let browsers = known();
        let [first, second] = [1, 2].map(|number| did(number).to_string());
        assert_eq!(numbers(&browsers, 2, 1), None, "who has not asked");
        let both = Some(vec![first.clone(), second]);
        assert_eq!(numbers(&browsers, 1, 499), both);
        assert_eq!(numbers(&browsers, 1, 500), Some(vec![first]));
    }

    #[test]
    fn a_browser_is_forgotten_with_each_of_its_parts() {
        for (number, is_forgotten) in [(1, true), (2, true), (3, false)] {
            let browsers = known();
            browsers.forget_session(id(number));
            assert_eq!(browsers.get(id(1), at(1)).is_none(), is_forgotten);
            let browsers = known();
            browsers.forget_account(&did(number));
            assert_eq!(browsers.get(id(1), at(1)).is_none(), is_forgotten);
            let browsers = known();
            browsers.forget_browser(id(number.saturating_add(98)));
            let is_forgotten = number == 2;
            assert_eq!(browsers.get(id(1), at(1)).is_none(), is_forgotten);
        }
    }

    #[test]
    fn what_is_not_remembered_is_given_all_the_same() {
        let browsers = Browsers::new();
        browsers.heard(at(0));
        for (found, is_remembered) in [
            (1..=16, true),
            (1..=17, false),
            // It has ended meanwhile.
            (2..=3, false),
        ] {
            let count = found.len();
            let found = found.map(|number| session(number, 900)).collect();
            let given = browsers.put(browsers.epoch(), id(1), found);
            assert_eq!(given.len(), count);
            assert_eq!(browsers.get(id(1), at(1)).is_some(), is_remembered);
            browsers.forget_all();
        }
    }
}
