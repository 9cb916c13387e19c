//! The HTTP API and the pages: routes, perimeter, templates.
//!
//! ```text
//! service            what `gatefold serve` runs
//!   perimeter        rules for every request
//!     routes         the table of endpoints, each marked public or guarded
//!       turnstile    counts the request, takes its body
//!       endpoints/   one file for each: error, types, handler
//!         viewer     who asks, as extractors
//! ```

mod accounts;
mod assets;
mod credentials;
mod edge_sessions;
mod endpoints;
mod error;
mod extract;
pub mod limits;
mod metrics;
mod pages;
mod perimeter;
mod playing;
mod routes;
mod service;
mod set_cookie;
mod site;
mod state;
#[cfg(test)]
mod tests;
mod text;
mod tracks;
mod turnstile;
mod viewer;

pub use self::{
    edge_sessions::SiteSessions,
    metrics::Metrics,
    perimeter::pattern::{InvalidPattern, OriginPattern},
    service::{Stopping, WebOptions, WebParts, WebService, service},
    site::{InvalidSite, Site},
};
