//! Writes a configuration down: as a reference for all settings, and as what is in force.

use std::{collections::BTreeMap, fmt::Write};

use super::{
    Environment, Fields, Place, Section,
    fields::{Slot, Visitor},
};

/// The settings as Markdown: a table for each section. `intro` stands before them.
#[must_use]
pub fn reference<C: Section + Default>(intro: &str) -> String {
    let mut page = Page(format!("{}\n", intro.trim_end()));
    C::default().fields(&mut Fields::new(&mut page));
    page.0
}

struct Page(String);

impl Page {
    /// A cell's text must not end the cell.
    fn cell(text: &str) -> String {
        text.replace('|', "\\|")
    }
}

impl Visitor for Page {
    fn section(&mut self, key: &str, what: &'static str) {
        let _ = write!(
            self.0,
            "\n## `[{key}]`\n\n{what}\n\n| setting | meaning | kind | unless said |\n|---|---|---|---|\n"
        );
    }

    fn field(&mut self, key: &str, what: &'static str, slot: &mut dyn Slot) {
        let (kind, value) = (slot.kind(), slot.show());
        let name = key.rsplit('.').next().unwrap_or(key);
        let value = match value.as_str() {
            "\"\"" | "[]" | "{}" => "–".to_owned(),
            value => format!("`{}`", Self::cell(value)),
        };
        let _ = writeln!(
            self.0,
            "| `{name}`<br>`{variable}` | {what} | {kind} | {value} |",
            variable = Environment::name(key),
            what = Self::cell(what),
            kind = Self::cell(&kind),
        );
    }
}

/// What is in force, as TOML that says where each setting was written. Secrets are hidden.
#[must_use]
pub fn show<C: Section>(config: &mut C, places: &BTreeMap<String, Place>) -> String {
    let mut listing = Listing {
        text: String::new(),
        places,
    };
    config.fields(&mut Fields::new(&mut listing));
    listing.text.trim_start().to_owned()
}

struct Listing<'a> {
    text: String,
    places: &'a BTreeMap<String, Place>,
}

impl Visitor for Listing<'_> {
    fn section(&mut self, key: &str, _: &'static str) {
        let _ = write!(self.text, "\n[{key}]\n");
    }

    fn field(&mut self, key: &str, _: &'static str, slot: &mut dyn Slot) {
        let name = key.rsplit('.').next().unwrap_or(key);
        let _ = write!(self.text, "{name} = {}", slot.show());
        let _ = match self.places.get(key) {
            Some(place) => writeln!(self.text, "  # {place}"),
            None => writeln!(self.text),
        };
    }
}
