//! What a database of an earlier version has is not lost by bringing it up to date.

use gatefold_domain::Visibility;
use gatefold_store::{AlbumName, AlbumsOf, Edit, TrackEdits};

use crate::{
    database::{Database, Place, at, hash, person},
    on_both,
    tracks::{New, with_artist},
};

on_both!(what_is_there_is_found_and_counted);

/// Back to the fifth schema, whose full-text indexes are each database's own, and which counts less.
const BACK: [&str; 8] = [
    "DELETE FROM schema_migrations WHERE version > 5",
    "DROP TABLE document_words",
    "DROP INDEX documents_by_title",
    "DROP INDEX tags_shown",
    "CREATE INDEX tags_shown ON tags (track_count, name) WHERE track_count > 0",
    "DROP INDEX albums_shown_by_artist",
    "ALTER TABLE artists DROP COLUMN track_count",
    "UPDATE albums SET play_count = 0",
];

async fn what_is_there_is_found_and_counted(database: &Database) {
    let store = with_artist(database).await;
    let artist = person('a');
    let mut ids = Vec::new();
    for (number, visibility) in [
        (1, Visibility::Public),
        (2, Visibility::Public),
        (3, Visibility::Draft),
    ] {
        let new = New {
            visibility,
            ..New::open(number)
        };
        ids.push(new.keep(&store).await.unwrap());
    }
    let edits = TrackEdits {
        title: Some("Last Harbour Tram"),
        album: Edit::Set(AlbumName {
            title: "Lines",
            slug: "lines",
            id: gatefold_domain::AlbumId::from_bytes([1; 16]),
        }),
        tags: Some(&["ambient"]),
        ..TrackEdits::default()
    };
    store
        .tracks()
        .edit(&artist, ids[0], edits, at(1))
        .await
        .unwrap();
    store.tracks().remove(&artist, ids[1], at(2)).await.unwrap();
    for listener in [1, 2] {
        let (plays, listener) = (store.plays(), hash(listener));
        let counted = plays.count(ids[0], &listener, (at(0), at(3)));
        counted.await.unwrap();
    }
    store.close().await;
    for statement in BACK {
        database.sql(statement).await;
    }
    match &database.place {
        Place::Sqlite(_) => {
            let index = include_str!("../../migrations/0005-search.sqlite.sql");
            database.sql(index).await;
        }
        Place::Postgres(_) => {
            let index = include_str!("../../migrations/0005-search.postgres.sql");
            database.sql(index).await;
            database.sql("DROP INDEX tags_by_name").await;
        }
    }
    let store = database.store().await;
    for question in ["harbour", "last tram", "ambient", "lines", "LAST HARB"] {
        let found = store.documents().find(question, None, 10).await.unwrap();
        assert!(!found.is_empty(), "{question}");
    }
    assert_eq!(store.artists().tracks(&artist).await.unwrap(), 2);
    let albums = store.albums().shown(AlbumsOf::Everybody, 10).await.unwrap();
    assert_eq!((albums[0].tracks, albums[0].plays), (1, 2));
    // And it goes on from there.
    store.tracks().remove(&artist, ids[0], at(4)).await.unwrap();
    assert!(
        store
            .documents()
            .find("harbour", None, 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(store.artists().tracks(&artist).await.unwrap(), 1);
}
