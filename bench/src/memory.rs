//! What connections that are open and ask for nothing more cost a server in memory.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use serde::Serialize;

use crate::{
    clock,
    connection::{Connection, Request},
    error::{Doing, Error},
    peers::Peer,
    stats::{float, ratio},
};

/// How many connections are held open.
pub(crate) const HELD: u32 = 1000;

/// How often a server's memory is looked at until it stays as it is, how long after one another,
/// and how often it has to be the same: for two seconds, since the edge may put a connection away
/// only when it has been idle for one.
const LOOKS: usize = 60;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
const SAME: usize = 20;

/// What holds a connection open.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hold {
    /// It has had its answer.
    Idle,
    /// It takes nothing of its answer.
    Stalled,
}

/// KiB of memory for each connection.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Footprint {
    pub(crate) gatefold: f64,
    pub(crate) nginx: f64,
}

/// What both kinds of connections cost.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Footprints {
    pub(crate) idle: Footprint,
    pub(crate) stalled: Footprint,
}

/// The KiB by which a warm peer's processes grow for each of [`HELD`] connections that ask for one
/// of `requests` each.
pub(crate) fn growth(
    peer: &Peer,
    requests: &[Request],
    hold: Hold,
    stop: &AtomicBool,
) -> Result<f64, Error> {
    let address = peer.server.ready.address;
    let before = resident(&peer.server.processes()?)?;
    let mut held = Vec::new();
    for (_, request) in (0..HELD).zip(requests.iter().cycle()) {
        let mut connection = Connection::open(address)?;
        match hold {
            Hold::Idle => connection.verify(request)?,
            Hold::Stalled => connection.stall(request)?,
        }
        held.push(connection);
        if stop.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
    }
    let after = settled(peer)?;
    if !held.iter().all(Connection::is_open) {
        return Err(Error::wrong("a connection was given up"));
    }
    Ok(grown(&before, &after) / f64::from(HELD))
}

/// A process and its resident memory in KiB.
type Resident = (u32, u64);

/// The resident memory of a peer's processes, once it no longer changes.
fn settled(peer: &Peer) -> Result<Vec<Resident>, Error> {
    let mut last = Vec::new();
    let mut same = 0_usize;
    for _ in 0..LOOKS {
        let now = resident(&peer.server.processes()?)?;
        same = if now == last {
            same.saturating_add(1)
        } else {
            0
        };
        last = now;
        if same == SAME {
            break;
        }
        clock::pause(BETWEEN_LOOKS);
    }
    Ok(last)
}

fn resident(processes: &[u32]) -> Result<Vec<Resident>, Error> {
    let mut all = Vec::new();
    for pid in processes {
        let Ok(text) = std::fs::read_to_string(format!("/proc/{pid}/status")) else {
            // nginx's cache loader has ended.
            continue;
        };
        all.extend(kib(&text).map(|kib| (*pid, kib)));
    }
    if all.is_empty() {
        Err(std::io::Error::from(std::io::ErrorKind::NotFound)).doing("read a peer's memory")
    } else {
        Ok(all)
    }
}

/// `VmRSS` of `/proc/<pid>/status` (proc(5)); a process that has ended has none.
fn kib(status: &str) -> Option<u64> {
    let value = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    value.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// By how many KiB the processes have grown that were there both times.
fn grown(before: &[Resident], after: &[Resident]) -> f64 {
    let pairs = before.iter().filter_map(|(pid, before)| {
        let (_, after) = after.iter().find(|(other, _)| other == pid)?;
        Some(float(*after) - float(*before))
    });
    pairs.sum()
}

impl fmt::Display for Footprints {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            to,
            "Memory beyond the warm server's, KiB for each of {HELD} connections (less is better)\n\
             {:<20}{:>17}  {:>17}   gatefold / nginx",
            "", "gatefold", "nginx"
        )?;
        for (name, footprint) in [("idle", self.idle), ("stalled in 5 MiB", self.stalled)] {
            let Footprint { gatefold, nginx } = footprint;
            write!(to, "{name:<20}{gatefold:>17.1}  {nginx:>17.1}   ")?;
            match ratio(gatefold, nginx) {
                Some(ratio) => writeln!(to, "{ratio:>6.2}")?,
                None => writeln!(to, "{:>6}", "-")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_from_a_status() {
        let table = [
            (
                "Name:\tnginx\nVmRSS:\t    5120 kB\nThreads:\t1\n",
                Some(5120),
            ),
            ("Name:\tnginx\nState:\tZ (zombie)\n", None),
            ("VmRSS:\tmany kB\n", None),
            ("", None),
        ];
        for (status, expected) in table {
            assert_eq!(kib(status), expected, "{status:?}");
        }
        assert!(!resident(&[std::process::id()]).unwrap().is_empty());
    }

    #[test]
    fn a_process_that_has_ended_neither_grows_nor_shrinks() {
        let grown = grown(&[(1, 100), (2, 50), (3, 7)], &[(1, 160), (3, 5)]);
        assert!((grown - 58.0).abs() < 1e-9, "{grown}");
    }

    #[test]
    fn a_footprint_that_is_nothing_has_no_ratio() {
        let footprint = |gatefold| Footprint {
            gatefold,
            nginx: 2.0,
        };
        let footprints = Footprints {
            idle: footprint(0.0),
            stalled: footprint(5.0),
        };
        let text = footprints.to_string();
        let ends: Vec<_> = text
            .lines()
            .skip(2)
            .filter_map(|line| line.split_ascii_whitespace().next_back())
            .collect();
        assert_eq!(ends, ["-", "2.50"]);
    }
}
