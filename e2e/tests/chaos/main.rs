//! Chaos: the site is killed (SIGKILL) again and again, at moments that a seed decides, while an artist
//! uploads, gates, opens, replaces, restores and deletes; somebody outside keeps every public address that
//! was ever given out. Nothing that was acknowledged is lost, nothing that is gated is readable, and in the end
//! nothing is left behind.
//!
//! `GATEFOLD_CHAOS_KILLS` says how often (25 unless said), `GATEFOLD_CHAOS_SEED` replays what a run prints.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "the checks are tests, though the macro alone makes them ones that clippy knows; what was done is \
              printed"
)]

mod dice;
mod model;
mod studio;

use gatefold_e2e::{
    Result,
    site::{Setup, Shelves},
};

use crate::{dice::Dice, studio::Studio};

const KILLS: u32 = 25;

#[tokio::test]
async fn killed_on_sqlite_and_folders() -> Result {
    killed("sqlite, folders", Setup::small()).await
}

#[tokio::test]
async fn killed_on_postgresql_and_buckets() -> Result {
    killed("postgresql, buckets", in_buckets(Setup::large())).await
}

#[tokio::test]
async fn killed_on_sqlite_and_buckets() -> Result {
    killed("sqlite, buckets", in_buckets(Setup::small())).await
}

#[tokio::test]
async fn killed_on_postgresql_and_folders() -> Result {
    killed("postgresql, folders", Setup::large()).await
}

/// The same with the bytes at an S3 server.
fn in_buckets(setup: Setup) -> Setup {
    Setup {
        shelves: Shelves::Buckets,
        ..setup
    }
}

async fn killed(name: &str, setup: Setup) -> Result {
    let kills = number("GATEFOLD_CHAOS_KILLS").unwrap_or(KILLS.into());
    let seed = number("GATEFOLD_CHAOS_SEED").unwrap_or_else(seed);
    println!("{name}: seed {seed}, {kills} kills");
    let mut dice = Dice::new(seed);
    let mut studio = Studio::open(setup).await?;
    for round in 0..kills {
        studio
            .round(&mut dice)
            .await
            .map_err(|error| format!("round {round} of seed {seed}: {error}"))?;
    }
    let end = studio
        .end()
        .await
        .map_err(|error| format!("the end of seed {seed}: {error}"))?;
    println!("{name}: {}; {end}", studio.counts);
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever replays a run says so to the test, which has no configuration"
)]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn seed() -> u64 {
    let random = std::process::id();
    let now = std::time::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_secs());
    now ^ u64::from(random) << 32
}
