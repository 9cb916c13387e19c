//! People at an edge that has no sessions: tickets, and the cookie that remembers one. See
//! `docs/spec/edge-ticket.md`.

use gatefold_seal::{
    BINDING_SECONDS, BindingKey, KeyId, Opener, TicketRefusal, TicketUse, UnixSeconds, Vouched,
    is_edge_host,
};
use http::{HeaderMap, HeaderValue, Method, header};

use crate::{
    admit::{Cors, Denial, Facts, Unproven},
    cookie::sole_cookie,
    proof::Proof,
};

/// Where a player hands in its ticket: `{edge}/securev1/bind?ticket=…`.
pub const BIND_PATH: &str = "/securev1/bind";

/// The scheme of an edge that the world reaches.
const SECURE: &str = "https";
const SECURE_NAME: &str = "__Host-gatefold_edge";
const PLAIN_NAME: &str = "gatefold_edge";

/// The URL is not one at which an edge can bind anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an edge's public URL is https:// (or http:// on loopback), a host in lower case and a port \
     that is not the scheme's own"
)]
pub struct InvalidEdgeUrl;

/// Binds browsers to people for whom a minter has vouched, and knows them again.
#[derive(Clone)]
pub struct Binder {
    /// Scheme and authority, as browsers write an origin.
    origin: Box<str>,
    host: Box<str>,
    is_secure: bool,
    key: BindingKey,
}

/// A browser that is bound from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound<'a> {
    cookie: HeaderValue,
    cors: Option<Cors<'a>>,
}

impl<'a> Bound<'a> {
    /// The value of `Set-Cookie`.
    #[must_use]
    pub fn cookie(&self) -> &HeaderValue {
        &self.cookie
    }

    /// Whose script may know that it worked.
    #[must_use]
    pub fn cors(&self) -> Option<Cors<'a>> {
        self.cors
    }
}

impl Binder {
    /// A binder for the edge at this public URL, of which the path plays no part.
    ///
    /// # Errors
    /// When the URL is plain http and not on loopback, or not in the spelling of browsers.
    pub fn new(edge_url: &str, key: BindingKey) -> Result<Self, InvalidEdgeUrl> {
        let (scheme, host) = parts(edge_url)?;
        Ok(Self {
            origin: [scheme, "://", host].concat().into(),
            host: host.into(),
            is_secure: scheme == SECURE,
            key,
        })
    }

    /// The authority that tickets for this edge name.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Takes the ticket of a request for [`BIND_PATH`] at the moment `now`.
    ///
    /// # Errors
    /// The first check that fails: method, form of the query, ticket, site.
    pub fn bind<'a>(
        &self,
        facts: &Facts<'a>,
        opener: &Opener,
        now: UnixSeconds,
    ) -> Result<Bound<'a>, Denial> {
        if facts.method != Method::GET {
            return Err(Denial::BindMethod);
        }
        let ticket = facts.query.and_then(|query| query.strip_prefix("ticket="));
        let ticket = ticket.ok_or(TicketRefusal::Malformed)?;
        let person = opener.open_ticket(ticket, &self.host, TicketUse::Session, now)?;
        let origin = self.site(facts.headers, opener, person.minter)?;
        let value = self.key.bind(&person, &self.host, now);
        let cookie = value
            .and_then(|value| self.cookie(&value))
            .ok_or(TicketRefusal::Malformed)?;
        Ok(Bound {
            cookie,
            cors: origin.map(|origin| Cors {
                origin,
                credentials: true,
            }),
        })
    }

    /// The person whom a request shows: by a ticket for this file when it has one, otherwise by the
    /// cookie.
    #[must_use]
    pub fn proof(&self, asked: &Unproven<'_>, opener: &Opener) -> Proof {
        self.person(asked, opener)
            .map_or(Proof::Nobody, Proof::Vouched)
    }

    fn person(&self, asked: &Unproven<'_>, opener: &Opener) -> Option<Vouched> {
        let (headers, now) = (asked.headers(), asked.now());
        let mut authorizations = headers.get_all(header::AUTHORIZATION).iter();
        if let Some(authorization) = authorizations.next() {
            if authorizations.next().is_some() {
                return None;
            }
            let text = authorization.to_str().ok()?;
            let (scheme, ticket) = text.split_once(' ').unwrap_or((text, ""));
            if scheme.eq_ignore_ascii_case("Ticket") {
                let file = TicketUse::File(asked.token());
                return opener.open_ticket(ticket, &self.host, file, now).ok();
            }
        }
        let cookie = sole_cookie(headers, self.cookie_name())?;
        self.key.read(cookie, &self.host, now).ok()
    }

    /// The origin of the site that binds a browser, when the request states one.
    fn site<'a>(
        &self,
        headers: &'a HeaderMap,
        opener: &Opener,
        minter: KeyId,
    ) -> Result<Option<&'a str>, TicketRefusal> {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let (first, second) = (origins.next(), origins.next());
        let Some(origin) = first else {
            // A page, an image or a link elsewhere would bind its visitor to whom it likes.
            let mut sites = headers.get_all("sec-fetch-site").iter();
            return if sites.all(|site| site == "same-origin") {
                Ok(None)
            } else {
                Err(TicketRefusal::WrongSite)
            };
        };
        let is_ours = |origin: &&str| {
            **origin == *self.origin || *origin != "null" && opener.names_site(minter, origin)
        };
        let origin = origin.to_str().ok().filter(|_| second.is_none());
        let origin = origin.filter(is_ours).ok_or(TicketRefusal::WrongSite)?;
        Ok(Some(origin))
    }

    fn cookie_name(&self) -> &'static str {
        if self.is_secure {
            SECURE_NAME
        } else {
            PLAIN_NAME
        }
    }

    fn cookie(&self, value: &str) -> Option<HeaderValue> {
        // Elsewhere is another site, and browsers keep such a cookie only where it was set
        // (`Partitioned`). On loopback, ports are of one site, and `None` would demand `Secure`.
        let attributes = if self.is_secure {
            "Secure; SameSite=None; Partitioned"
        } else {
            "SameSite=Lax"
        };
        let name = self.cookie_name();
        let text =
            format!("{name}={value}; Path=/; HttpOnly; {attributes}; Max-Age={BINDING_SECONDS}");
        let mut cookie = HeaderValue::try_from(text).ok()?;
        cookie.set_sensitive(true);
        Some(cookie)
    }
}

/// The authority of an edge's public URL, as tickets name it; the path plays no part.
///
/// # Errors
/// When the URL is plain http and not on loopback, or not in the spelling of browsers.
pub fn edge_host(edge_url: &str) -> Result<&str, InvalidEdgeUrl> {
    parts(edge_url).map(|(_, host)| host)
}

/// Scheme and authority.
fn parts(edge_url: &str) -> Result<(&str, &str), InvalidEdgeUrl> {
    let (scheme, rest) = edge_url.split_once("://").ok_or(InvalidEdgeUrl)?;
    let host = rest.split_once('/').map_or(rest, |(host, _)| host);
    let own_port = match scheme {
        SECURE => ":443",
        "http" if is_loopback(host) => ":80",
        _ => return Err(InvalidEdgeUrl),
    };
    if !is_edge_host(host) || host.ends_with(own_port) || host.ends_with(':') {
        return Err(InvalidEdgeUrl);
    }
    Ok((scheme, host))
}

/// Whether an authority is one of this machine, by name or by address.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
