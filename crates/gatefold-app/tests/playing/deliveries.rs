//! What each delivery makes of a granted play, and until when.

use std::{sync::Arc, time::Duration};

use gatefold_app::{
    Trouble,
    playing::{
        Link, Means, PlayError, Presigned, Private, PrivateLink, RedeemError, TokenRefusal, Tokens,
    },
};
use gatefold_domain::{Did, FileId, Gate, Visibility};
use gatefold_media::bucket::{Bucket, SignedUrlRefusal, UrlSigner};
use zeroize::Zeroizing;

use crate::ground::*;

const SITE: &str = "https://music.example";

fn tokens() -> Private {
    Private::Token(Tokens::new(Zeroizing::new([7; 32]), 1800))
}

async fn link(process: &Process, viewer: &Did, file: &FileId) -> PrivateLink {
    match process.playing.play(Some(viewer), file).await.unwrap().link {
        Link::Private(link) => link,
        Link::Public { url } => panic!("{url} is for everybody"),
    }
}

/// What is refused of it, if anything.
async fn redeemed(
    process: &Process,
    viewer: &str,
    file: &FileId,
    token: &str,
) -> Option<RedeemError> {
    let redeemed = process.playing.redeem(&did(viewer), file, token).await;
    redeemed.err()
}

#[tokio::test]
async fn a_token_is_one_listeners_until_its_window_ends() {
    let site = Site::sqlite();
    let (one, other) = (
        site.process_by(tokens()).await,
        site.process_by(tokens()).await,
    );
    let file = one.keep(1, Gate::Supporters, Visibility::Public).await;
    let given = link(&one, &did(FAN), &file).await;
    assert_eq!(
        (given.means, given.lifetime, given.grace),
        (Means::Token, 1800, 30)
    );
    let start = format!("{SITE}/audio/{file}/stream?token=");
    let token = given.url.strip_prefix(&start).unwrap();
    // Any instance makes it, and knows it.
    assert_eq!(link(&other, &did(FAN), &file).await, given);
    assert!(redeemed(&other, FAN, &file, token).await.is_none());
    for (viewer, spoiled) in [(ARTIST, token), (STRANGER, token), (FAN, "AAAA")] {
        let refused = redeemed(&one, viewer, &file, spoiled).await;
        assert!(matches!(
            refused,
            Some(RedeemError::Token(TokenRefusal::NotTheirs))
        ));
    }
    let left = given.valid_until.0 - 1_790_000_000;
    site.clock.advance(Duration::from_secs(left + 29));
    assert!(redeemed(&one, FAN, &file, token).await.is_none());
    site.clock.advance(Duration::from_secs(1));
    let refused = redeemed(&one, FAN, &file, token).await;
    assert!(matches!(
        refused,
        Some(RedeemError::Token(TokenRefusal::Expired))
    ));
    assert!(link(&one, &did(FAN), &file).await.url != given.url);
}

#[tokio::test]
async fn a_token_is_worth_no_more_than_whoever_has_it() {
    let site = Site::sqlite();
    let process = site.process_by(tokens()).await;
    let file = process.keep(1, Gate::Supporters, Visibility::Public).await;
    let given = link(&process, &did(FAN), &file).await;
    let (_, token) = given.url.split_once("token=").unwrap();
    site.registry.remove(&did(FAN), &did(ARTIST));
    site.clock.advance(Duration::from_mins(1));
    let refused = redeemed(&process, FAN, &file, token).await;
    assert!(matches!(
        refused,
        Some(RedeemError::Play(PlayError::Support(_)))
    ));
    // Where there are no tokens, none is taken.
    let refused = redeemed(&site.process().await, FAN, &file, token).await;
    assert!(matches!(
        refused,
        Some(RedeemError::Token(TokenRefusal::NotTheirs))
    ));
}

#[tokio::test]
async fn a_presigned_url_is_the_same_for_a_while_and_never_good_for_longer_than_five_minutes() {
    let site = Site::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let signer = UrlSigner::new(SITE, &[7; 32]);
    let bucket = Bucket::folder(folder.path())
        .unwrap()
        .signing(signer.clone());
    let presigned = || Private::Presigned(Box::new(Presigned::new(bucket.clone())));
    let process = site.process_by(presigned()).await;
    let file = process.keep(1, Gate::Supporters, Visibility::Public).await;
    let opened = |url: &str| {
        let rest = url.strip_prefix(&format!("{SITE}/objects/")).unwrap();
        let (path, query) = rest.split_once('?').unwrap();
        let now = gatefold_domain::Clock::now(&site.clock).into();
        signer
            .open(path, query, now)
            .map(|opened| (opened.key, opened.disposition))
    };
    let mut urls = Vec::new();
    for second in 0..600 {
        let given = link(&process, &did(FAN), &file).await;
        let now = 1_790_000_000 + second;
        assert!(
            given.valid_until.0 > now + 149 && given.valid_until.0 <= now + 300,
            "{second}"
        );
        assert_eq!((given.means, given.grace), (Means::Presigned, 0));
        assert!(opened(&given.url) == Ok((private_key(1), None)));
        // It is no one's: neither listener nor process make a difference.
        assert_eq!(link(&process, &did(ARTIST), &file).await, given);
        if !urls.contains(&given.url) {
            urls.push(given.url);
        }
        site.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(urls.len(), 5, "600 seconds that begin within 150 of them");
    assert!(opened(&urls[0]) == Err(SignedUrlRefusal::Expired));
    let other = site.process_by(presigned()).await;
    assert_eq!(
        link(&other, &did(FAN), &file).await,
        link(&process, &did(FAN), &file).await
    );

    let found = process.playing.ask(Some(&did(FAN)), &file).await.unwrap();
    let words = "attachment; filename=\"a.mp3\"";
    let saved = process.playing.save(&found, words).await.unwrap().unwrap();
    assert!(opened(&saved) == Ok((private_key(1), Some(words.to_owned()))));
    site.clock.advance(Duration::from_mins(5));
    assert!(opened(&saved) == Err(SignedUrlRefusal::Expired));
}

/// An address that works by itself would outlive a gate that is put up.
#[tokio::test]
async fn what_is_open_is_not_saved_by_an_address_that_works_by_itself() {
    let site = Site::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let bucket = Bucket::folder(folder.path()).unwrap();
    let presigned = || Private::Presigned(Box::new(Presigned::new(bucket.clone())));
    let process = site.process_by(presigned()).await;
    let open = process.keep(1, Gate::Open, Visibility::Public).await;
    let found = process.playing.ask(None, &open).await.unwrap();
    assert!(
        process
            .playing
            .save(&found, "attachment")
            .await
            .unwrap()
            .is_none()
    );
    // By other deliveries, nothing is.
    let gated = process.keep(2, Gate::Supporters, Visibility::Public).await;
    for process in [site.process().await, site.process_by(tokens()).await] {
        let found: Arc<_> = process.playing.ask(Some(&did(FAN)), &gated).await.unwrap();
        assert!(
            process
                .playing
                .save(&found, "attachment")
                .await
                .unwrap()
                .is_none()
        );
    }
    // A bucket that cannot sign is a defect of the site's, and no answer.
    let played = process.playing.play(Some(&did(FAN)), &gated).await;
    assert!(matches!(
        played,
        Err(PlayError::Trouble(Trouble::Broken(_)))
    ));
}
