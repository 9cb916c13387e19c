//! Signing in and out, for pages and programs: the paths under `/auth`.

mod callback;
mod developer_token_start;
mod developer_tokens;
mod exchange;
mod failed;
mod logout;
mod me;
mod revoke_developer_token;
mod start;

use http::{HeaderMap, HeaderValue};

use crate::{
    routes::Route,
    set_cookie,
    site::{CookieName, Site},
};

pub(super) use self::{
    developer_token_start::{InvalidToken, begin_token},
    failed::{Failed, begin_problem},
    me::handle as handle_of,
    start::{begin, typed},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        start::route(),
        start::confirmed_route(),
        callback::route(),
        exchange::route(),
        me::route(),
        logout::route(),
        developer_token_start::route(),
        developer_tokens::route(),
        revoke_developer_token::route(),
    ]
}

/// Has a browser forget its session, and what it has kept of this site: its HTTP cache, and the
/// audio that the player's worker has put into storage.
pub(super) fn forget_here(headers: &mut HeaderMap, site: &Site) {
    set_cookie::clear(headers, site, CookieName::Session);
    headers.insert(
        "clear-site-data",
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
}
