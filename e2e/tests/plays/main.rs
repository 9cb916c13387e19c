//! Plays, seen from outside: the command `gatefold serve` with its database and buckets, the reference
//! PDS as the people's server, a registry of supporters, and listeners in browsers and programs.
//!
//! Most checks run twice: as a public client on SQLite, and as a confidential one on PostgreSQL.
#![expect(
    clippy::indexing_slicing,
    reason = "the checks are tests, though the macro alone makes them ones that clippy knows"
)]

mod apart;
mod artists;
mod deliveries;
mod links;
mod page;
mod places;
mod stage;
mod table;

/// Makes each check, an async function over a [`Stage`](stage::Stage), a test over both.
macro_rules! over_both {
    ($($check:ident),+ $(,)?) => {
        over_both!(@ small, $($check),+);
        over_both!(@ large, $($check),+);
    };
    (@ $setup:ident, $($check:ident),+) => {
        mod $setup {
            $(
                #[tokio::test]
                async fn $check() -> gatefold_e2e::Result {
                    let setup = gatefold_e2e::site::Setup::$setup();
                    let stage = crate::stage::Stage::set(setup).await?;
                    super::$check(stage).await
                }
            )+
        }
    };
}
use over_both;
