//! What an edge answers, seen from outside: one suite for every edge and over every kind of origin.
//!
//! It speaks plain HTTP to an address, mints with keys that the edge knows, and is told what objects
//! there are. How the edge comes to run is `gatefold_e2e::edge`'s business.
//!
//! All modules but one judge by that address alone, so any edge can be put before them. The one is
//! `operated`: limits that are configured, signals, purges and counts are this edge's own, and each test of
//! them starts an edge that is set up for it.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "the checks are tests, though the macro alone makes them ones that clippy knows"
)]

mod bodies;
mod clients;
mod conditions;
mod operated;
mod ranges;
mod refusals;
mod requests;
mod shared;
mod windows;

/// Makes each check, an async function over a [`Subject`](gatefold_e2e::subject::Subject), a test
/// over every kind of origin.
macro_rules! over_every_origin {
    ($($check:ident),+ $(,)?) => {
        over_every_origin!(@ folder, Folder, $($check),+);
        over_every_origin!(@ web, Web, $($check),+);
        over_every_origin!(@ bucket, Bucket, $($check),+);
    };
    (@ $module:ident, $kind:ident, $($check:ident),+) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $check() -> gatefold_e2e::Result {
                    let kind = gatefold_e2e::subject::Kind::$kind;
                    let stand = gatefold_e2e::edge::Stand::start(kind)?;
                    super::$check(&stand.subject).await
                }
            )+
        }
    };
}
use over_every_origin;
