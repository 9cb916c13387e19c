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
            lanes.push((connection, next()?));
            self.check_stop()?;
        }

        let mut discarded = vec![0; DISCARD];
        let patience = Timespec::try_from(PATIENCE).map_err(Error::wrong)?;
        let mut events = [MaybeUninit::uninit(); 64];
        let (mut requests, mut bytes) = (0_u64, 0_u64);
        let (cpu_before, own_before) = (server_cpu()?, clock::own_cpu());
        let start = clock::now();
        for (connection, request) in &mut lanes {
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
                let Some((connection, request)) = lanes.get_mut(lane) else {
                    continue;
                };
                if !connection.advance(&request.expected, &mut discarded)? {
                    continue;
                }
                requests = requests.saturating_add(1);
                bytes = bytes.saturating_add(request.expected.len);
                if start.elapsed() < span {
                    *request = next()?;
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
