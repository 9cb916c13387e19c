//! Whether the site answers from a great many tracks as it does from a few: two sites that differ in nothing
//! else, asked in turns, on each database.

mod report;

use std::{io::stderr, path::Path, sync::atomic::Ordering};

use clap::Args;
use gatefold_domain::{Clock, Timestamp};
use gatefold_ops::SystemClock;
use gatefold_testkit::{
    catalogue,
    databases::{Database, Postgres},
};
use tempfile::TempDir;

use self::report::{Compared, Report, Times};
use crate::{
    clock,
    connection::Connection,
    error::{Doing, Error},
    run, say,
    site::ground::{self, Site, database_in, get},
};

/// What `gatefold-bench catalogue` takes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Tracks of the small site
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1_000..))]
    few: u64,
    /// Tracks of the large one
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1_000..))]
    many: u64,
    /// Requests of each kind to each site
    #[arg(long, default_value_t = 3_000, value_parser = clap::value_parser!(u64).range(200..))]
    requests: u64,
    /// Measure only this database
    #[arg(long, value_parser = DATABASES)]
    database: Option<String>,
    /// Run even though this is a debug build
    #[arg(long)]
    allow_debug: bool,
}

/// The databases, as people write them.
const DATABASES: [&str; 2] = ["SQLite", "PostgreSQL"];

/// How many requests of a kind go to one site before the other has its turn.
const TURN: u64 = 50;

/// A kind of request.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    /// Paths that are asked for one after the other, for the time that all of them take: of a site with so
    /// many tracks, by a number that looks random.
    paths: fn(u64, u64) -> Vec<String>,
}

const KINDS: [Kind; 8] = [
    Kind {
        name: "the newest tracks",
        paths: |_, _| vec!["/tracks/?limit=50".to_owned()],
    },
    Kind {
        name: "a page of tracks",
        paths: |tracks, random| {
            vec![format!(
                "/tracks/?limit=50&cursor={}",
                among(tracks, random)
            )]
        },
    },
    Kind {
        name: "the tracks of a word",
        paths: |_, random| {
            let word = catalogue::tag(among(10, random));
            vec![format!("/tracks/?limit=5&tags={word}")]
        },
    },
    Kind {
        name: "the most liked",
        paths: |_, _| vec!["/tracks/top?limit=50".to_owned()],
    },
    Kind {
        name: "search, a frequent word",
        paths: |_, random| vec![format!("/search/?limit=10&q={}", word(random))],
    },
    Kind {
        name: "search, two of them",
        paths: |_, random| {
            let (one, other) = (word(random), word(random >> 20));
            vec![format!("/search/?limit=10&q={one}%20{other}")]
        },
    },
    Kind {
        name: "an artist and their tracks",
        paths: |tracks, random| {
            let artist = catalogue::artist(among(catalogue::artists(tracks), random));
            vec![
                format!("/artists/{artist}"),
                format!("/tracks/?limit=50&artist_did={artist}"),
            ]
        },
    },
    Kind {
        name: "a play",
        paths: |tracks, random| {
            vec![format!(
                "/audio/{}/url",
                catalogue::file(heard(tracks, random))
            )]
        },
    },
];

/// A number from 1 to `most`.
fn among(most: u64, random: u64) -> u64 {
    random
        .checked_rem(most)
        .unwrap_or_default()
        .saturating_add(1)
}

/// A word that is in at least one of a hundred titles, so that there is a page of them among few tracks, too.
fn word(random: u64) -> String {
    catalogue::word(among(10, random).saturating_sub(1))
}

/// A track that whoever is signed in may hear.
fn heard(tracks: u64, random: u64) -> u64 {
    // Those with 1 as their last digit are public, and for whoever is signed in.
    let tens = among(tracks / 10, random).saturating_sub(1);
    tens.saturating_mul(10).saturating_add(1)
}

