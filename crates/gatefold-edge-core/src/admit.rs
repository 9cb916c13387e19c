//! First half of a decision: may this request have what its URL names?
//!
//! The order is fixed, and the types keep it. [`open`] checks method, path, the seal's own stages
//! (token, key, open, payload, scope, window) and that the headers which state an origin do not
//! contradict each other. Only then, and only where a URL is bound to a person
//! ([`Unproven::wants_person`]), is it worth asking who that is, which may take time and is the
//! server's business. [`Unproven::prove`] checks the client last. Nothing that the object itself would
//! answer (a 304, a 416, a length) is told before: that takes an [`Admission`].
//!
//! A preflight never carries a session, so it has an end of its own, [`Unproven::preflight`], which
//! says nothing of the object.

use std::sync::Arc;

use gatefold_seal::{Opened, Opener, PATH_PREFIX, Refusal, TicketRefusal, UnixSeconds, is_did};
use http::{HeaderMap, Method, header};

use crate::{identity::Identity, proof::Proof};

/// What is known of a request before anything is looked up.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The request's method.
    pub method: &'a Method,
    /// The path as it came, escapes and all.
    pub path: &'a str,
    /// The query, when there is a `?`.
    pub query: Option<&'a str>,
    /// The request's headers.
    pub headers: &'a HeaderMap,
}

/// A request whose URL is good at this moment, for whoever proves to be its client. Only [`open`]
/// makes one. It has no `Debug`: its headers hold what proves a person.
pub struct Unproven<'a> {
    opened: Arc<Opened>,
    token: &'a str,
    headers: &'a HeaderMap,
    identity: Identity<'a>,
    cors: Option<Cors<'a>>,
    is_preflight: bool,
    now: UnixSeconds,
}

/// A request that passed every check. Only [`Unproven::prove`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Admission<'a> {
    /// What the URL says.
    pub opened: Arc<Opened>,
    /// Whose scripts may read the answer.
    pub cors: Option<Cors<'a>>,
}

/// A question of a browser whether its page may ask, answered with yes. Only
/// [`Unproven::preflight`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preflight<'a> {
    /// Whose scripts may go on; `None` when the request did not say.
    pub cors: Option<Cors<'a>>,
}

/// What CORS headers say (Fetch, 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cors<'a> {
    /// The origin to name, which is the one that the request stated.
    pub origin: &'a str,
    /// Whether requests with a cookie are allowed.
    pub credentials: bool,
}

/// Why a request goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// Neither `GET` nor `HEAD` nor a preflight.
    #[error("sealed URLs answer GET and HEAD only")]
    Method,
    /// Something else than `GET` where a browser is bound.
    #[error("tickets are taken by GET only")]
    BindMethod,
    /// A check of the sealed URL failed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A check of the ticket failed.
    #[error(transparent)]
    Ticket(#[from] TicketRefusal),
    /// The person is who the URL is for, and may no longer have what it names.
    #[error("access to this has ended")]
    Ended,
    /// Whoever knows cannot be asked at the moment.
    #[error("who is asking cannot be checked at the moment")]
    Unknown,
}

/// Checks a request at the moment `now`, up to the client.
///
/// # Errors
/// The first check that fails.
pub fn open<'a>(
    facts: &Facts<'a>,
    opener: &Opener,
    now: UnixSeconds,
) -> Result<Unproven<'a>, Denial> {
    if ![Method::GET, Method::HEAD, Method::OPTIONS].contains(facts.method) {
        return Err(Denial::Method);
    }
    // A query would be a second spelling of the same URL, to the confusion of every cache.
    let (Some(token), None) = (facts.path.strip_prefix(PATH_PREFIX), facts.query) else {
        return Err(Refusal::MalformedToken.into());
    };
    let opened = opener.open(token, now)?;
    let identity = Identity::from_headers(facts.headers)?;
    // A request whose `Origin` is absent or `null` has nobody to whom CORS headers could speak.
    let stated = facts.headers.get(header::ORIGIN);
    let stated = identity
        .origin
        .filter(|origin| stated.is_some_and(|stated| stated == origin));
    let client = opened.payload.client();
    let cors = if is_did(client) {
        stated
            .filter(|origin| opener.names_site(opened.minter, origin))
            .map(|origin| Cors {
                origin,
                credentials: true,
            })
    } else {
        stated
            .filter(|origin| *origin == client)
            .map(|origin| Cors {
                origin,
                credentials: false,
            })
    };
    Ok(Unproven {
        opened,
        token,
        headers: facts.headers,
        identity,
        cors,
        is_preflight: facts.method == Method::OPTIONS,
        now,
    })
}

impl<'a> Unproven<'a> {
    /// Whether the URL is bound to a person, so that a [`Proof`] counts.
    #[must_use]
    pub fn wants_person(&self) -> bool {
        is_did(self.opened.payload.client())
    }

    /// What the URL says. It is not proven that who asks may know any of it.
    #[must_use]
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// The token, `EC…`.
    #[must_use]
    pub fn token(&self) -> &'a str {
        self.token
    }

    /// The request's headers.
    #[must_use]
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// The moment of the decision.
    #[must_use]
    pub fn now(&self) -> UnixSeconds {
        self.now
    }

    /// Whether the request only asks if its page may ask.
    #[must_use]
    pub fn is_preflight(&self) -> bool {
        self.is_preflight
    }

    /// The last check: that this is the client. Where no person is wanted, `proof` plays no part.
    ///
    /// # Errors
    /// [`Refusal::NoClient`] and [`Refusal::WrongClient`]; where a person is wanted also what the
    /// proof says. [`Denial::Method`] for a preflight, which is never given an object.
    pub fn prove(self, proof: &Proof) -> Result<Admission<'a>, Denial> {
        if self.is_preflight {
            return Err(Denial::Method);
        }
        let client = self.opened.payload.client();
        if is_did(client) {
            let did = match proof {
                Proof::Nobody => None,
                Proof::Proven(did) => Some(&**did),
                // One tenant's word is nothing to another tenant's URLs.
                Proof::Vouched(person) if person.minter != self.opened.minter => {
                    return Err(Refusal::WrongClient.into());
                }
                Proof::Vouched(person) => Some(&*person.did),
                Proof::Ended => return Err(Denial::Ended),
                Proof::Unknown => return Err(Denial::Unknown),
            };
            let person = Identity {
                did,
                ..Identity::default()
            };
            person.is(client)?;
        } else {
            self.identity.is(client)?;
        }
        Ok(Admission {
            cors: self.cors,
            opened: self.opened,
        })
    }

    /// Answers a preflight. The origin must be the client, or for a URL of a person a site of its
    /// minter; who the person is shows with the request that follows.
    ///
    /// # Errors
    /// [`Refusal::NoClient`] and [`Refusal::WrongClient`]; [`Denial::Method`] for what is no
    /// preflight.
    pub fn preflight(self) -> Result<Preflight<'a>, Denial> {
        if !self.is_preflight {
            return Err(Denial::Method);
        }
        if self.wants_person() {
            self.cors.ok_or(Refusal::NoClient)?;
        } else {
            self.identity.is(self.opened.payload.client())?;
        }
        Ok(Preflight { cors: self.cors })
    }
}

#[cfg(test)]
mod tests;
