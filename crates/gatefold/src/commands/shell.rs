//! `gatefold completions` and `gatefold man`: the command line, told to a shell and to `man`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Args, Command};
use clap_complete::Shell;
use clap_mangen::Man;

use super::{Error, output};

/// What `gatefold completions` takes.
#[derive(Args)]
pub(crate) struct Completions {
    /// For which shell
    shell: Shell,
}

/// What `gatefold man` takes.
#[derive(Args)]
pub(crate) struct Manual {
    /// Write a page for each command into this folder, instead of printing the first page
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

pub(crate) fn completions(arguments: &Completions, mut command: Command) -> Result<(), Error> {
    let mut script = Vec::new();
    let name = command.get_name().to_owned();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    Ok(output::print(&String::from_utf8_lossy(&script))?)
}

pub(crate) fn manual(arguments: &Manual, mut command: Command) -> Result<(), Error> {
    // So that every page knows its whole name and the options of all commands.
    command.build();
    match &arguments.out {
        None => {
            let mut page = Vec::new();
            Man::new(command).render(&mut page)?;
            Ok(output::print(&String::from_utf8_lossy(&page))?)
        }
        Some(folder) => {
            fs::create_dir_all(folder)?;
            Ok(pages(&command, folder)?)
        }
    }
}

/// Writes the pages of a command and of those below it.
fn pages(command: &Command, folder: &Path) -> io::Result<()> {
    let page = Man::new(command.clone());
    page.generate_to(folder)?;
    command
        .get_subcommands()
        .filter(|below| below.get_name() != "help" && !below.is_hide_set())
        .try_for_each(|below| pages(below, folder))
}
