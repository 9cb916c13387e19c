//! Why nothing was fetched.

use std::error::Error;

/// Why a request gave no answer, or an answer no more bytes. It never says from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// The URL's host or port is not allowed.
    #[error("the host or port is not allowed")]
    NotAllowed,
    /// No address of the host is a public one.
    #[error("the host has no public address")]
    NotPublic,
    /// A redirect leads to what is no https URL with a host name, or nowhere.
    #[error("a redirect that cannot be followed")]
    BadRedirect,
    /// Redirects lead back to where they came from, or on and on.
    #[error("too many redirects")]
    TooManyRedirects,
    /// No connection, no answer or no more bytes within the time for them.
    #[error("timed out")]
    TimedOut,
    /// The name is unknown, or nobody takes the connection.
    #[error("no connection")]
    Unreachable,
    /// The connection took place, but TLS did not: an unknown or foreign certificate, for example.
    #[error("TLS failed")]
    Tls,
    /// The peer broke off, or what it sent is not HTTP or has too long a head.
    #[error("the peer broke the protocol")]
    Protocol,
    /// The body is longer than the caller takes.
    #[error("the body is too long")]
    TooLong,
    /// What was to be sent could not be read, or is shorter than it said.
    #[error("the body to send cannot be read")]
    Unread,
}

impl NetError {
    /// The cause of an error of the HTTP library: ours where one lies at its bottom.
    pub(crate) fn below(error: &(dyn Error + 'static)) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(ours) = error.downcast_ref::<Self>() {
                return *ours;
            }
            if error.is::<rustls::Error>() {
                return Self::Tls;
            }
            // An I/O error shows what it was made from only here, not as its source.
            let inner = error
                .downcast_ref::<std::io::Error>()
                .and_then(std::io::Error::get_ref);
            next = match inner {
                Some(inner) => Some(inner),
                None => error.source(),
            };
        }
        Self::Protocol
    }
}
