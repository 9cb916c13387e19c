//! Artists, as they show themselves.

use gatefold_domain::Handle;
use gatefold_store::{Change, Edit, Profile, ProfileEdits};

use crate::{
    database::{Database, at, person},
    on_both,
};

on_both!(
    an_artist_is_found_as_they_show_themselves,
    nobody_becomes_an_artist_twice,
    edits_at_the_same_time_leave_each_other_alone,
    a_handle_leads_to_who_has_it_now,
);

async fn an_artist_is_found_as_they_show_themselves(database: &Database) {
    let store = database.store().await;
    let (who, handle) = (person('a'), handle("alice.example.com"));
    store
        .accounts()
        .seen(&who, Some(&handle), at(0))
        .await
        .unwrap();
    let profile = Profile {
        display_name: "Alice & the Signals",
        bio: Some("Two lines,\nand a 🎷"),
        avatar_url: Some("https://example.com/a.png"),
        support_url: Some("https://example.com/support"),
        shows_liked: true,
    };
    assert!(store.artists().add(&who, profile, at(1)).await.unwrap());
    let cursor = store.changes().cursor().await.unwrap();
    for found in [
        store.artists().get(&who).await.unwrap().unwrap(),
        store.artists().by_handle(&handle).await.unwrap().unwrap(),
    ] {
        assert_eq!((&found.did, found.handle.as_ref()), (&who, Some(&handle)));
        assert_eq!(found.display_name, "Alice & the Signals");
        assert_eq!(found.bio.as_deref(), Some("Two lines,\nand a 🎷"));
        assert_eq!(
            found.avatar_url.as_deref(),
            Some("https://example.com/a.png")
        );
        assert_eq!(
            found.support_url.as_deref(),
            Some("https://example.com/support")
        );
        assert!(found.shows_liked);
        assert_eq!((found.created, found.updated), (at(1), at(1)));
    }
    let less = Profile {
        display_name: "Alice",
        ..Profile::default()
    };
    store.artists().put(&who, less, at(2)).await.unwrap();
    let found = store.artists().get(&who).await.unwrap().unwrap();
    assert_eq!(found.display_name, "Alice");
    assert_eq!(
        (found.bio, found.avatar_url, found.support_url),
        (None, None, None)
    );
    assert!(!found.shows_liked);
    assert_eq!((found.created, found.updated), (at(1), at(2)));
    let news = store.changes().since(cursor).await.unwrap();
    assert_eq!(news.changes, [Change::Account(who)]);
    assert!(store.artists().get(&person('b')).await.unwrap().is_none());
}

async fn nobody_becomes_an_artist_twice(database: &Database) {
    let store = database.store().await;
    let who = person('a');
    let profile = |display_name| Profile {
        display_name,
        ..Profile::default()
    };
    assert!(
        store
            .artists()
            .add(&who, profile("Nobody"), at(0))
            .await
            .is_err()
    );
    store.accounts().seen(&who, None, at(0)).await.unwrap();
    assert!(
        store
            .artists()
            .add(&who, profile("First"), at(0))
            .await
            .unwrap()
    );
    assert!(
        !store
            .artists()
            .add(&who, profile("Second"), at(1))
            .await
            .unwrap()
    );
    let found = store.artists().get(&who).await.unwrap().unwrap();
    assert_eq!(
        (found.display_name.as_str(), found.updated),
        ("First", at(0))
    );
}

async fn edits_at_the_same_time_leave_each_other_alone(database: &Database) {
    let store = database.store().await;
    let (who, artists) = (person('a'), store.artists());
    let nothing = ProfileEdits::default();
    assert!(!artists.edit(&who, nothing, at(0)).await.unwrap());
    store.accounts().seen(&who, None, at(0)).await.unwrap();
    let profile = Profile {
        display_name: "First",
        avatar_url: Some("https://example.com/a.png"),
        support_url: Some("https://example.com/support"),
        ..Profile::default()
    };
    artists.add(&who, profile, at(1)).await.unwrap();
    let name = ProfileEdits {
        display_name: Some("Second"),
        support_url: Edit::Clear,
        ..nothing
    };
    let bio = ProfileEdits {
        bio: Edit::Set("of myself"),
        shows_liked: Some(true),
        ..nothing
    };
    let cursor = store.changes().cursor().await.unwrap();
    let (name, bio) = tokio::join!(
        artists.edit(&who, name, at(2)),
        artists.edit(&who, bio, at(2))
    );
    assert!(name.unwrap() && bio.unwrap());
    let found = artists.get(&who).await.unwrap().unwrap();
    assert_eq!(found.display_name, "Second");
    assert_eq!(found.bio.as_deref(), Some("of myself"));
    let avatar = Some("https://example.com/a.png");
    assert_eq!(found.avatar_url.as_deref(), avatar);
    assert_eq!(found.support_url, None);
    assert!(found.shows_liked);
    assert_eq!((found.created, found.updated), (at(1), at(2)));
    let news = store.changes().since(cursor).await.unwrap();
    let change = || Change::Account(who.clone());
    assert_eq!(news.changes, [change(), change()]);
}

async fn a_handle_leads_to_who_has_it_now(database: &Database) {
    let store = database.store().await;
    let handle = handle("band.example.com");
    for (letter, second) in [('a', 5), ('b', 9), ('c', 7)] {
        let who = person(letter);
        store
            .accounts()
            .seen(&who, Some(&handle), at(second))
            .await
            .unwrap();
        let profile = Profile {
            display_name: "A band",
            ..Profile::default()
        };
        store
            .artists()
            .add(&who, profile, at(second))
            .await
            .unwrap();
    }
    let found = store.artists().by_handle(&handle).await.unwrap().unwrap();
    assert_eq!(found.did, person('b'));
    let other = self::handle("other.example.com");
    assert!(store.artists().by_handle(&other).await.unwrap().is_none());
}

fn handle(text: &str) -> Handle {
    text.parse().unwrap()
}
