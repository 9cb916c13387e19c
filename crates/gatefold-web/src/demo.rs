//! What only a demonstration has: people to be, for whoever tries it.

use gatefold_domain::Did;

/// What whoever is not signed in is called in forms.
pub const NOBODY: &str = "nobody";

/// The people of a demonstration. Its pages let whoever tries it be one of them, by posting
/// `persona=<id>` to `/demo/persona`, and show what becomes of every play.
#[derive(Clone, Debug)]
pub struct Demo {
    /// In the order in which they are offered.
    pub personas: Vec<Persona>,
}

/// Somebody to be.
#[derive(Clone, Debug)]
pub struct Persona {
    /// What they are called in forms.
    pub id: String,
    /// What they are called on pages.
    pub name: String,
    /// What they may hear, and why.
    pub description: String,
    /// Who they are here; nobody is signed in where there is none.
    pub did: Option<Did>,
}