/// Measures both databases, and prints what it found.
pub(crate) fn measure(arguments: &Arguments) -> Result<Report, Error> {
    if cfg!(debug_assertions) && !arguments.allow_debug {
        return Err(Error::DebugBuild);
    }
    let stop = run::watch_for_interrupts()?;
    let runtime = tokio::runtime::Runtime::new().doing("start a runtime")?;
    let mut report = Report {
        few: arguments.few,
        many: arguments.many,
        requests: arguments.requests,
        compared: Vec::new(),
    };
    let wanted = |name: &&str| {
        arguments
            .database
            .as_deref()
            .is_none_or(|wanted| wanted == *name)
    };
    for database in DATABASES.into_iter().filter(wanted) {
        let place = |tracks| {
            say(&mut stderr(), &format!("{database}: {tracks} tracks …"));
            let furnished = runtime.block_on(furnish(database, tracks));
            furnished.map_err(|error| Error::wrong(format_args!("cannot furnish a site: {error}")))
        };
        let (few, many) = (place(arguments.few)?, place(arguments.many)?);
        for kind in KINDS {
            say(&mut stderr(), &format!("{database}: {} …", kind.name));
            let mut times = [Vec::new(), Vec::new()];
            let mut asked = [few.visitor()?, many.visitor()?];
            // Once, for what is made on first use.
            for visitor in &mut asked {
                visitor.take_turn(kind, 0)?;
            }
            for turn in 1..=arguments.requests.div_ceil(TURN) {
                for (visitor, times) in asked.iter_mut().zip(&mut times) {
                    if stop.load(Ordering::Relaxed) {
                        return Err(Error::wrong("interrupted"));
                    }
                    times.extend(visitor.take_turn(kind, turn)?);
                }
            }
            let [few, many] = times.map(Times::of);
            let (few, many) = few
                .zip(many)
                .ok_or_else(|| Error::wrong("nothing was measured"))?;
            report.compared.push(Compared {
                database,
                kind: kind.name,
                few,
                many,
            });
        }
    }
    Ok(report)
}

/// A site with a catalogue, and somebody who is signed in.
struct Place {
    tracks: u64,
    listener: String,
    site: Site,
    _database: Option<Database>,
    _folder: TempDir,
}

async fn furnish(database: &str, tracks: u64) -> Result<Place, ground::Anything> {
    let folder = tempfile::tempdir()?;
    let postgres = match database {
        "PostgreSQL" => Some(Postgres::start()?.database()?),
        _ => None,
    };
    let url = postgres.as_ref().map(|database| database.url.clone());
    let url = url.unwrap_or_else(|| database_in(folder.path()));
    let now = Timestamp::from(SystemClock.now());
    let store = ground::open(folder.path(), &url, now).await?;
    catalogue::fill(&url, tracks).await?;
    let listener = catalogue::listener(1).parse()?;
    let listener = ground::sign_in(&store, &listener, now).await?;
    store.close().await;
    Ok(Place {
        tracks,
        listener,
        site: start(folder.path(), &url)?,
        _database: postgres,
        _folder: folder,
    })
}

/// Nobody is asked who supports whom: what is measured is heard by whoever is signed in.
fn start(folder: &Path, url: &str) -> Result<Site, Error> {
    Site::start_in(folder, url, "")
}

impl Place {
    fn visitor(&self) -> Result<Visitor<'_>, Error> {
        Ok(Visitor {
            place: self,
            connection: Connection::open(self.site.address)?,
        })
    }
}

/// Somebody with a connection that stays open.
struct Visitor<'a> {
    place: &'a Place,
    connection: Connection,
}

impl Visitor<'_> {
    /// Asks a few times: how long each took, in milliseconds.
    fn take_turn(&mut self, kind: Kind, turn: u64) -> Result<Vec<f64>, Error> {
        let Place {
            tracks,
            listener,
            site,
            ..
        } = self.place;
        let address = site.address.to_string();
        let mut times = Vec::new();
        for number in turn.saturating_mul(TURN)..turn.saturating_add(1).saturating_mul(TURN) {
            let paths = (kind.paths)(*tracks, scattered(number));
            let requests = paths.iter().map(|path| get(path, Some(listener)));
            let requests: Vec<_> = requests
                .map(|request| request.replace(ground::HOST, &address))
                .collect();
            let begun = clock::now();
            for request in &requests {
                let (status, body) = self.connection.fetch(request.as_bytes())?;
                if status != 200 {
                    let body = String::from_utf8_lossy(&body);
                    let what = format_args!("{}: {status}, {body}", kind.name);
                    return Err(Error::wrong(what));
                }
            }
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
        }
        Ok(times)
    }
}

/// A number that looks random, always the same for one (`SplitMix64`).
fn scattered(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_there() {
        for number in 0..10_000 {
            let random = scattered(number);
            let track = heard(1_000, random);
            assert!(track <= 1_000 && !track.is_multiple_of(5) && ![7, 8].contains(&(track % 20)));
            assert!((1..=7).contains(&among(7, random)));
            assert_eq!(word(random).len(), 6);
        }
    }
}
