//! Bounds on what clients may take of a server.

use std::time::Duration;

use gatefold_ops::config::Network;
use gatefold_seal::{MAX_TOKEN_LEN, PATH_PREFIX};

/// The least that hyper reads of a head at once, in bytes.
const LEAST_HEADER_LEN: usize = 8 * 1024;

/// The most, in bytes: beyond it hyper answers a long URL by itself, with an answer that a cache
/// may keep.
const MOST_HEADER_LEN: usize = 64 * 1024;

/// The shortest bound on a URL under which every sealed URL fits, in bytes.
const LEAST_URL_LEN: usize = PATH_PREFIX.len().saturating_add(MAX_TOKEN_LEN);

/// Bounds on what clients may take of a server.
///
/// A request has at most 100 header lines besides; one with more is answered 431. That number is
/// hyper's own: another would cost an allocation for every request.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at one time, of all cores together; further ones wait to be accepted. 4096
    /// unless told otherwise.
    pub connections: usize,
    /// How long a client may take to send a request's head, from its first byte (of a connection's
    /// first request: from the connection's beginning). 10 s unless told otherwise.
    pub header_time: Duration,
    /// How long a connection may wait for its next request. 75 s unless told otherwise: more than
    /// the minute for which most proxies keep theirs, so that they and not we end it.
    pub idle_time: Duration,
    /// How large a request's head may be, in bytes, from 8 KiB to 64 KiB; a larger one is answered
    /// 431. 16 KiB unless told otherwise.
    pub header_len: usize,
    /// How long the path and query of a URL may be, in bytes; a longer one is answered 414. 8 KiB
    /// unless told otherwise, and never less than the longest sealed URL has.
    pub url_len: usize,
    /// How long an answer waits for a client that takes none of it. Two minutes unless told
    /// otherwise: a listener who pauses takes nothing. Long enough for a breath; a player that goes
    /// on later asks again for the rest.
    pub stall_time: Duration,
    /// How much a client that takes anything at all must take, in bytes per second; 0 turns it
    /// off. It is taken over [`Limits::rate_time`], of which only time counts in which bytes were
    /// there and the client did not take them; an answer is ended when that is too little twice in
    /// a row. 512 unless told otherwise: the poorest speech needs twice as much, and what dawdles
    /// on purpose to hold connections is cheap only when it is slower by far.
    pub least_rate: u64,
    /// The time over which the rate is taken. 30 s unless told otherwise: players fetch in bursts.
    pub rate_time: Duration,
    /// Requests of one client (an IPv4 address, a /64 of IPv6) that are being answered at one time;
    /// one more is answered 429; 0 for any number. 64 unless told otherwise: a household behind one
    /// address, with several tabs each.
    pub at_once: u32,
    /// How many URLs that cannot be opened (stages token, key, open) and tickets that are refused
    /// a client may send in one go before all of its requests under `/securev1/` are answered 429;
    /// 0 for any number. 120 unless told otherwise.
    pub failed_opens: u32,
    /// How long it takes until all of these are forgiven, one after the other. A minute unless told
    /// otherwise.
    pub forgiven_after: Duration,
    /// How many clients are kept account of. At least twice [`Limits::connections`], so that those
    /// who are connected always fit. 65 536 unless told otherwise, at about 100 bytes each.
    pub clients: usize,
    /// Proxies whose `X-Forwarded-For` is believed. None unless told otherwise.
    pub proxies: Vec<Network>,
    /// How long answers that are being sent are waited for when the server stops. 10 s unless told
    /// otherwise.
    pub shutdown_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            header_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(75),
            header_len: 16 * 1024,
            url_len: 8 * 1024,
            stall_time: Duration::from_mins(2),
            least_rate: 512,
            rate_time: Duration::from_secs(30),
            at_once: 64,
            failed_opens: 120,
            forgiven_after: Duration::from_mins(1),
            clients: 65_536,
            proxies: Vec::new(),
            shutdown_time: Duration::from_secs(10),
        }
    }
}

/// A limit is of no use as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// A limit of nothing, under which nobody could be served.
    #[error("limits.{0} must not be zero")]
    Zero(&'static str),
    /// The size of a head.
    #[error("limits.header_len is from {LEAST_HEADER_LEN} to {MOST_HEADER_LEN} bytes")]
    HeaderLen,
    /// The length of a URL.
    #[error("limits.url_len is at least {LEAST_URL_LEN} bytes, which the longest sealed URL has")]
    UrlLen,
    /// The number of clients.
    #[error("limits.clients is at least twice limits.connections")]
    Clients,
}

impl Limits {
    /// Whether a server can run under these limits.
    ///
    /// # Errors
    /// The first limit with which it cannot.
    pub fn validate(&self) -> Result<(), LimitsError> {
        let times = [
            ("header_time", self.header_time),
            ("idle_time", self.idle_time),
            ("stall_time", self.stall_time),
            ("rate_time", self.rate_time),
            ("forgiven_after", self.forgiven_after),
        ];
        if let Some((name, _)) = times.iter().find(|(_, time)| time.is_zero()) {
            return Err(LimitsError::Zero(name));
        }
        if self.connections == 0 {
            return Err(LimitsError::Zero("connections"));
        }
        if !(LEAST_HEADER_LEN..=MOST_HEADER_LEN).contains(&self.header_len) {
            return Err(LimitsError::HeaderLen);
        }
        if self.url_len < LEAST_URL_LEN {
            return Err(LimitsError::UrlLen);
        }
        if self.clients < self.connections.saturating_mul(2) {
            return Err(LimitsError::Clients);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A change to the limits, and the error that it must give.
    type Case = (fn(&mut Limits), LimitsError);

    #[test]
    fn limits_under_which_nobody_is_served_are_refused() {
        Limits::default().validate().unwrap();
        let table: [Case; 11] = [
            (
                |limits| limits.header_time = Duration::ZERO,
                LimitsError::Zero("header_time"),
            ),
            (
                |limits| limits.idle_time = Duration::ZERO,
                LimitsError::Zero("idle_time"),
            ),
            (
                |limits| limits.stall_time = Duration::ZERO,
                LimitsError::Zero("stall_time"),
            ),
            (
                |limits| limits.forgiven_after = Duration::ZERO,
                LimitsError::Zero("forgiven_after"),
            ),
            (
                |limits| limits.rate_time = Duration::ZERO,
                LimitsError::Zero("rate_time"),
            ),
            (
                |limits| limits.connections = 0,
                LimitsError::Zero("connections"),
            ),
            (
                |limits| limits.header_len = LEAST_HEADER_LEN - 1,
                LimitsError::HeaderLen,
            ),
            (
                |limits| limits.header_len = MOST_HEADER_LEN + 1,
                LimitsError::HeaderLen,
            ),
            (
                |limits| limits.url_len = LEAST_URL_LEN - 1,
                LimitsError::UrlLen,
            ),
            (
                |limits| limits.clients = 2 * limits.connections - 1,
                LimitsError::Clients,
            ),
            (
                |limits| limits.connections = usize::MAX,
                LimitsError::Clients,
            ),
        ];
        for (change, error) in table {
            let mut limits = Limits::default();
            change(&mut limits);
            assert_eq!(limits.validate(), Err(error));
        }
    }

    #[test]
    fn what_may_be_turned_off_may_be_zero() {
        let limits = Limits {
            least_rate: 0,
            at_once: 0,
            failed_opens: 0,
            shutdown_time: Duration::ZERO,
            url_len: LEAST_URL_LEN,
            ..Limits::default()
        };
        limits.validate().unwrap();
    }
}
