//! What was compared, where, and how.

use std::fmt;

use serde::Serialize;

use crate::cores::Cores;

/// What was compared, where, and how.
#[derive(Serialize)]
pub(crate) struct Setting {
    pub(crate) gatefold: String,
    pub(crate) nginx: String,
    pub(crate) nginx_open_file_cache: bool,
    pub(crate) debug_build: bool,
    pub(crate) kernel: String,
    pub(crate) processor: String,
    pub(crate) cores: usize,
    /// The cores of servers and load; nothing when the system chose.
    pub(crate) pinned: Option<Cores>,
    pub(crate) connections: usize,
    pub(crate) rounds: usize,
    pub(crate) seconds: f64,
}

impl fmt::Display for Setting {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cache = if self.nginx_open_file_cache {
            ", open_file_cache"
        } else {
            ""
        };
        writeln!(
            to,
            "compared   gatefold {}, nginx {} (1 worker, secure_link{cache})",
            self.gatefold, self.nginx
        )?;
        let build = if self.debug_build {
            "DEBUG: these figures say nothing"
        } else {
            "release"
        };
        writeln!(to, "build      {build}")?;
        let (processor, kernel) = (&self.processor, &self.kernel);
        writeln!(to, "machine    {processor}, {} cores, {kernel}", self.cores)?;
        match self.pinned {
            Some(Cores { server, load }) => {
                writeln!(
                    to,
                    "pinned     servers to core {server}, load to core {load}"
                )?;
            }
            None => writeln!(
                to,
                "pinned     no: servers and load move between cores and may share one"
            )?,
        }
        writeln!(
            to,
            "rounds     {} pairs of {} s each, in turns, over {} connections of 127.0.0.1",
            self.rounds, self.seconds, self.connections
        )
    }
}
