//! How the databases find what lists show: by an index that has it in the order in which it is shown, and
//! however many tracks there are, by looking at few.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use gatefold_domain::{AlbumId, TrackId};
use gatefold_store::{AlbumsOf, DocumentKind, Filter, Options, Store, Watcher};
use gatefold_testkit::catalogue;
use serde_json::Value;

use crate::{
    database::{Database, Place, at, crypter},
    on_both,
};

on_both!(no_list_goes_through_what_it_does_not_show);

/// How many tracks there are: more than a list may look at.
const TRACKS: u64 = 100_000;
/// How many a list shows.
const PAGE: u32 = 50;
/// How many rows PostgreSQL looks at for a page, of a table that has one or more for each track. Of those
/// that have fewer it may read all where that is cheaper.
const LOOKED_AT: f64 = 1000.0;
const LARGE: [&str; 7] = [
    "tracks",
    "files",
    "track_tags",
    "likes",
    "features",
    "documents",
    "document_words",
];
/// What is asked of the database, until it is taken.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<String>>>);

impl Asked {
    fn watcher(&self) -> Watcher {
        let asked = Arc::clone(&self.0);
        Arc::new(move |statement| asked.lock().unwrap().push(statement.to_owned()))
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

async fn no_list_goes_through_what_it_does_not_show(database: &Database) {
    database.store().await.close().await;
    catalogue::fill(&url(database), TRACKS).await.unwrap();
    let asked = Asked::default();
    let options = Options::default();
    let store = Store::open_watched(
        &database.url,
        crypter(&[1]),
        options,
        at(0),
        asked.watcher(),
    );
    let store = store.await.unwrap();
    asked.take();
    let mut wrong = String::new();
    let mut explained = 0;
    for (list, found) in lists(&store, &asked).await {
        assert!(!found.is_empty(), "{list} asks nothing");
        for statement in found {
            explained += 1;
            for problem in problems(database, list, &statement).await {
                writeln!(wrong, "{list}: {problem}\n    {statement}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(explained > 30, "{explained}");
}

/// What each list asks, by the list.
async fn lists(store: &Store, asked: &Asked) -> Vec<(&'static str, Vec<String>)> {
    let mut lists = of_tracks(store, asked).await;
    lists.extend(of_others(store, asked).await);
    lists
}

/// What a list has asked that shows something.
fn noted(asked: &Asked, list: &'static str, found: usize) -> (&'static str, Vec<String>) {
    assert!(found > 0, "{list} shows nothing");
    (list, asked.take())
}

async fn of_tracks(store: &Store, asked: &Asked) -> Vec<(&'static str, Vec<String>)> {
    let artist = catalogue::artist(1).parse().unwrap();
    let listener = catalogue::listener(1).parse().unwrap();
    let viewer = Some(&listener);
    let tracks = store.tracks();
    let before = TrackId::new(75_000);
    let word = store.tags().shown("", 1).await.unwrap().remove(0).name;
    asked.take();
    let mut lists = Vec::new();
    let (all, artist) = (Filter::default(), Some(&artist));
    let (tag, album) = (Some(&*word), Some(AlbumId::from_bytes(1u128.to_be_bytes())));
    for (list, filter) in [
        ("the newest", all),
        ("the next page", Filter { before, ..all }),
        ("an artist's", Filter { artist, ..all }),
        (
            "an artist's next page",
            Filter {
                artist,
                before,
                ..all
            },
        ),
        ("with a word", Filter { tag, ..all }),
        ("with a word, the next page", Filter { tag, before, ..all }),
        ("of an album", Filter { album, ..all }),
    ] {
        for viewer in [None, viewer] {
            let found = tracks.shown(filter, PAGE, viewer).await.unwrap();
            lists.push(noted(asked, list, found.len()));
        }
    }
    let found = tracks.newest(before, PAGE).await.unwrap();
    lists.push(noted(asked, "for the home page", found.len()));
    let found = tracks.top(PAGE, viewer).await.unwrap();
    lists.push(noted(asked, "the most liked", found.len()));
    let found = tracks.liked_by(&listener, PAGE).await.unwrap();
    lists.push(noted(asked, "liked by somebody", found.len()));
    let (found, _) = tracks.of_artist(artist.unwrap(), (0, PAGE)).await.unwrap();
    lists.push(noted(asked, "an artist's own", found.len()));
    let ids: Vec<_> = (1..20).filter_map(TrackId::new).collect();
    let found = tracks.shown_of(&ids, viewer).await.unwrap();
    lists.push(noted(asked, "some", found.len()));
    let found = tracks.listed(ids[0], viewer).await.unwrap();
    lists.push(noted(asked, "one", usize::from(found.is_some())));
    lists
}

async fn of_others(store: &Store, asked: &Asked) -> Vec<(&'static str, Vec<String>)> {
    let artist = catalogue::artist(1).parse().unwrap();
    let album = AlbumId::from_bytes(1u128.to_be_bytes());
    let mut lists = Vec::new();
    for of in [
        AlbumsOf::Everybody,
        AlbumsOf::Artist(&artist),
        AlbumsOf::Id(album),
    ] {
        let found = store.albums().shown(of, PAGE).await.unwrap();
        lists.push(noted(asked, "albums", found.len()));
    }
    let found = store.tags().shown("", PAGE).await.unwrap();
    let word = found[0].name.clone();
    lists.push(noted(asked, "words", found.len()));
    let start: String = word.chars().take(2).collect();
    let found = store.tags().shown(&start, PAGE).await.unwrap();
    lists.push(noted(asked, "words that begin so", found.len()));
    let found = store.tags().get(&word).await.unwrap();
    lists.push(noted(asked, "a word", usize::from(found.is_some())));
    let frequent = catalogue::word(0);
    let start: String = frequent.chars().take(3).collect();
    let two = format!("{} {start}", catalogue::word(1));
    for (list, question, kind) in [
        ("what is found", &frequent, None),
        (
            "what tracks are found",
            &frequent,
            Some(DocumentKind::Track),
        ),
        ("what is found by two words", &two, None),
    ] {
        let found = store.documents().find(question, kind, PAGE).await.unwrap();
        lists.push(noted(asked, list, found.len()));
    }
    lists
}

fn url(database: &Database) -> String {
    match &database.place {
        Place::Sqlite(folder) => format!("sqlite:{}/gatefold.db", folder.path().display()),
        Place::Postgres(fresh) => fresh.url.clone(),
    }
}

/// What is wrong with the way in which a statement is answered.
async fn problems(database: &Database, list: &str, statement: &str) -> Vec<String> {
    match &database.place {
        Place::Sqlite(_) => {
            let plan = database.plan(statement).await;
            // A page that was chosen is gone through, whatever its table is called.
            let chosen = |step: &str| {
                let name = step.split(' ').nth(1).unwrap_or_default();
                let made = [format!("CO-ROUTINE {name}"), format!("MATERIALIZE {name}")];
                let scan = format!("SCAN {name}");
                let times = |wanted: &String| plan.iter().filter(|step| *step == wanted).count();
                times(&scan) <= made.iter().map(times).sum()
            };
            let is_wrong = |step: &&String| {
                let goes_through = step.starts_with("SCAN ")
                    && !step.contains("USING ")
                    && !step.contains("VIRTUAL TABLE INDEX")
                    && !chosen(step);
                // It may be sorted once more, and so may words that begin so.
                let is_chosen = statement.contains("(SELECT ") || list == "words that begin so";
                let is_list = statement.contains(" LIMIT ") && !is_chosen;
                goes_through || is_list && step.contains("TEMP B-TREE")
            };
            plan.iter().filter(is_wrong).cloned().collect()
        }
        Place::Postgres(fresh) => {
            // As the store's own connections have it.
            let explain = format!(
                "SET random_page_cost = 1.1; SET join_collapse_limit = 1; \
                 EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}"
            );
            let plan: Value = serde_json::from_str(&fresh.query(&explain).unwrap()).unwrap();
            let mut found = Vec::new();
            walk(&plan[0]["Plan"], &mut found);
            found
        }
    }
}

/// Nodes of a plan that look at too much.
fn walk(node: &Value, found: &mut Vec<String>) {
    let number = |name: &str| node[name].as_f64().unwrap_or_default();
    let removed = ["Rows Removed by Filter", "Rows Removed by Index Recheck"];
    let rows = number("Actual Rows") + removed.into_iter().map(number).sum::<f64>();
    let looked_at = rows * number("Actual Loops");
    let table = node["Relation Name"].as_str().unwrap_or_default();
    if looked_at > LOOKED_AT && LARGE.contains(&table) {
        found.push(format!("{looked_at} rows: {} {table}", node["Node Type"]));
    }
    for inner in node["Plans"].as_array().into_iter().flatten() {
        walk(inner, found);
    }
}
