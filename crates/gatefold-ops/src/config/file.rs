//! Reads a TOML file into what was written where.

use std::{collections::BTreeMap, fs, io, ops::Range, path::Path, sync::Arc};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{ConfigError, Given, Place};

/// A configuration is written by hand; what is longer is something else.
const MAX_LEN: u64 = 1024 * 1024;

/// What a file says.
pub(super) type Table = BTreeMap<String, (Place, Given)>;

/// Reads a file; `None` when there is none.
pub(super) fn read(path: &Path) -> Result<Option<Table>, ConfigError> {
    let unreadable = |cause| ConfigError::Unreadable {
        path: path.to_owned(),
        cause,
    };
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
        // Opening a pipe would wait for its writer.
        Ok(facts) if !facts.is_file() => return Err(unreadable(io::Error::other("not a file"))),
        Ok(facts) if facts.len() > MAX_LEN => {
            return Err(unreadable(io::ErrorKind::FileTooLarge.into()));
        }
        Ok(_) => {}
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    parse(path, &text).map(Some)
}

pub(super) fn parse(path: &Path, text: &str) -> Result<Table, ConfigError> {
    let table = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        path: path.to_owned(),
        line: line(text, error.span().unwrap_or_default()),
        // Some messages have several lines; the first names what is wrong.
        says: error
            .message()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned(),
    })?;
    let reader = Reader {
        path: Arc::new(path.to_owned()),
        text,
    };
    Ok(reader.table(table.into_inner()))
}

fn line(text: &str, span: Range<usize>) -> usize {
    let before = text.as_bytes().iter().take(span.start);
    before
        .filter(|byte| **byte == b'\n')
        .count()
        .saturating_add(1)
}

struct Reader<'a> {
    path: Arc<std::path::PathBuf>,
    text: &'a str,
}

impl Reader<'_> {
    fn table(&self, table: DeTable<'_>) -> Table {
        let entries = table.into_iter().map(|(name, value)| {
            let place = Place::File {
                path: Arc::clone(&self.path),
                line: line(self.text, name.span()),
            };
            (name.into_inner().into_owned(), (place, self.value(value)))
        });
        entries.collect()
    }

    fn value(&self, value: Spanned<DeValue<'_>>) -> Given {
        match value.into_inner() {
            DeValue::String(text) => Given::Text(text.into_owned()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or(Given::Other("a number that is too large"), Given::Integer),
            DeValue::Float(_) => Given::Other("a decimal number"),
            DeValue::Boolean(flag) => Given::Flag(flag),
            DeValue::Datetime(_) => Given::Other("a date or time"),
            DeValue::Array(parts) => {
                Given::List(parts.into_iter().map(|part| self.value(part)).collect())
            }
            DeValue::Table(table) => Given::Table(self.table(table)),
        }
    }
}
