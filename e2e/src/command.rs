//! The command, as a process.

use std::{
    ffi::OsStr,
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::Result;

/// The command that was built together with this test.
///
/// # Errors
/// When it was not built.
pub fn gatefold() -> Result<Command> {
    // target/debug/deps/<test> and target/debug/gatefold.
    let test = std::env::current_exe()?;
    let built: Option<PathBuf> = test
        .ancestors()
        .nth(2)
        .map(|folder| folder.join("gatefold"));
    let built = built.filter(|built| built.is_file()).ok_or(
        "the command is not built: `cargo build --workspace --bins`, or `./test e2e`, which does",
    )?;
    let mut command = Command::new(built);
    command.stdin(Stdio::null());
    Ok(command)
}

/// Runs the command to its end.
///
/// # Errors
/// When it fails; with what it said.
pub fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Result<String> {
    let output = gatefold()?.args(arguments).output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("gatefold failed: {said}").into())
}
