//! Which core serves and which one asks, where the system lets a process choose.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use serde::Serialize;

/// A core for the servers and another one for the load.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Cores {
    pub(crate) server: usize,
    pub(crate) load: usize,
}

/// Two of the cores that this process may use, if there are two.
pub(crate) fn choose() -> Option<Cores> {
    let allowed = sched_getaffinity(None).ok()?;
    let mut allowed = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
    Some(Cores {
        load: allowed.next()?,
        server: allowed.next_back()?,
    })
}

/// Keeps this thread, and what it starts, on one core; says whether that worked.
pub(crate) fn pin(core: usize) -> bool {
    let mut only = CpuSet::new();
    only.set(core);
    sched_setaffinity(None, &only).is_ok()
}
