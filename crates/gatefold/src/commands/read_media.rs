//! `gatefold read-media`: the process in which a server reads what a stranger has uploaded.

use clap::Args;
use gatefold_media::isolated;

use super::Error;

/// What `gatefold read-media` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// What to do, in words for programs
    job: String,
}

/// Reads standard input, and answers on standard output.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    Ok(isolated::serve_child(&arguments.job)?)
}
