//! Accounts, seen from outside: the command `gatefold serve` with its database, the reference PDS as
//! the people's server, and browsers and programs that may not be honest.
//!
//! Most checks run twice: as a public client on SQLite, and as a confidential one on PostgreSQL.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "the checks are tests, though the macro alone makes them ones that clippy knows"
)]

mod ended;
mod exchange;
mod faults;
mod forged;
mod keys;
mod limits;
mod linked;
mod page;
mod refused;
mod secrets;
mod shared;
mod sign_in;
mod tokens;

/// Makes each check, an async function over a [`Site`](gatefold_e2e::site::Site), a test over both.
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
                    let site = gatefold_e2e::site::Site::start(setup).await?;
                    super::$check(&site).await
                }
            )+
        }
    };
}
use over_both;
