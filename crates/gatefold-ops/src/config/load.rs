//! Puts a configuration together from its sources.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use super::{
    ConfigError, Environment, Fields, Given, Place, Problem, Section, Wrong,
    environment::PREFIX,
    fields::{Slot, Visitor},
    file::{self, Table},
};

/// Where a configuration comes from. What comes later overrides what comes before: the defaults,
/// the file, the variables, the options.
#[derive(Clone)]
pub struct Sources {
    file: Option<PathBuf>,
    table: Table,
    environment: Environment,
    options: BTreeMap<String, (&'static str, String)>,
}

/// A configuration, and where each setting that is not the default was written.
#[derive(Clone, Debug)]
pub struct Loaded<C> {
    /// The configuration.
    pub config: C,
    /// The place of each setting that was written, by its key.
    pub places: BTreeMap<String, Place>,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
}

impl Sources {
    /// Variables alone.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self {
            file: None,
            table: Table::new(),
            environment,
            options: BTreeMap::new(),
        }
    }

    /// With a file. Without `must_exist`, a file that is not there says nothing.
    ///
    /// # Errors
    /// When it cannot be read, or is no TOML.
    pub fn with_file(mut self, path: &Path, must_exist: bool) -> Result<Self, ConfigError> {
        match file::read(path)? {
            Some(table) => {
                self.table = table;
                self.file = Some(path.to_owned());
            }
            None if must_exist => {
                return Err(ConfigError::Unreadable {
                    path: path.to_owned(),
                    cause: std::io::Error::other(
                        "there is no such file: write one, or name another with --config",
                    ),
                });
            }
            None => {}
        }
        Ok(self)
    }

    /// With an option of the command line for a setting.
    #[must_use]
    pub fn with_option(mut self, key: &str, option: &'static str, value: String) -> Self {
        self.options.insert(key.to_owned(), (option, value));
        self
    }

    /// Reads and validates.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load<C: Section + Default>(self) -> Result<Loaded<C>, ConfigError> {
        let mut config = C::default();
        let file = self.file.clone();
        let mut loader = Loader {
            sources: self,
            places: BTreeMap::new(),
            known: BTreeSet::new(),
            sections: BTreeSet::new(),
            problems: Vec::new(),
        };
        config.fields(&mut Fields::new(&mut loader));
        let (places, mut problems) = loader.finish();
        // Between fields of which one is wrong there is nothing to be found.
        if problems.is_empty() {
            config.validate(&mut Wrong {
                prefix: String::new(),
                problems: &mut problems,
            });
            for problem in &mut problems {
                problem.place = places.get(&problem.key).cloned();
            }
        }
        if problems.is_empty() {
            Ok(Loaded {
                config,
                places,
                file,
            })
        } else {
            Err(ConfigError::Wrong(problems))
        }
    }
}

struct Loader {
    sources: Sources,
    places: BTreeMap<String, Place>,
    known: BTreeSet<String>,
    sections: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Visitor for Loader {
    fn section(&mut self, key: &str, _: &'static str) {
        self.sections.insert(key.to_owned());
    }

    fn field(&mut self, key: &str, _: &'static str, slot: &mut dyn Slot) {
        self.known.insert(key.to_owned());
        let variable = Environment::name(key);
        let of_file = take(&mut self.sources.table, key);
        let of_variable = self.sources.environment.take(&variable);
        let of_option = self.sources.options.remove(key);
        let (place, given) = if let Some((option, value)) = of_option {
            (Place::Option(option), Given::Word(value))
        } else if let Some(value) = of_variable {
            (Place::Variable(variable), Given::Word(value))
        } else if let Some(written) = of_file {
            written
        } else {
            return;
        };
        match slot.fill(&given) {
            Ok(()) => drop(self.places.insert(key.to_owned(), place)),
            Err(says) => self.problems.push(Problem {
                place: Some(place),
                key: key.to_owned(),
                says,
            }),
        }
    }
}

/// Takes a value out of nested tables by its dotted key.
fn take(table: &mut Table, key: &str) -> Option<(Place, Given)> {
    match key.split_once('.') {
        None => table.remove(key),
        Some((name, rest)) => match table.get_mut(name) {
            Some((_, Given::Table(inner))) => take(inner, rest),
            _ => None,
        },
    }
}

impl Loader {
    /// What was written, and what nobody asked for.
    fn finish(mut self) -> (BTreeMap<String, Place>, Vec<Problem>) {
        let table = std::mem::take(&mut self.sources.table);
        self.refuse_rest("", table);
        // Other commands have variables of their own, which are no settings.
        let tops: Vec<String> = self
            .sections
            .iter()
            .filter(|key| !key.contains('.'))
            .map(|key| format!("{}_", Environment::name(key)))
            .collect();
        for name in self.sources.environment.names() {
            if tops.iter().any(|top| name.starts_with(top)) {
                self.problems.push(Problem {
                    place: None,
                    key: name.to_owned(),
                    says: format!(
                        "no setting has this variable; the reference lists them all, and each \
                         is {PREFIX} with the setting's name"
                    ),
                });
            }
        }
        (self.places, self.problems)
    }

    fn refuse_rest(&mut self, prefix: &str, table: Table) {
        for (name, (place, given)) in table {
            let key = format!("{prefix}{name}");
            let is_section = self.sections.contains(&key);
            let says = match given {
                Given::Table(inner) if is_section => {
                    self.refuse_rest(&format!("{key}."), inner);
                    continue;
                }
                _ if is_section => format!("this is a section: write [{key}]"),
                _ => format!(
                    "there is no such setting here; there are {}",
                    self.beside(prefix)
                ),
            };
            self.problems.push(Problem {
                place: Some(place),
                key,
                says,
            });
        }
    }

    /// The names that a table may have.
    fn beside(&self, prefix: &str) -> String {
        let all = self.known.iter().chain(&self.sections);
        let names = all.filter_map(|key| key.strip_prefix(prefix));
        let names: Vec<&str> = names.filter(|name| !name.contains('.')).collect();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests;
