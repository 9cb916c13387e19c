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
    /// Open descriptors.
    pub descriptors: usize,
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
        Ok(Self {
            memory: number("VmRSS:")?.saturating_mul(1024),
            descriptors: fs::read_dir(format!("/proc/{process}/fd"))?.count(),
            threads: number("Threads:")?,
        })
    }
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
