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
mod artists;
pub mod assets;
mod attachment;
mod credentials;
mod demo;
mod edge_sessions;
mod endpoints;
mod error;
mod extract;
pub mod limits;
mod media;
mod media_origin;
mod metrics;
mod multipart;
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
mod works;

pub use self::{
    demo::{Demo, NOBODY, Persona},
    edge_sessions::SiteSessions,
    media_origin::MediaOrigin,
    metrics::Metrics,
    perimeter::pattern::{InvalidPattern, OriginPattern},
    service::{Stopping, WebOptions, WebParts, WebService, service},
    site::{InvalidSite, Site},
    works::Works,
};
