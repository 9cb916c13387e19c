//! What artists do with their tracks, and what listeners see of them.

use std::fs;

use gatefold_e2e::{Result, sign_in::whole, terminal::Terminal};
use serde_json::{Value, json};

use crate::stage::{Stage, lines};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_becomes_a_track_and_goes_again() -> Result {
    let stage = Stage::set().await?;
    let artist = &stage.artist;
    artist.audio("tagged.flac", "a file.flac")?;
    artist.audio("float.wav", "夜 \"Tram\".wav")?;
    let refused = artist.run(&["upload", "a file.flac"])?;
    assert_eq!(refused.status, 4, "{refused:?}");
    assert!(
        refused.said.contains("you have no profile as an artist"),
        "{refused:?}"
    );
    stage.profile().await?;

    let uploaded = artist.run(&[
        "upload",
        "a file.flac",
        "夜 \"Tram\".wav",
        "--json",
        "--album",
        "Lines",
        "--tag",
        "Ambient",
        "--tag",
        "a,b",
        "--description",
        "of\ntrams",
        "--gate",
        "supporters",
        "--visibility",
        "unlisted",
        "--downloads",
        "listeners",
    ])?;
    assert_eq!(
        (uploaded.status, uploaded.said.as_str()),
        (0, ""),
        "{uploaded:?}"
    );
    let told = lines(&uploaded)?;
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["file"], "a file.flac");
    assert_eq!(told[1]["track"]["title"], "夜 'Tram'");
    for told in &told {
        let track = &told["track"];
        assert_eq!(told["status"], "completed");
        assert_eq!(track["album"]["title"], "Lines");
        assert_eq!(track["tags"], json!(["ambient", "a,b"]));
        assert_eq!(track["description"], "of\ntrams");
        assert_eq!(track["support_gate"], json!({ "type": "any" }));
        assert_eq!(track["visibility"], "unlisted");
        assert_eq!(track["downloadable"], true);
    }
    let draft = artist.run(&["upload", "a file.flac", "--draft", "--title", "Not yet"])?;
    let id = told[1]["track"]["id"].to_string();
    let page = format!("{}/track/", stage.site.origin);
    assert!(draft.output.starts_with("“Not yet” is track "), "{draft:?}");
    assert!(draft.output.contains(&page), "{draft:?}");

    let mine = artist.run(&["list", "--mine"])?.output;
    assert_eq!(mine.lines().count(), 4, "{mine}");
    assert!(mine.contains("Not yet") && mine.contains("draft"), "{mine}");
    let listed = stage.listener.run(&["list", "--json"])?.json()?;
    assert_eq!(listed["tracks"], json!([]));

    // Nobody can be asked.
    let asked = artist.run(&["delete", &id])?;
    assert_eq!(asked.status, 2, "{asked:?}");
    let theirs = stage.listener.run(&["delete", "--yes", &id])?;
    assert_eq!(theirs.status, 5, "{theirs:?}");
    assert!(theirs.said.contains("you have no such track"), "{theirs:?}");
    let deleted = artist.run(&["delete", "--yes", &format!("{page}{id}")])?;
    assert_eq!(deleted.output, format!("“夜 'Tram'” ({id}) is deleted.\n"));
    let again = artist.run(&["delete", "--yes", &id])?;
    assert_eq!(again.status, 5, "{again:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_keeps_nothing_else_from_being_done() -> Result {
    let stage = Stage::with_artist().await?;
    let artist = &stage.artist;
    artist.audio("cbr.mp3", "a.mp3")?;
    fs::write(artist.terminal.folder().join("b.mp3"), "no audio at all")?;
    artist.audio("vbr.mp3", "c.mp3")?;
    let ran = artist.run(&["upload", "a.mp3", "b.mp3", "c.mp3", "--json"])?;
    assert_eq!(ran.status, 4, "{ran:?}");
    let told = lines(&ran)?;
    let status: Vec<_> = told.iter().map(|told| &told["status"]).collect();
    assert_eq!(status, ["completed", "failed", "completed"]);
    assert!(ran.said.starts_with("gatefold: b.mp3: "), "{ran:?}");
    assert!(
        ran.said.ends_with("gatefold: 1 of 3 failed, see above\n"),
        "{ran:?}"
    );
    let mine = artist.run(&["list", "--mine", "--json"])?.json()?;
    let titles = mine["tracks"].as_array().map_or(0, Vec::len);
    assert_eq!(titles, 2, "{mine}");

    // What can be seen before is refused before anything is sent.
    fs::write(artist.terminal.folder().join("empty.mp3"), "")?;
    for (arguments, status, says) in [
        (
            &["upload", "a.mp3", "none.mp3"][..],
            1,
            "none.mp3: No such file",
        ),
        (&["upload", "a.mp3", "."], 1, ".: this is not a file"),
        (
            &["upload", "a.mp3", "empty.mp3"],
            1,
            "empty.mp3: this file is empty",
        ),
        (
            &["upload", "a.mp3", "c.mp3", "--title", "one"],
            2,
            "cannot have one title",
        ),
        (
            &["upload", "a.mp3", "--gate", "friends"],
            2,
            "possible values: supporters, signed-in, open",
        ),
        (
            &["upload", "a.mp3", "--tag", ""],
            4,
            "tags: each has 1 to 50 characters",
        ),
    ] {
        let ran = artist.run(arguments)?;
        assert_eq!(ran.status, status, "{ran:?}");
        assert!(ran.said.contains(says), "{ran:?}");
    }
    let nobody = Terminal::at(&stage.site.origin)?;
    let path = artist.terminal.folder().join("a.mp3").display().to_string();
    let ran = nobody.run(["upload", &path])?;
    assert_eq!(ran.status, 3, "{ran:?}");
    let mine = artist.run(&["list", "--mine", "--json"])?.json()?;
    assert_eq!(mine["tracks"].as_array().map_or(0, Vec::len), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_is_waited_for_until_it_is_so_everywhere() -> Result {
    let stage = Stage::with_artist().await?;
    let artist = &stage.artist;
    let id = stage.publish("cbr.mp3", &["--title", "Night Tram"])?;
    let open = stage.listener.run(&["list"])?.output;
    assert!(
        open.contains("Night Tram") && open.contains("everybody"),
        "{open}"
    );
    for (gate, kind, words) in [
        (
            "supporters",
            json!({ "type": "any" }),
            "those who support you",
        ),
        (
            "signed-in",
            json!({ "type": "signed_in" }),
            "whoever is signed in",
        ),
        ("open", Value::Null, "everybody"),
    ] {
        let ran = artist.run(&["gate", &id, gate])?;
        assert_eq!(
            ran.output,
            format!("“Night Tram” ({id}) is for {words}.\n"),
            "{ran:?}"
        );
        let track = whole(&artist.program.get(&format!("/tracks/{id}")).await?)?;
        assert_eq!(
            (&track["support_gate"], &track["gate_state"]),
            (&kind, &json!("settled"))
        );
        assert_eq!(track["r2_url"].is_null(), gate != "open");
    }
    let ran = artist.run(&["gate", &id, "supporters", "--no-wait", "--json"])?;
    assert_eq!(
        ran.json()?["track"]["support_gate"],
        json!({ "type": "any" })
    );
    let theirs = stage.listener.run(&["gate", &id, "open"])?;
    assert_eq!(theirs.status, 5, "{theirs:?}");
    let none = artist.run(&["gate", "99999", "open"])?;
    assert_eq!(none.status, 5, "{none:?}");
    assert!(none.said.contains("there is no such track"), "{none:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_of_somebody_or_of_something() -> Result {
    let stage = Stage::with_artist().await?;
    let first = stage.publish("cbr.mp3", &["--title", "First", "--tag", "night"])?;
    let second = stage.publish("vbr.mp3", &["--title", "Second", "--gate", "signed-in"])?;
    let listener = &stage.listener;
    let ids = |arguments: &[&str]| -> Result<Vec<String>> {
        let all: Vec<_> = ["list", "--json"]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        let listed = listener.run(&all)?.json()?;
        let tracks = listed["tracks"].as_array().cloned().unwrap_or_default();
        Ok(tracks.iter().map(|track| track["id"].to_string()).collect())
    };
    let (artist, stranger) = (&stage.artist.account, &listener.account);
    assert_eq!(ids(&[])?, [second.clone(), first.clone()]);
    assert_eq!(
        ids(&["--artist", &artist.did])?,
        [second.clone(), first.clone()]
    );
    assert_eq!(
        ids(&["--artist", &format!("@{}", artist.handle)])?,
        [second.clone(), first.clone()]
    );
    assert_eq!(ids(&["--tag", "night"])?, std::slice::from_ref(&first));
    assert_eq!(ids(&["--mine"])?, [""; 0]);
    assert_eq!(ids(&["--limit", "1"])?, [second]);
    let page = listener.run(&["list", "--limit", "1"])?.output;
    let cursor = page
        .lines()
        .last()
        .and_then(|line| line.strip_prefix("There are more: --cursor "));
    assert_eq!(ids(&["--cursor", cursor.ok_or("no cursor")?])?, [first]);
    let nobody = listener.run(&["list", "--artist", &stranger.handle])?;
    assert_eq!(nobody.status, 5, "{nobody:?}");
    assert!(
        nobody.said.contains("no artist here has this handle"),
        "{nobody:?}"
    );
    let none = listener.run(&["list", "--tag", "day"])?;
    assert_eq!(none.output, "There are no such tracks here.\n");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_told_before_all_of_it_is_sent() -> Result {
    let stage = Stage::set_with("[server.uploads]\naudio = \"1 MiB\"").await?;
    stage.profile().await?;
    let path = stage.artist.terminal.folder().join("large.wav");
    fs::File::create(&path)?.set_len(256 << 20)?;
    let ran = stage.artist.run(&["upload", "large.wav"])?;
    assert_eq!(ran.status, 4, "{ran:?}");
    assert_eq!(ran.said, "gatefold: the file is larger than 1 MiB\n");
    let mine = stage.artist.run(&["list", "--mine"])?.output;
    assert!(mine.starts_with("You have no tracks here yet."), "{mine}");
    Ok(())
}
