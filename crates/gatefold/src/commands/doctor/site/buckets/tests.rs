//! What the world sees of buckets in folders, as it should and as it should not.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::*;
use crate::{
    commands::doctor::{fetch::FetchError, finding::State},
    config::Media,
};

/// The world's way to the public bucket.
struct Way {
    /// The folders in which it looks for what it is asked for.
    sees: Vec<PathBuf>,
    /// How it answers for what is in none of them.
    missing: u16,
    /// What it shows where no object is named.
    root: &'static str,
    is_away: bool,
}

impl Fetch for Way {
    async fn get(&self, url: &str, _: Option<&str>) -> Result<Answer, FetchError> {
        if self.is_away {
            return Err(FetchError::TimedOut);
        }
        let path = url.strip_prefix("https://cdn.example.com/").unwrap();
        let path = path.strip_prefix("media/").unwrap_or(path);
        let is_root = path.is_empty() || path.starts_with('?');
        let mut folders = self.sees.iter();
        let found = folders.find_map(|folder| fs::read(folder.join(path)).ok());
        let (status, body) = match found {
            _ if is_root => (200, self.root.into()),
            Some(body) => (200, body),
            None => (self.missing, b"there is nothing".to_vec()),
        };
        Ok(Answer {
            status,
            body,
            ..Answer::default()
        })
    }
}

/// A site whose buckets are in a folder.
fn site(folder: &Path) -> Server {
    for bucket in ["private", "public"] {
        fs::create_dir_all(folder.join(bucket)).unwrap();
    }
    Server {
        media: Media {
            folder: folder.to_owned(),
            public_url: Some(Parsed("https://cdn.example.com".parse().unwrap())),
            ..Media::default()
        },
        ..Server::default()
    }
}

#[tokio::test]
async fn what_the_world_should_not_see_is_told() {
    use State::{Good, Wrong};
    let list = "<?xml version=\"1.0\"?><ListBucketResult><Contents/></ListBucketResult>";
    for (sees, missing, root, state, says) in [
        (&["public"][..], 404, "", Good, "gives public objects"),
        (&["public"], 403, "", Good, "gives public objects"),
        (&["public", "private"], 404, "", Wrong, "PRIVATE"),
        (&["private"], 404, "", Wrong, "PRIVATE"),
        (&["public"], 404, list, Wrong, "lists all objects"),
        (&[], 404, "", Wrong, "404 for an object of the public"),
        (&["public"], 200, "", Wrong, "200 for what is not there"),
        (&["public"], 302, "", Wrong, "302 for what is not there"),
        (&["public"], 0, "", Wrong, "does not answer"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let site = site(folder.path());
        let way = Way {
            sees: sees.iter().map(|it| folder.path().join(it)).collect(),
            missing,
            root,
            is_away: missing == 0,
        };
        let findings = look(&site, &way).await;
        let [private, public, world] = &findings[..] else {
            panic!("{findings:?}")
        };
        assert!(private.state == Good && public.state == Good);
        assert!(
            world.state == state && world.says.contains(says),
            "{world:?}"
        );
        for bucket in ["private", "public"] {
            let audio = folder.path().join(bucket).join("audio");
            assert_eq!(fs::read_dir(audio).unwrap().count(), 0, "nothing is left");
        }
    }
}

#[tokio::test]
async fn where_there_are_no_buckets_nothing_is_asked_or_made() {
    let folder = tempfile::tempdir().unwrap();
    let site = site(folder.path());
    fs::remove_dir(folder.path().join("public")).unwrap();
    let way = Way {
        sees: Vec::new(),
        missing: 404,
        root: "",
        is_away: true,
    };
    let findings = look(&site, &way).await;
    let states: Vec<State> = findings.iter().map(|finding| finding.state).collect();
    assert_eq!(states, [State::Good, State::Notice]);
    assert!(!folder.path().join("public").exists());
}
