//! A process of a site.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use crate::{Result, command, process::Vitals};

/// A process of a site, which ends with this.
pub struct Instance {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it listens for those who run it.
    pub admin: SocketAddr,
    child: Child,
    log: PathBuf,
    /// It may say more, and must not end because nobody listens.
    output: BufReader<ChildStdout>,
}

impl Instance {
    /// Starts one with this configuration, and blocks until it takes connections.
    pub(super) fn start(config: &Path, log: PathBuf, is_named: bool) -> Result<Self> {
        let mut command = command::gatefold()?;
        command
            .args(["serve", "--config"])
            .arg(config)
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log)?);
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut instance = Self {
            address: nowhere,
            admin: nowhere,
            child,
            log,
            output: BufReader::new(output),
        };
        let admin = instance.says("Admin: http://")?;
        instance.admin = admin.trim_end_matches('/').parse()?;
        // Without a name of its own, it is known by where it listens.
        let start = if is_named {
            "Listening: http://"
        } else {
            "Ready: http://"
        };
        let address = instance.says(start)?;
        instance.address = address.trim_end_matches('/').parse()?;
        if is_named {
            instance.says("Ready: ")?;
        }
        Ok(instance)
    }

    /// Waits for the next line that begins like this; gives the rest of it. Blocks.
    ///
    /// # Errors
    /// When it ends without saying so; with what it logged.
    pub fn says(&mut self, start: &str) -> Result<String> {
        let mut line = String::new();
        while self.output.read_line(&mut line)? > 0 {
            if let Some(rest) = line.strip_prefix(start) {
                return Ok(rest.trim_end().to_owned());
            }
            line.clear();
        }
        let log = self.log()?;
        Err(format!("the site ended before it said {start:?}: {log}").into())
    }

    /// What it has logged so far.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(&self.log)?)
    }

    /// Kills it, as the system does (SIGKILL), and waits until it is gone.
    ///
    /// # Errors
    /// When it cannot be.
    pub fn kill(&mut self) -> Result {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// What it holds of the machine.
    ///
    /// # Errors
    /// When it has ended.
    pub fn vitals(&self) -> Result<Vitals> {
        Vitals::of(self.child.id())
    }

    /// Has it read its client's keys again.
    ///
    /// # Errors
    /// When it has ended.
    pub fn hang_up(&mut self) -> Result {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", "HUP", &id]).status()?;
        if !sent.success() {
            return Err(format!("no signal for process {id}").into());
        }
        self.says("Read the keys again").map(drop)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
