//! Rounds of two peers, in turns.

use std::{sync::atomic::AtomicBool, time::Duration};

use crate::{
    connection::Request,
    error::Error,
    load::{Load, Sample},
    peers::Peer,
    report::{Comparison, Pair},
    server::cpu_time,
};

/// How long the rounds are that come before those that count.
const WARM_UP: Duration = Duration::from_millis(300);

/// How rounds are run.
pub(crate) struct Rounds<'a> {
    pub(crate) count: u16,
    pub(crate) span: Duration,
    pub(crate) connections: usize,
    pub(crate) stop: &'a AtomicBool,
}

/// A peer and what it is asked.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) peer: &'a Peer,
    pub(crate) requests: &'a [Request],
}

impl Rounds<'_> {
    pub(crate) fn compare(
        &self,
        name: &'static str,
        gatefold: Asked<'_>,
        nginx: Asked<'_>,
    ) -> Result<Comparison, Error> {
        self.round(gatefold, WARM_UP)?;
        self.round(nginx, WARM_UP)?;
        let mut pairs = Vec::new();
        for number in 0..self.count {
            // Who goes first changes, so that neither always runs on a core that the other heated.
            let pair = if number % 2 == 0 {
                let gatefold = self.round(gatefold, self.span)?;
                let nginx = self.round(nginx, self.span)?;
                Pair { gatefold, nginx }
            } else {
                let nginx = self.round(nginx, self.span)?;
                let gatefold = self.round(gatefold, self.span)?;
                Pair { gatefold, nginx }
            };
            pairs.push(pair);
        }
        Comparison::of(name, pairs)
            .ok_or_else(|| Error::wrong("rounds are too short to measure: raise --seconds"))
    }

    fn round(&self, Asked { peer, requests }: Asked<'_>, span: Duration) -> Result<Sample, Error> {
        let load = Load {
            address: peer.server.ready.address,
            requests,
            connections: self.connections,
            stop: self.stop,
        };
        let processes = peer.server.processes()?;
        let sample = load.round(span, || cpu_time(&processes));
        sample.map_err(|error| error.of(peer.name))
    }
}
