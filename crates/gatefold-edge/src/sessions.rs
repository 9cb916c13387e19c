//! Who is asking, where a URL is bound to a person.
//!
//! The edge asks [`Sessions`], and only about URLs that are good at that moment and bound to a DID.
//! Three answers exist: [`NoSessions`] of an edge that serves sites alone; [`Tickets`] of an edge that
//! stands elsewhere; and that of a server which has an edge inside, looks its own sessions up, and
//! checks session and gate again with each request.

use std::{pin::Pin, sync::Arc};

use gatefold_edge_core::{
    Admission, BIND_PATH, Binder, Denial, Facts, Proof, Unproven, admit,
    answer::{self, Head},
};
use gatefold_seal::{Opener, UnixSeconds};

/// An answer that may take time.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Proof> + Send + 'a>>;

/// Whoever knows the persons behind requests.
pub trait Sessions: Send + Sync {
    /// Who sends this request, for the URL that was opened. What cannot be asked at the moment is
    /// [`Proof::Unknown`], and never [`Proof::Nobody`].
    fn who<'a>(&'a self, asked: &'a Unproven<'a>) -> Asking<'a>;

    /// What takes tickets at [`BIND_PATH`], at an edge where there are any.
    fn binder(&self) -> Option<&Binder> {
        None
    }
}

/// Nobody is known: what is bound to a person is refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSessions;

impl Sessions for NoSessions {
    fn who<'a>(&'a self, _: &'a Unproven<'a>) -> Asking<'a> {
        Box::pin(std::future::ready(Proof::Nobody))
    }
}

/// Persons for whom a minter has vouched, by a ticket or by the cookie that came of one.
pub struct Tickets {
    binder: Binder,
    opener: Arc<Opener>,
}

impl Tickets {
    /// Opens tickets by the keyring that opens URLs.
    #[must_use]
    pub fn new(binder: Binder, opener: Arc<Opener>) -> Self {
        Self { binder, opener }
    }
}

impl Sessions for Tickets {
    fn who<'a>(&'a self, asked: &'a Unproven<'a>) -> Asking<'a> {
        let proof = self.binder.proof(asked, &self.opener);
        Box::pin(std::future::ready(proof))
    }

    fn binder(&self) -> Option<&Binder> {
        Some(&self.binder)
    }
}

/// What the checks come to, when nothing was refused.
pub(crate) enum Settled<'a> {
    /// The request may have its object.
    Admitted(Admission<'a>),
    /// All is said: a preflight, or a browser that is bound now.
    Answered(Head),
}

/// Makes every check of a request, and asks for the person where one is wanted.
///
/// # Errors
/// The first check that fails.
pub(crate) async fn settle<'a>(
    facts: &Facts<'a>,
    opener: &Opener,
    sessions: &dyn Sessions,
    now: UnixSeconds,
) -> Result<Settled<'a>, Denial> {
    if facts.path == BIND_PATH
        && let Some(binder) = sessions.binder()
    {
        let bound = binder.bind(facts, opener, now)?;
        return Ok(Settled::Answered(answer::bound(&bound)));
    }
    let unproven = admit::open(facts, opener, now)?;
    if unproven.is_preflight() {
        let preflight = unproven.preflight()?;
        return Ok(Settled::Answered(answer::preflight(&preflight)));
    }
    let proof = if unproven.wants_person() {
        sessions.who(&unproven).await
    } else {
        Proof::Nobody
    };
    unproven.prove(&proof).map(Settled::Admitted)
}

#[cfg(test)]
mod tests;
