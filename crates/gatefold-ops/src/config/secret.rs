//! A secret in a configuration: given there, or in a file of its own.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Given, fields::Slot};
use crate::secrets;

/// A secret text. It has no `Debug`, and is overwritten when dropped.
#[derive(Clone)]
pub struct Secret {
    text: Zeroizing<String>,
    file: Option<PathBuf>,
}

impl Secret {
    /// Takes a secret.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self {
            text: Zeroizing::new(text),
            file: None,
        }
    }

    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The file that it was read from; `None` when it stands in the configuration itself.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Reads the file of a secret, without the line's end that editors put there.
    fn of_file(path: &Path) -> Result<Self, String> {
        let bytes = secrets::read(path).map_err(|error| error.to_string())?;
        let bytes = bytes.ok_or_else(|| format!("there is no file {}", path.display()))?;
        let text = str::from_utf8(&bytes).map_err(|_| "the file holds no text".to_owned())?;
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            return Err(format!(
                "{} is empty: write the secret into it",
                path.display()
            ));
        }
        Ok(Self {
            text: Zeroizing::new(text.to_owned()),
            file: Some(path.to_owned()),
        })
    }
}

const WANTED: &str = "write the secret as text, or name its file";
const BOTH: &str = "the secret is given here and by its file: leave one of the two out";

/// The field that holds a secret itself.
pub(super) struct Itself<'a>(pub(super) &'a mut Option<Secret>);

/// The field beside it that names the secret's file.
pub(super) struct InFile<'a>(pub(super) &'a mut Option<Secret>);

impl Slot for Itself<'_> {
    fn kind(&self) -> String {
        "secret".to_owned()
    }

    fn fill(&mut self, given: &Given) -> Result<(), String> {
        let text = given.text(WANTED)?;
        *self.0 = (!text.is_empty()).then(|| Secret::new(text.to_owned()));
        Ok(())
    }

    fn show(&self) -> String {
        let hidden = self.0.as_ref().is_some_and(|secret| secret.file.is_none());
        if hidden { "\"(hidden)\"" } else { "\"\"" }.to_owned()
    }
}

impl Slot for InFile<'_> {
    fn kind(&self) -> String {
        "path".to_owned()
    }

    fn fill(&mut self, given: &Given) -> Result<(), String> {
        let path = given.text("write the path of the secret's file")?;
        if path.is_empty() {
            return Ok(());
        }
        if self.0.is_some() {
            return Err(BOTH.to_owned());
        }
        *self.0 = Some(Secret::of_file(Path::new(path))?);
        Ok(())
    }

    fn show(&self) -> String {
        let file = self.0.as_ref().and_then(Secret::file);
        super::value::quoted(&file.unwrap_or(Path::new("")).display().to_string())
    }
}
