//! The load: some connections, each of which always has one request on its way, on one thread.

use std::{
    mem::MaybeUninit,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use rustix::{
    event::{Timespec, epoll},
    io::Errno,
};
use serde::Serialize;

use crate::{
    clock,
    connection::{Connection, PATIENCE, Request},
    error::{Doing, Error},
    stats::float,
};

/// How much of a body is thrown away by one call.
const DISCARD: usize = 1024 * 1024;

/// What is asked of one peer.
pub(crate) struct Load<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) requests: &'a [Request],
    pub(crate) connections: usize,
    /// Set when the run is to end early.
    pub(crate) stop: &'a AtomicBool,
}

/// What one round came to.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Sample {
    pub(crate) requests: u64,
    pub(crate) bytes: u64,
    pub(crate) wall_seconds: f64,
    pub(crate) server_cpu_seconds: f64,
    pub(crate) load_cpu_seconds: f64,
    /// How long half of the answers took at most, and 99 of 100.
    pub(crate) p50_millis: f64,
    pub(crate) p99_millis: f64,
}

impl Sample {
    pub(crate) fn requests_per_cpu_second(&self) -> f64 {
        float(self.requests) / self.server_cpu_seconds
    }

    pub(crate) fn bytes_per_cpu_second(&self) -> f64 {
        float(self.bytes) / self.server_cpu_seconds
    }

    pub(crate) fn requests_per_second(&self) -> f64 {
        float(self.requests) / self.wall_seconds
    }

    pub(crate) fn bytes_per_second(&self) -> f64 {
        float(self.bytes) / self.wall_seconds
    }
}

/// How long so many of a hundred took at most, in milliseconds.
fn millis_of(took: &mut [Duration], percent: usize) -> f64 {
    let place = took
        .len()
        .saturating_mul(percent)
        .div_ceil(100)
        .saturating_sub(1);
    if place >= took.len() {
        return f64::NAN;
    }
    let (_, at, _) = took.select_nth_unstable(place);
    at.as_secs_f64() * 1000.0
}

impl Load<'_> {
    /// One round: new connections, on each a first answer whose bytes are compared, then requests
    /// for `span`; what is on its way by then is waited for and counted. `server_cpu` is asked
    /// before the first and after the last of the counted requests.
    pub(crate) fn round(
        &self,
        span: Duration,
        server_cpu: impl Fn() -> Result<Duration, Error>,
    ) -> Result<Sample, Error> {
        let mut turn = self.requests.iter().cycle();
        let mut next = || {
            turn.next()
                .ok_or_else(|| Error::wrong("nothing to ask for"))
        };
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).doing("watch connections")?;
        let mut lanes = Vec::new();
        for lane in 0..self.connections {
            let mut connection = Connection::open(self.address)?;
            connection.verify(next()?)?;
            let data = epoll::EventData::new_u64(lane as u64);
            epoll::add(&epoll, &connection.stream, data, epoll::EventFlags::IN)
                .doing("watch a connection")?;
            lanes.push((connection, next()?, clock::now()));
            self.check_stop()?;
        }

        let mut discarded = vec![0; DISCARD];
        let patience = Timespec::try_from(PATIENCE).map_err(Error::wrong)?;
        let mut events = [MaybeUninit::uninit(); 64];
        let (mut requests, mut bytes) = (0_u64, 0_u64);
        let (cpu_before, own_before) = (server_cpu()?, clock::own_cpu());
        let mut took = Vec::new();
        let start = clock::now();
        for (connection, request, sent) in &mut lanes {
            *sent = clock::now();
            connection.send(&request.bytes)?;
        }
        let mut busy = lanes.len();
        while busy > 0 {
            let (ready, _) = match epoll::wait(&epoll, &mut events, Some(&patience)) {
                Err(Errno::INTR) => continue,
                outcome => outcome.doing("wait for answers")?,
            };
            if ready.is_empty() {
                return Err(Error::wrong("a peer has stopped answering"));
            }
            self.check_stop()?;
            for event in ready {
                let lane = usize::try_from(event.data.u64()).map_err(Error::wrong)?;
                let Some((connection, request, sent)) = lanes.get_mut(lane) else {
                    continue;
                };
                if !connection.advance(&request.expected, &mut discarded)? {
                    continue;
                }
                requests = requests.saturating_add(1);
                bytes = bytes.saturating_add(request.expected.len);
                let now = clock::now();
                took.push(now.duration_since(*sent));
                if now.duration_since(start) < span {
                    *request = next()?;
                    *sent = now;
                    connection.send(&request.bytes)?;
                } else {
                    busy = busy.saturating_sub(1);
                }
            }
        }
        let wall = start.elapsed();
        let (cpu_after, own_after) = (server_cpu()?, clock::own_cpu());
        Ok(Sample {
            requests,
            bytes,
            wall_seconds: wall.as_secs_f64(),
            server_cpu_seconds: cpu_after.saturating_sub(cpu_before).as_secs_f64(),
            load_cpu_seconds: own_after.saturating_sub(own_before).as_secs_f64(),
            p50_millis: millis_of(&mut took, 50),
            p99_millis: millis_of(&mut took, 99),
        })
    }

    fn check_stop(&self) -> Result<(), Error> {
        if self.stop.load(Ordering::Relaxed) {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_are_as_fast_as_told() {
        let mut took: Vec<_> = (1..=200).rev().map(Duration::from_millis).collect();
        for (percent, millis) in [(50, 100.0), (99, 198.0), (100, 200.0)] {
            assert!(
                (millis_of(&mut took, percent) - millis).abs() < 1e-9,
                "{percent}"
            );
        }
        assert!(millis_of(&mut [], 50).is_nan());
        assert!((millis_of(&mut [Duration::from_millis(7)], 1) - 7.0).abs() < 1e-9);
    }
}
