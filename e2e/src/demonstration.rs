//! `gatefold serve --demo` in a process of its own.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Stdio},
};

use tempfile::TempDir;

use crate::{Result, command};

/// A demonstration, which ends with this.
pub struct Demonstration {
    /// Its address, without a slash at the end.
    pub origin: String,
    child: Child,
    _output: BufReader<ChildStdout>,
    folder: TempDir,
}

impl Demonstration {
    /// Starts one, and blocks until it takes connections: it composes its music first.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut child = command::gatefold()?
            .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let mut output = BufReader::new(output);
        let mut line = String::new();
        while output.read_line(&mut line)? > 0 {
            if let Some(there) = line.strip_prefix("Ready: ") {
                return Ok(Self {
                    origin: there.trim().trim_end_matches('/').to_owned(),
                    child,
                    _output: output,
                    folder,
                });
            }
            line.clear();
        }
        child.wait()?;
        Err("the demonstration ended before it was ready".into())
    }

    /// Where it keeps what it makes.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Demonstration {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
