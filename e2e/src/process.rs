//! What a process holds of the machine.

use std::{fs, time::Duration};

use tokio::time::{self, MissedTickBehavior};

use crate::Result;

/// How long an event may take that is waited for. Generous: a busy machine fails no test.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is asked whether the event has come.
const PULSE: Duration = Duration::from_millis(20);

/// What a process holds (proc(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vitals {
    /// Resident memory, in bytes.
    pub memory: u64,
    /// The most resident memory that it ever had, in bytes.
    pub peak: u64,
    /// Open descriptors.
    pub descriptors: usize,
    /// TCP connections among them, of IPv4.
    pub connections: usize,
    /// Threads.
    pub threads: u64,
}

impl Vitals {
    /// What a process holds at the moment.
    ///
    /// # Errors
    /// When there is none of that number.
    pub fn of(process: u32) -> Result<Self> {
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let number = |name: &str| {
            let mut lines = status.lines();
            let line = lines.find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_ascii_whitespace().next());
            number
                .and_then(|number| number.parse::<u64>().ok())
                .ok_or_else(|| format!("process {process} has no {name}"))
        };
        let mut descriptors = Vec::new();
        for descriptor in fs::read_dir(format!("/proc/{process}/fd"))? {
            // One that is closed meanwhile is none.
            if let Ok(target) = fs::read_link(descriptor?.path()) {
                descriptors.push(target.to_string_lossy().into_owned());
            }
        }
        let tcp = format!("/proc/{process}/net/tcp");
        Ok(Self {
            memory: number("VmRSS:")?.saturating_mul(1024),
            peak: number("VmHWM:")?.saturating_mul(1024),
            descriptors: descriptors.len(),
            connections: connections(&fs::read_to_string(tcp)?, &descriptors),
            threads: number("Threads:")?,
        })
    }
}

/// How many of these descriptors are connections in a table like `/proc/net/tcp`.
fn connections(table: &str, descriptors: &[String]) -> usize {
    const LISTENING: &str = "0A";
    let connected = |line: &&str| {
        let mut fields = line.split_ascii_whitespace().skip(3);
        let (state, inode) = (fields.next(), fields.nth(5));
        let socket = format!("socket:[{}]", inode.unwrap_or_default());
        state != Some(LISTENING) && descriptors.contains(&socket)
    };
    table.lines().skip(1).filter(connected).count()
}

/// Asks again and again until the answer is `Ok`.
///
/// # Errors
/// The last answer, when there is none better after a long time.
pub async fn eventually<T>(mut ask: impl FnMut() -> Result<T>) -> Result<T> {
    let mut pulse = time::interval(PULSE);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let begin = time::Instant::now();
    loop {
        pulse.tick().await;
        match ask() {
            Ok(answer) => return Ok(answer),
            Err(error) if begin.elapsed() > PATIENCE => return Err(error),
            Err(_) => {}
        }
    }
}

/// The same for whoever has to wait for each answer.
///
/// # Errors
/// The last one, when the event has not come in [`PATIENCE`].
pub async fn eventually_so<T>(mut ask: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    let mut pulse = time::interval(PULSE);
    pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let begin = time::Instant::now();
    loop {
        pulse.tick().await;
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) if begin.elapsed() > PATIENCE => return Err(error),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_connection_is_counted_while_it_is_open() -> Result {
        let count = || Ok::<_, crate::Error>(Vitals::of(std::process::id())?.connections);
        let before = count()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        assert_eq!(count()?, before);
        let client = TcpStream::connect(listener.local_addr()?)?;
        let server = listener.accept()?;
        assert_eq!(count()?, before + 2);
        drop((client, server));
        assert_eq!(count()?, before);
        Ok(())
    }
}
