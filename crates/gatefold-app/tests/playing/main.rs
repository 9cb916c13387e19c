//! Plays, on both databases: the whole table of decisions, what is delivered, and how soon a change
//! holds, here and in another process.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "what is shared among tests is a part of them, though clippy knows only those"
)]

mod deliveries;
mod ground;

use std::time::Duration;

use gatefold_app::{
    Trouble,
    playing::{Link, Means, PlayError},
};
use gatefold_domain::{AudioFormat, Decision, FileId, Gate, Visibility};
use gatefold_store::TrackEdits;

use ground::*;

async fn every_cell(site: Site) {
    use Decision::{Absent, Play, SignIn, Support};
    use Gate::{Open, SignedIn, Supporters};
    use Visibility::{Draft, Public, Unlisted};
    let process = site.process().await;
    for (number, (gate, visibility, expected)) in (1..).zip([
        (Open, Public, [Play, Play, Play, Play]),
        (Open, Unlisted, [Play, Play, Play, Play]),
        (Open, Draft, [Absent, Absent, Absent, Play]),
        (SignedIn, Public, [SignIn, Play, Play, Play]),
        (SignedIn, Unlisted, [SignIn, Play, Play, Play]),
        (SignedIn, Draft, [Absent, Absent, Absent, Play]),
        (Supporters, Public, [SignIn, Support, Play, Play]),
        (Supporters, Unlisted, [SignIn, Support, Play, Play]),
        (Supporters, Draft, [Absent, Absent, Absent, Play]),
    ]) {
        let file = process.keep(number, gate, visibility).await;
        let viewers = [None, Some(STRANGER), Some(FAN), Some(ARTIST)];
        for (viewer, expected) in viewers.into_iter().zip(expected) {
            let name = format!("{gate:?} {visibility:?} {viewer:?}");
            // Not from memory, and then from it.
            for _ in 0..2 {
                assert_eq!(process.decision(viewer, &file).await, expected, "{name}");
                process.news.tell(None).await.unwrap();
            }
            let viewer = viewer.map(did);
            let play = process.playing.play(viewer.as_ref(), &file).await;
            let Ok(play) = play else {
                assert_eq!(decision(play.err()), expected, "{name}");
                continue;
            };
            assert_eq!((&play.file, play.format), (&file, AudioFormat::Mp3));
            if gate.is_open() && visibility != Draft {
                let url = format!("https://cdn.example/media/{}", public_key(number).as_str());
                assert_eq!(play.link, Link::Public { url }, "{name}");
            } else {
                let viewer = viewer.unwrap();
                let url = play.link.url();
                assert!(
                    url.starts_with("https://music.example/securev1/EC"),
                    "{name}"
                );
                let (source, client) = site.opened(url);
                let object = private_key(number);
                assert_eq!(source, format!("private:{}", object.as_str()), "{name}");
                assert_eq!(client, viewer.as_str(), "{name}");
                let again = process.reconsidered(viewer.as_str(), number).await;
                assert_eq!(again, Play, "{name}");
            }
        }
    }
    let none = FileId::random([99; 16]);
    assert_eq!(process.decision(Some(ARTIST), &none).await, Absent);
    assert_eq!(process.reconsidered(ARTIST, 99).await, Absent);
}

/// In every process of a site, a link stays the same until its window ends.
async fn a_link_lasts(site: Site) {
    let (one, other) = (site.process().await, site.process().await);
    let file = one.keep(1, Gate::Supporters, Visibility::Public).await;
    let fan = did(FAN);
    let link = async |process: &Process| {
        let play = process.playing.play(Some(&fan), &file).await.unwrap();
        let Link::Private(link) = play.link else {
            panic!("it is public");
        };
        assert_eq!(
            (link.means, link.grace, link.lifetime),
            (Means::Sealed, 30, 1800)
        );
        (link.url, link.valid_until.0)
    };
    let (first, until) = link(&one).await;
    assert_eq!(link(&other).await.0, first);
    let left = until - 1_790_000_000;
    site.clock.advance(Duration::from_secs(left - 1));
    assert_eq!(link(&one).await.0, first);
    site.clock.advance(Duration::from_secs(1));
    let (next, _) = link(&one).await;
    assert_ne!(next, first);
    assert_eq!(link(&other).await.0, next);
}

/// What is in a link of somebody else's is theirs.
async fn a_link_is_of_one_listener(site: Site) {
    let process = site.process().await;
    let file = process.keep(1, Gate::SignedIn, Visibility::Public).await;
    let mut links = Vec::new();
    for viewer in [FAN, STRANGER, ARTIST] {
        let play = process.playing.play(Some(&did(viewer)), &file).await;
        links.push(play.unwrap().link.url().to_owned());
    }
    links.dedup();
    assert_eq!(links.len(), 3);
}

