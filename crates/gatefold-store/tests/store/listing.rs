//! Lists, likes, counts, albums and search: what everybody sees, and nothing else.

use gatefold_domain::{AlbumId, Did, Gate, TrackId, Visibility};
use gatefold_store::{
    AlbumName, AlbumsOf, DocumentKind, Edit, Edited, Filter, JobKind, Store, TrackEdits,
};

use crate::{
    database::{Database, at, hash, person},
    on_both,
    tracks::{New, with_artist},
};

on_both!(
    lists_are_of_what_everybody_sees,
    a_like_is_counted_once,
    a_play_is_counted_once_in_a_while,
    albums_are_seen_with_their_tracks,
    what_everybody_sees_is_found,
);

fn edits() -> TrackEdits<'static> {
    TrackEdits::default()
}

async fn edit(store: &Store, id: TrackId, edits: TrackEdits<'_>) {
    let edited = store.tracks().edit(&person('a'), id, edits, at(50)).await;
    assert_eq!(edited.unwrap(), Edited::Done);
}

async fn with_listener(database: &Database) -> (Store, Did) {
    let store = with_artist(database).await;
    let listener = person('b');
    store.accounts().seen(&listener, None, at(0)).await.unwrap();
    (store, listener)
}

async fn lists_are_of_what_everybody_sees(database: &Database) {
    let (store, listener) = with_listener(database).await;
    let mut ids = Vec::new();
    for (number, visibility) in [
        (1, Visibility::Public),
        (2, Visibility::Draft),
        (3, Visibility::Unlisted),
        (4, Visibility::Public),
    ] {
        let new = New {
            visibility,
            ..New::open(number)
        };
        ids.push(new.keep(&store).await.unwrap());
    }
    edit(
        &store,
        ids[3],
        TrackEdits {
            tags: Some(&["day"]),
            ..edits()
        },
    )
    .await;
    let tracks = store.tracks();
    let shown = async |filter| {
        let found = tracks.shown(filter, 10, Some(&listener)).await.unwrap();
        found
            .iter()
            .map(|listed| listed.track.id)
            .collect::<Vec<_>>()
    };
    let artist = person('a');
    for (filter, expected) in [
        (Filter::default(), vec![ids[3], ids[0]]),
        (
            Filter {
                before: Some(ids[3]),
                ..Filter::default()
            },
            vec![ids[0]],
        ),
        (
            Filter {
                artist: Some(&artist),
                ..Filter::default()
            },
            vec![ids[3], ids[0]],
        ),
        (
            Filter {
                artist: Some(&listener),
                ..Filter::default()
            },
            vec![],
        ),
        (
            Filter {
                tag: Some("night"),
                ..Filter::default()
            },
            vec![ids[0]],
        ),
        (
            Filter {
                tag: Some("day"),
                ..Filter::default()
            },
            vec![ids[3]],
        ),
        (
            Filter {
                tag: Some("none"),
                ..Filter::default()
            },
            vec![],
        ),
    ] {
        assert_eq!(shown(filter).await, expected, "{filter:?}");
    }
    let (own, total) = tracks.of_artist(&artist, (1, 2)).await.unwrap();
    let own: Vec<_> = own.iter().map(|listed| listed.track.id).collect();
    assert_eq!((own, total), (vec![ids[2], ids[1]], 4));
    let one = tracks.listed(ids[0], None).await.unwrap().unwrap();
    assert_eq!(one.tags, ["night", "tram"]);
    assert_eq!(one.description.as_deref(), Some("of trams"));
    assert!(one.record.is_none() && one.album.is_none() && one.original.is_none());
    let tags = store.tags().shown("", 10).await.unwrap();
    let tags: Vec<_> = tags
        .iter()
        .map(|tag| (tag.name.as_str(), tag.tracks))
        .collect();
    assert_eq!(tags, [("day", 1), ("night", 1), ("tram", 1)]);
    assert_eq!(store.tags().shown("ni", 10).await.unwrap().len(), 1);
    assert!(store.tags().shown("%", 10).await.unwrap().is_empty());
}

async fn a_like_is_counted_once(database: &Database) {
    let (store, listener) = with_listener(database).await;
    let id = New::open(1).keep(&store).await.unwrap();
    let other = New::open(2).keep(&store).await.unwrap();
    let likes = store.likes();
    let set = async |id, liked| {
        let set = likes
            .set(id, &listener, (liked, "3laaaaaaaaa2b"), at(5))
            .await;
        set.unwrap()
    };
    for (liked, count) in [(true, 1), (true, 1), (false, 0), (false, 0), (true, 1)] {
        assert!(set(id, liked).await);
        let listed = store
            .tracks()
            .listed(id, Some(&listener))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((listed.is_liked, listed.like_count), (liked, count));
    }
    assert!(!set(TrackId::new(99).unwrap(), true).await);
    let everybody = store.tracks().listed(id, None).await.unwrap().unwrap();
    assert!(!everybody.is_liked);
    set(other, true).await;
    set(other, false).await;
    let liked = store.tracks().liked_by(&listener, 10).await.unwrap();
    assert_eq!(liked.len(), 1);
    let top = store.tracks().top(10, None).await.unwrap();
    assert_eq!(
        top.iter().map(|listed| listed.track.id).collect::<Vec<_>>(),
        [id]
    );
    // One job for each like, which says what is wanted last.
    let jobs = store.jobs();
    let mut wanted = Vec::new();
    while let Some(job) = jobs
        .take(&[JobKind::Like], 1, at(99), at(100))
        .await
        .unwrap()
    {
        let like = likes.of(&job).await.unwrap().unwrap();
        assert!(like.subject.is_none(), "what is liked has no record");
        wanted.push((like.track, like.is_wanted));
        likes.settled(&job, &like, at(99)).await.unwrap();
    }
    wanted.sort_unstable();
    assert_eq!(wanted, [(id, true), (other, false)]);
    let rows = database.sql("SELECT count(*) FROM likes").await;
    assert_eq!(rows, ["1"], "what is not wanted is forgotten");
}

