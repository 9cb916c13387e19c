//! `[edge.https]`: the web hosts that an edge may fetch from.

use std::{collections::BTreeMap, time::Duration};

use gatefold_ops::config::{Fields, Parsed, Section, Wrong};
use gatefold_seal::HostPattern;

use super::BaseUrl;

/// The web hosts that an edge may fetch from.
pub(crate) struct Https {
    /// Which hosts.
    pub(crate) hosts: Vec<Parsed<HostPattern>>,
    /// Where some of them really are.
    pub(crate) upstreams: BTreeMap<String, Parsed<BaseUrl>>,
    /// How many redirects are followed.
    pub(crate) redirects: u8,
    /// How long connecting may take.
    pub(crate) connect_time: Duration,
    /// How long a host may take to begin its answer.
    pub(crate) answer_time: Duration,
    /// How long a host may send nothing in the middle of an answer.
    pub(crate) stall_time: Duration,
}

impl Default for Https {
    fn default() -> Self {
        Self {
            hosts: Vec::new(),
            upstreams: BTreeMap::new(),
            redirects: 3,
            connect_time: Duration::from_secs(5),
            answer_time: Duration::from_secs(15),
            stall_time: Duration::from_secs(15),
        }
    }
}

impl Section for Https {
    fn fields(&mut self, on: &mut Fields<'_>) {
        let time = Duration::from_millis(100)..=Duration::from_mins(5);
        on.field(
            "hosts",
            &mut self.hosts,
            "The hosts that this edge may fetch from: a name, or all names below one as \
             `*.example.com`. A minter's scope narrows this further. Addresses that are private, \
             loopback or link-local are refused whatever name leads to them.",
        );
        on.field(
            "upstreams",
            &mut self.upstreams,
            "Where a host really is, for hosts on this machine or in its network: \
             `{ \"media.example.com\" = \"http://127.0.0.1:9000\" }`. The address is taken as it is \
             given, without the refusals above.",
        );
        on.ranged(
            "redirects",
            &mut self.redirects,
            0..=10,
            "How many redirects are followed, each to an allowed host.",
        );
        on.ranged(
            "connect_time",
            &mut self.connect_time,
            time.clone(),
            "How long connecting may take.",
        );
        on.ranged(
            "answer_time",
            &mut self.answer_time,
            time.clone(),
            "How long a host may take to begin its answer.",
        );
        on.ranged(
            "stall_time",
            &mut self.stall_time,
            time,
            "How long a host may send nothing in the middle of an answer.",
        );
    }

    fn validate(&self, wrong: &mut Wrong<'_>) {
        for host in self.upstreams.keys() {
            if !self.hosts.iter().any(|pattern| pattern.0.matches(host)) {
                wrong.field(
                    "upstreams",
                    format!("{host:?} is not among the hosts: add it to hosts"),
                );
            }
        }
    }
}
