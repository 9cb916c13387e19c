//! The `gatefold` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatefold::cli::run()
}