/// A gate that is tightened holds at once where that was done, and elsewhere with the next news.
async fn a_gate_holds(site: Site) {
    let (here, there) = (site.process().await, site.process().await);
    let file = here.keep(1, Gate::SignedIn, Visibility::Public).await;
    let cursor = there.news.tell(None).await.unwrap();
    here.news.tell(None).await.unwrap();
    let id = here.tracks.by_file(&file).await.unwrap().unwrap().track.id;
    for process in [&here, &there] {
        assert_eq!(
            process.decision(Some(STRANGER), &file).await,
            Decision::Play
        );
        assert_eq!(process.reconsidered(STRANGER, 1).await, Decision::Play);
    }

    here.edit(id, gated(Gate::Supporters)).await;
    let again = async |process: &Process| {
        let asked = process.decision(Some(STRANGER), &file).await;
        (asked, process.reconsidered(STRANGER, 1).await)
    };
    let no = (Decision::Support, Decision::Support);
    assert_eq!(again(&here).await, no);
    // It remembers, and has heard nothing yet.
    let yes = (Decision::Play, Decision::Play);
    assert_eq!(again(&there).await, yes);
    there.news.tell(Some(cursor)).await.unwrap();
    assert_eq!(again(&there).await, no);

    // Whoever hears nothing believes what they remember for no more than a second.
    let deaf = site.process().await;
    deaf.news.tell(None).await.unwrap();
    assert_eq!(again(&deaf).await, no);
    here.edit(id, gated(Gate::SignedIn)).await;
    assert_eq!(again(&deaf).await, no);
    site.clock.advance(Duration::from_secs(1));
    assert_eq!(again(&deaf).await, yes);
}

/// What becomes a draft is gone for all but its artist.
async fn a_draft_is_gone(site: Site) {
    let process = site.process().await;
    process.news.tell(None).await.unwrap();
    let file = process.keep(1, Gate::Open, Visibility::Public).await;
    let track = process.tracks.by_file(&file).await.unwrap().unwrap();
    let draft = TrackEdits {
        visibility: Some(Visibility::Draft),
        ..TrackEdits::default()
    };
    process.edit(track.track.id, draft).await;
    assert_eq!(process.decision(None, &file).await, Decision::Absent);
    assert_eq!(process.decision(Some(FAN), &file).await, Decision::Absent);
    // Not from the copy that everybody could have.
    let play = process.playing.play(Some(&did(ARTIST)), &file).await;
    assert!(matches!(play.unwrap().link, Link::Private(_)));
}

/// An open track whose copy is not there yet is nobody's who cannot be named in a link.
async fn what_is_being_published_is_told(site: Site) {
    let process = site.process().await;
    process.news.tell(None).await.unwrap();
    let file = process.keep(1, Gate::SignedIn, Visibility::Public).await;
    let track = process.tracks.by_file(&file).await.unwrap().unwrap();
    process.edit(track.track.id, gated(Gate::Open)).await;
    let anonymous = process.playing.play(None, &file).await;
    assert!(matches!(anonymous, Err(PlayError::Publishing)));
    let play = process.playing.play(Some(&did(STRANGER)), &file).await;
    assert!(matches!(play.unwrap().link, Link::Private(_)));
}

/// What was played a moment ago is played again without a database, and to the edge too.
async fn a_warm_play_asks_no_database(site: Site) {
    let process = site.process().await;
    let file = process.keep(1, Gate::Supporters, Visibility::Public).await;
    process.news.tell(None).await.unwrap();
    let fan = did(FAN);
    let first = process.playing.play(Some(&fan), &file).await.unwrap();
    assert_eq!(process.reconsidered(FAN, 1).await, Decision::Play);
    process.store.close().await;
    let again = process.playing.play(Some(&fan), &file).await.unwrap();
    assert_eq!(again, first);
    assert_eq!(process.reconsidered(FAN, 1).await, Decision::Play);
    assert_eq!(process.decision(None, &file).await, Decision::SignIn);
    // It was a moment ago, and not longer.
    site.clock.advance(Duration::from_secs(1));
    let later = process.playing.play(Some(&fan), &file).await;
    assert!(matches!(
        later,
        Err(PlayError::Trouble(Trouble::Unavailable(_)))
    ));
}

/// Support that has ended holds within a minute, at the edge too.
async fn support_ends(site: Site) {
    let process = site.process().await;
    let file = process.keep(1, Gate::Supporters, Visibility::Public).await;
    assert_eq!(process.decision(Some(FAN), &file).await, Decision::Play);
    site.registry.remove(&did(FAN), &did(ARTIST));
    site.clock.advance(Duration::from_mins(1));
    assert_eq!(process.reconsidered(FAN, 1).await, Decision::Support);
    assert_eq!(process.decision(Some(FAN), &file).await, Decision::Support);
}

macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Site::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::Site::postgres()).await;
            })+
        }
    };
}

on_both!(
    every_cell,
    a_link_lasts,
    a_link_is_of_one_listener,
    a_gate_holds,
    a_draft_is_gone,
    what_is_being_published_is_told,
    a_warm_play_asks_no_database,
    support_ends,
);
