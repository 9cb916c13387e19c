//! A peer's processes: started, measured, and stopped however the run ends.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, set_parent_process_death_signal},
};
use serde::{Deserialize, Serialize};

use crate::error::{Doing, Error};

/// How long a peer may take to stop before it is killed.
const STOP_TIME: Duration = Duration::from_secs(3);

/// What a peer's process says on its first line, once its address takes connections.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ready {
    pub(crate) address: SocketAddr,
    /// Whether it stays on the core that it was given.
    pub(crate) pinned: bool,
    /// The request target of each file.
    pub(crate) targets: Vec<String>,
    /// Targets that are right in form and made with keys that the peer does not know.
    pub(crate) unknown: Vec<String>,
    /// Targets that name known keys and were not made with them.
    pub(crate) broken: Vec<String>,
}

impl Ready {
    /// Tells the bench, from within the peer's process.
    pub(crate) fn announce(&self) -> Result<(), Error> {
        let line = serde_json::to_string(self).map_err(Error::wrong)?;
        crate::say(&mut std::io::stdout(), &line);
        Ok(())
    }
}

/// Asks the system to stop this process when the bench is gone, even if it was killed.
pub(crate) fn stop_with_parent() -> Result<(), Error> {
    set_parent_process_death_signal(Some(Signal::TERM)).doing("tie a peer to the bench")
}

/// A running peer.
pub(crate) struct Server {
    child: Child,
    pub(crate) ready: Ready,
}

impl Server {
    /// Starts a peer and waits until it is ready.
    pub(crate) fn start(name: &str, command: &mut Command) -> Result<Self, Error> {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().doing(format_args!("start {name}"))?;
        let mut line = String::new();
        let read = child
            .stdout
            .as_mut()
            .map(|out| BufReader::new(out).read_line(&mut line));
        if let (Some(Ok(_)), Ok(ready)) = (read, serde_json::from_str(&line)) {
            return Ok(Self { child, ready });
        }
        let _ = child.kill();
        let _ = child.wait();
        Err(Error::wrong(format_args!("{name} did not start")))
    }

    /// The peer's own process and those that it has started.
    pub(crate) fn processes(&self) -> Result<Vec<u32>, Error> {
        let own = self.child.id();
        let folder = std::fs::read_dir("/proc").doing("list processes")?;
        let started = folder.flatten().filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            (Stat::read(pid).ok()?.parent == own).then_some(pid)
        });
        Ok(std::iter::once(own).chain(started).collect())
    }

    fn stop(&mut self) {
        let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) else {
            return;
        };
        let started = self.processes().unwrap_or_default();
        // The child has not been waited for, so the number is still its own.
        let _ = kill_process(pid, Signal::TERM);
        if !has_ended_within(pid, STOP_TIME) {
            for pid in started {
                let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
                let _ = pid.map(|pid| kill_process(pid, Signal::KILL));
            }
        }
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn has_ended_within(pid: Pid, time: Duration) -> bool {
    let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else {
        return false;
    };
    let time = Timespec::try_from(time).ok();
    let mut watched = [PollFd::new(&process, PollFlags::IN)];
    poll(&mut watched, time.as_ref()).is_ok_and(|ended| ended > 0)
}

/// The CPU time that processes have used so far. nginx's cache loader ends a minute after it was
/// started: one that is gone counts for nothing.
pub(crate) fn cpu_time(processes: &[u32]) -> Result<Duration, Error> {
    let mut total = Duration::ZERO;
    for pid in processes {
        match Stat::read(*pid) {
            Ok(stat) => total = total.saturating_add(stat.cpu),
            Err(_) if !Path::new(&format!("/proc/{pid}")).exists() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(total)
}

/// What `/proc/<pid>/stat` tells (proc(5)).
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    cpu: Duration,
}

impl Stat {
    fn read(pid: u32) -> Result<Self, Error> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat"))
            .doing(format_args!("read what process {pid} has used"))?;
        let ticks_per_second = rustix::param::clock_ticks_per_second();
        Self::parse(&text, ticks_per_second)
            .ok_or_else(|| Error::wrong(format_args!("/proc/{pid}/stat is unreadable")))
    }

    fn parse(text: &str, ticks_per_second: u64) -> Option<Self> {
        // The command's name may hold anything, parentheses and spaces included.
        let (_, rest) = text.rsplit_once(')')?;
        let mut fields = rest.split_ascii_whitespace();
        let parent = fields.nth(1)?.parse().ok()?;
        let user: u64 = fields.nth(9)?.parse().ok()?;
        let system: u64 = fields.next()?.parse().ok()?;
        let millis = user
            .checked_add(system)?
            .checked_mul(1000)?
            .checked_div(ticks_per_second)?;
        Some(Self {
            parent,
            cpu: Duration::from_millis(millis),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_whatever_its_name() {
        let text = "12 (a) S (b c) S 7 12 12 0 -1 4194560 1 2 3 4 250 50 0 0 20 0 1 0 99";
        let stat = Stat {
            parent: 7,
            cpu: Duration::from_secs(3),
        };
        assert_eq!(Stat::parse(text, 100), Some(stat));
        assert_eq!(Stat::parse("12 (a) S 7 12", 100), None);
        assert_eq!(Stat::parse("", 100), None);
    }

    #[test]
    fn this_process_has_a_parent() {
        assert!(Stat::read(std::process::id()).unwrap().parent > 0);
    }
}
