//! What is wrong with a configuration, in words for the person who wrote it.

use std::{fmt, io, path::PathBuf, sync::Arc};

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file, in a line counted from 1.
    File {
        /// The file.
        path: Arc<PathBuf>,
        /// The line.
        line: usize,
    },
    /// In an environment variable.
    Variable(String),
    /// In an option of the command line.
    Option(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(out, "{}:{line}", path.display()),
            Self::Variable(name) => write!(out, "the variable {name}"),
            Self::Option(name) => write!(out, "the option {name}"),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it was written, unless it was not.
    pub place: Option<Place>,
    /// The setting, for example `edge.cache.memory`.
    pub key: String,
    /// What is wrong, and what to do.
    pub says: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(out, "{place}: ")?;
        }
        write!(out, "{}: {}", self.key, self.says)
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: {cause}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The file is no TOML.
    #[error("{path}:{line}: {says} (the file is TOML: https://toml.io)", path = path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        says: String,
    },
    /// Settings are wrong; there is at least one.
    #[error("{}", each_on_a_line(.0))]
    Wrong(Vec<Problem>),
}

fn each_on_a_line(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
