//! `[edge.limits]`: what clients may take of an edge.

use std::time::Duration;

use gatefold_ops::config::{Fields, Network, Section, Size};

/// What clients may take of an edge.
pub(crate) struct Limits {
    /// Connections at one time.
    pub(crate) connections: usize,
    /// How long a request's head may take.
    pub(crate) header_time: Duration,
    /// How long a connection may be kept without a request.
    pub(crate) idle_time: Duration,
    /// How long a client may take nothing of an answer.
    pub(crate) stall_time: Duration,
    /// The longest head of a request.
    pub(crate) header_len: Size,
    /// The longest URL.
    pub(crate) url_len: Size,
    /// How much of an answer a client must take in a second, on average.
    pub(crate) min_rate: Size,
    /// Answers at one time for one client.
    pub(crate) per_client: u32,
    /// Refused URLs and tickets in a minute from one address.
    pub(crate) failed_opens: u32,
    /// How long answers are finished when the edge stops.
    pub(crate) shutdown_time: Duration,
    /// Who may say for whom a request is.
    pub(crate) trusted_proxies: Vec<Network>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            header_time: Duration::from_secs(10),
            // Longer than most proxies keep theirs, so that they and not we end a connection.
            idle_time: Duration::from_secs(75),
            // A listener who pauses takes nothing: long enough for a breath, and a player that
            // goes on later asks again for the rest.
            stall_time: Duration::from_mins(2),
            header_len: Size::kib(16),
            url_len: Size::kib(8),
            min_rate: Size(512),
            per_client: 64,
            failed_opens: 120,
            shutdown_time: Duration::from_secs(10),
            trusted_proxies: Vec::new(),
        }
    }
}

impl Section for Limits {
    fn fields(&mut self, on: &mut Fields<'_>) {
        let time = Duration::from_secs(1)..=Duration::from_hours(1);
        on.ranged(
            "connections",
            &mut self.connections,
            1..=1_000_000,
            "Connections at one time; further ones wait.",
        );
        on.ranged(
            "header_time",
            &mut self.header_time,
            time.clone(),
            "How long a request's head may take to arrive.",
        );
        on.ranged(
            "idle_time",
            &mut self.idle_time,
            time.clone(),
            "How long a connection may be kept without a request.",
        );
        on.ranged(
            "stall_time",
            &mut self.stall_time,
            time.clone(),
            "How long a client may take nothing of an answer.",
        );
        on.ranged(
            "header_len",
            &mut self.header_len,
            Size::kib(8)..=Size::kib(64),
            "The longest head of a request.",
        );
        on.ranged(
            "url_len",
            &mut self.url_len,
            Size::kib(6)..=Size::kib(64),
            "The longest URL.",
        );
        on.ranged(
            "min_rate",
            &mut self.min_rate,
            Size(0)..=Size::mib(1),
            "How many bytes of an answer a client must take in a second, on average; 0 for any.",
        );
        on.ranged(
            "per_client",
            &mut self.per_client,
            0..=1_000_000,
            "Answers at one time for one client; 0 for any number.",
        );
        on.ranged(
            "failed_opens",
            &mut self.failed_opens,
            0..=1_000_000,
            "URLs that are no sealed URLs, and tickets that are refused, from one address in a \
             minute, before it is told to wait; 0 for any number.",
        );
        on.ranged(
            "shutdown_time",
            &mut self.shutdown_time,
            Duration::ZERO..=Duration::from_hours(1),
            "How long answers that are being sent are finished when the edge stops.",
        );
        on.field(
            "trusted_proxies",
            &mut self.trusted_proxies,
            "Networks whose `X-Forwarded-For` is believed: those of your own proxy or CDN. \
             Limits by address count whom it names.",
        );
    }
}
