//! Publishing, seen from outside: an artist with a developer token at the command `gatefold serve`, the
//! reference PDS as their server, and somebody else who looks.
//!
//! Most checks run twice: as a public client on SQLite with folders, and as a confidential one on PostgreSQL
//! with buckets of an S3 server.
#![expect(
    clippy::indexing_slicing,
    reason = "the checks are tests, though the macro alone makes them ones that clippy knows"
)]

mod formats;
mod life;
mod published_client;
mod records;
mod refused;
mod stage;

/// Makes each check, an async function over a [`Stage`](stage::Stage), a test over both.
macro_rules! over_both {
    ($($check:ident),+ $(,)?) => {
        over_both!(@ small, Folders, $($check),+);
        over_both!(@ large, Buckets, $($check),+);
    };
    (@ $setup:ident, $shelves:ident, $($check:ident),+) => {
        mod $setup {
            $(
                #[tokio::test]
                async fn $check() -> gatefold_e2e::Result {
                    let setup = gatefold_e2e::site::Setup {
                        shelves: gatefold_e2e::site::Shelves::$shelves,
                        ..gatefold_e2e::site::Setup::$setup()
                    };
                    let stage = crate::stage::Stage::set(setup).await?;
                    super::$check(stage).await
                }
            )+
        }
    };
}
use over_both;
