//! What a database is for is said once.

use gatefold_store::Installation::{Demonstration, Site};

use crate::{
    database::{Database, at, person},
    on_both,
};

on_both!(the_first_to_say_decides, people_make_a_site);

async fn the_first_to_say_decides(database: &Database) {
    let (one, other) = (database.store().await, database.store().await);
    assert!(one.claim(Demonstration).await.unwrap());
    assert!(other.claim(Demonstration).await.unwrap());
    assert!(!other.claim(Site).await.unwrap());
    assert!(one.claim(Demonstration).await.unwrap());
}

/// One from before there were demonstrations is a site's as soon as somebody has an account there.
async fn people_make_a_site(database: &Database) {
    let store = database.store().await;
    let who = person('a');
    store.accounts().seen(&who, None, at(0)).await.unwrap();
    database
        .sql("DELETE FROM schema_migrations WHERE version > 1")
        .await;
    database.sql("DROP INDEX accounts_by_handle").await;
    for table in [
        "document_words",
        "documents",
        "jobs",
        "uploads",
        "plays",
        "likes",
        "features",
        "track_tags",
        "tags",
        "waveforms",
        "files",
        "revisions",
        "tracks",
        "albums",
        "images",
        "objects",
        "artists",
        "installation",
    ] {
        database.sql(&format!("DROP TABLE {table}")).await;
    }
    let upgraded = database.store().await;
    assert!(!upgraded.claim(Demonstration).await.unwrap());
    assert!(upgraded.claim(Site).await.unwrap());
}
