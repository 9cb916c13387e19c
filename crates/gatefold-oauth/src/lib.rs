//! atproto OAuth: identities, authorization, sessions, requests as a person.

pub mod dns;
mod fetch;
pub mod identity;
pub mod metadata;
#[cfg(test)]
mod web;