async fn a_play_is_counted_once_in_a_while(database: &Database) {
    let (store, _) = with_listener(database).await;
    let id = New::open(1).keep(&store).await.unwrap();
    let plays = store.plays();
    for (who, since, now, count) in [
        (1, 0, 10, 1),
        (1, 0, 20, 1),
        (2, 0, 20, 2),
        (1, 11, 40, 3),
        (1, 12, 41, 3),
    ] {
        let counted = plays.count(id, &hash(who), (at(since), at(now))).await;
        assert_eq!(counted.unwrap(), Some(count), "{who} at {now}");
    }
    let none = TrackId::new(99).unwrap();
    let counted = plays.count(none, &hash(1), (at(0), at(1))).await;
    assert_eq!(counted.unwrap(), None);
    assert_eq!(plays.sweep(at(40), 10).await.unwrap(), 1);
    assert_eq!(database.sql("SELECT count(*) FROM plays").await, ["1"]);
}

async fn albums_are_seen_with_their_tracks(database: &Database) {
    let (store, _) = with_listener(database).await;
    let id = New::open(1).keep(&store).await.unwrap();
    let album = |title, slug, number| {
        Edit::Set(AlbumName {
            title,
            slug,
            id: AlbumId::from_bytes([number; 16]),
        })
    };
    edit(
        &store,
        id,
        TrackEdits {
            album: album("Lines", "lines", 1),
            ..edits()
        },
    )
    .await;
    let artist = person('a');
    let count = async |of| store.albums().shown(of, 10).await.unwrap().len();
    for (of, expected) in [
        (AlbumsOf::Everybody, 1),
        (AlbumsOf::Artist(&artist), 1),
        (AlbumsOf::Slug(&artist, "lines"), 1),
        (AlbumsOf::Slug(&artist, "Lines"), 0),
        (AlbumsOf::Id(AlbumId::from_bytes([1; 16])), 1),
        (AlbumsOf::Id(AlbumId::from_bytes([2; 16])), 0),
    ] {
        assert_eq!(count(of).await, expected, "{of:?}");
    }
    let found = store.albums().shown(AlbumsOf::Everybody, 10).await.unwrap();
    assert_eq!((found[0].tracks, found[0].plays), (1, 0));
    let draft = TrackEdits {
        visibility: Some(Visibility::Draft),
        ..edits()
    };
    edit(&store, id, draft).await;
    assert_eq!(
        count(AlbumsOf::Everybody).await,
        0,
        "its title is nobody's business"
    );
}

async fn what_everybody_sees_is_found(database: &Database) {
    let (store, _) = with_listener(database).await;
    let id = New::open(1).keep(&store).await.unwrap();
    let gated = New {
        gate: Gate::Supporters,
        ..New::open(2)
    };
    let gated = gated.keep(&store).await.unwrap();
    let draft = New {
        visibility: Visibility::Draft,
        ..New::open(3)
    };
    let draft = draft.keep(&store).await.unwrap();
    edit(
        &store,
        id,
        TrackEdits {
            title: Some("Überfahrt 夜の電車"),
            ..edits()
        },
    )
    .await;
    let find = async |question: &str, kind| {
        let hits = store.documents().find(question, kind, 10).await.unwrap();
        let mut keys: Vec<_> = hits.into_iter().map(|hit| hit.key).collect();
        keys.sort_unstable();
        keys
    };
    let keys = |ids: &[TrackId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let tracks = Some(DocumentKind::Track);
    for (question, expected) in [
        ("tram", keys(&[id, gated])),
        ("NIGHT tr", keys(&[id, gated])),
        ("überf", keys(&[id])),
        ("夜の電車", keys(&[id])),
        ("nothing", keys(&[])),
        ("\" OR *", keys(&[])),
    ] {
        assert_eq!(find(question, tracks).await, expected, "{question}");
    }
    assert_eq!(find("signals", None).await, [person('a').to_string()]);
    assert_eq!(
        find("alice.example.com", Some(DocumentKind::Artist))
            .await
            .len(),
        1
    );
    // What is shown is found, and what is no longer shown is not.
    let public = TrackEdits {
        visibility: Some(Visibility::Public),
        ..edits()
    };
    edit(&store, draft, public).await;
    assert_eq!(find("tram", tracks).await, keys(&[id, gated, draft]));
    store
        .tracks()
        .remove(&person('a'), draft, at(60))
        .await
        .unwrap();
    let hidden = TrackEdits {
        visibility: Some(Visibility::Unlisted),
        ..edits()
    };
    edit(&store, gated, hidden).await;
    assert_eq!(find("tram", tracks).await, keys(&[id]));
    let first = store.documents().find("night", None, 10).await.unwrap();
    assert!(first[0].relevance > 0.0);
}
