//! Fields of a configuration, named once for all that is done with them.

use std::ops::RangeInclusive;

use super::{
    Given, Problem, Secret, Value,
    secret::{InFile, Itself},
};

/// Settings of one concern.
pub trait Section {
    /// Names every field, in the order of the reference.
    fn fields(&mut self, on: &mut Fields<'_>);

    /// Says what is wrong between fields that are each right.
    fn validate(&self, wrong: &mut Wrong<'_>) {
        let _ = wrong;
    }
}

/// A field's value, whatever its kind.
pub(super) trait Slot {
    fn kind(&self) -> String;
    fn fill(&mut self, given: &Given) -> Result<(), String>;
    fn show(&self) -> String;
}

impl<V: Value> Slot for V {
    fn kind(&self) -> String {
        V::KIND.to_owned()
    }

    fn fill(&mut self, given: &Given) -> Result<(), String> {
        *self = V::read(given)?;
        Ok(())
    }

    fn show(&self) -> String {
        Value::show(self)
    }
}

/// A value that must be within bounds.
struct Ranged<'a, V> {
    value: &'a mut V,
    range: RangeInclusive<V>,
}

impl<V: Value + PartialOrd> Slot for Ranged<'_, V> {
    fn kind(&self) -> String {
        let (least, most) = (self.range.start().show(), self.range.end().show());
        let bare = |text: &str| text.replace('"', "");
        format!("{}, {} to {}", V::KIND, bare(&least), bare(&most))
    }

    fn fill(&mut self, given: &Given) -> Result<(), String> {
        let value = V::read(given)?;
        if !self.range.contains(&value) {
            let (least, most) = (self.range.start().show(), self.range.end().show());
            return Err(format!(
                "{} is out of range: from {least} to {most}",
                value.show()
            ));
        }
        *self.value = value;
        Ok(())
    }

    fn show(&self) -> String {
        self.value.show()
    }
}

/// What is done with each field.
pub(super) trait Visitor {
    fn section(&mut self, key: &str, what: &'static str);
    fn field(&mut self, key: &str, what: &'static str, slot: &mut dyn Slot);
}

/// Where a section names its fields.
pub struct Fields<'a> {
    prefix: String,
    visitor: &'a mut dyn Visitor,
}

impl<'a> Fields<'a> {
    pub(super) fn new(visitor: &'a mut dyn Visitor) -> Self {
        Self {
            prefix: String::new(),
            visitor,
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// A field, and what it means.
    pub fn field<V: Value>(&mut self, name: &str, value: &mut V, what: &'static str) {
        let key = self.key(name);
        self.visitor.field(&key, what, value);
    }

    /// A field whose value must be within bounds.
    pub fn ranged<V: Value + PartialOrd>(
        &mut self,
        name: &str,
        value: &mut V,
        range: RangeInclusive<V>,
        what: &'static str,
    ) {
        let key = self.key(name);
        self.visitor.field(&key, what, &mut Ranged { value, range });
    }

    /// A secret, and beside it the field `…_file` that names a file with it.
    pub fn secret(&mut self, name: &str, value: &mut Option<Secret>, what: &'static str) {
        let key = self.key(name);
        self.visitor.field(&key, what, &mut Itself(value));
        let what = "A file with it, which only its owner may read.";
        self.visitor
            .field(&format!("{key}_file"), what, &mut InFile(value));
    }

    /// A section within this one.
    pub fn section<S: Section>(&mut self, name: &str, section: &mut S, what: &'static str) {
        let key = self.key(name);
        self.visitor.section(&key, what);
        let mut inner = Fields {
            prefix: format!("{key}."),
            visitor: &mut *self.visitor,
        };
        section.fields(&mut inner);
    }
}

/// Where a section says what is wrong with it.
pub struct Wrong<'a> {
    pub(super) prefix: String,
    pub(super) problems: &'a mut Vec<Problem>,
}

impl Wrong<'_> {
    /// A field is wrong: what about it, and what to do.
    pub fn field(&mut self, name: &str, says: impl Into<String>) {
        self.problems.push(Problem {
            place: None,
            key: format!("{}{name}", self.prefix),
            says: says.into(),
        });
    }

    /// Looks at a section within this one.
    pub fn section(&mut self, name: &str, section: &impl Section) {
        section.validate(&mut Wrong {
            prefix: format!("{}{name}.", self.prefix),
            problems: self.problems,
        });
    }
}
